"""Messages to send: hypothesis strategies for any plausible one, and a fixed set where one of each is enough."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from roampost.domain.messages import (
    Calibration,
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    LateAuthorization,
    PricingProductsMessage,
    ProgressMessage,
    SessionRef,
    SignedValue,
    StartMessage,
    StatusMessage,
)
from roampost.domain.pricing import EvsePricing, PriceList, PricingProduct, Unit
from roampost.domain.stamp import Stamp
from roampost.hubs.base import When
from roampost.hubs.oicp.encode import Operator, Sayable, request_for
from tests.agent.poi.makers import SPARSE, WHOLE

NOON_MS = 1_790_000_000_000
HUB_SESSION = "b2688855-7f00-0002-6d8e-48d883f6abb6"
UID = "044A2DAA856280"
OPERATOR = Operator("DE*ABC", "Stadtwerke Köln")
CONTRACT = "DE-DCB-C12345678-X"
SESSION = SessionRef(session_id="rp-0001", hub_session_id=HUB_SESSION, evse_id="DE*ABC*E840*1", uid=UID)
OFFLINE = SESSION.model_copy(update={"hub_session_id": None})
REMOTE = SESSION.model_copy(
    update={"uid": None, "contract_id": CONTRACT, "product_id": "AC3", "provider_session_id": "emp-1"}
)


def stamp(after_s: float = 0) -> Stamp:
    return Stamp(boot="b", mono_ms=int(after_s * 1000), wall_ms=NOON_MS + int(after_s * 1000), trusted=True)


def when_at(offset: timedelta) -> When:
    return lambda moment: datetime.fromtimestamp(moment.wall_ms / 1000, UTC).astimezone(timezone(offset))


BERLIN = when_at(timedelta(hours=2))

STATUS = StatusMessage(evse_id="DE*ABC*E840*1", status=EvseStatus.OCCUPIED)
START = StartMessage(session=SESSION, session_start=stamp(), charging_start=stamp(5), meter_start_wh=1_000_500)
END = EndMessage(
    session=SESSION,
    session_start=stamp(),
    session_end=stamp(3600),
    charging_start=stamp(5),
    charging_end=stamp(3500),
    meter_start_wh=1_000_500,
    meter_end_wh=1_031_041,
    energy_wh=30_541,
)
ERROR = ErrorMessage(session=SESSION, error=ErrorKind.CRITICAL, text="RCD tripped")
CDR = ChargeRecord(
    session=SESSION,
    session_start=stamp(),
    session_end=stamp(3600),
    charging_start=stamp(5),
    charging_end=stamp(3500),
    meter_start_wh=1_000_500,
    meter_end_wh=1_031_041,
    energy_wh=30_541,
    flag="closed at the last good reading",
)
FULL_LOAD = FullLoadMessage(
    statuses=(STATUS, StatusMessage(evse_id="DE*ABC*E840*2", status=EvseStatus.AVAILABLE)),
)
LATE = LateAuthorization(session=OFFLINE, session_start=stamp())
PROGRESS = ProgressMessage(
    session=SESSION,
    session_start=stamp(),
    charging_start=stamp(5),
    occurred=stamp(305.5),
    meter_start_wh=1_000_500,
    meters_between_wh=(1_001_000, 1_002_000),
    energy_wh=1_500,
)
PRICES = PriceList(
    provider="*",
    default_price=Decimal("0.50"),
    default_unit=Unit.KWH,
    currency="EUR",
    products=(
        PricingProduct(product_id="AC3", price=Decimal("0.49"), unit=Unit.KWH, currency="EUR", max_power_w=22_000),
    ),
)
EVSE_PRICES = EvsePricing(evse_id="DE*ABC*E840*1", provider="*", products=("AC3",))
DATA = EvseDataMessage(action="update", evse_id=WHOLE.evse_id, data=WHOLE.model_dump_json())
DATA_SET = EvseDataSetMessage(data=(WHOLE.model_dump_json(), SPARSE.model_dump_json()))
PRODUCTS = PricingProductsMessage(action="set", prices=PRICES.model_dump_json())
EVSE_PRICING = EvsePricingMessage(action="set", pricing=(EVSE_PRICES.model_dump_json(),))
# One of each kind, acknowledged; a late authorization has an answer of its own.
ONE_OF_EACH: tuple[Sayable, ...] = (
    STATUS,
    FULL_LOAD,
    START,
    PROGRESS,
    END,
    ERROR,
    CDR,
    DATA,
    DATA_SET,
    PRODUCTS,
    EVSE_PRICING,
)


def said(message: Sayable) -> dict[str, Any]:
    """The request's body, read back."""
    found: dict[str, Any] = json.loads(request_for(message, OPERATOR, BERLIN)[1])
    return found


_hex = st.sampled_from((8, 14, 20)).flatmap(lambda n: st.text("0123456789ABCDEFabcdef", min_size=n, max_size=n))
uids = _hex
operator_ids = st.from_regex(r"([A-Za-z]{2}\*?[A-Za-z0-9]{3})|(\+?[0-9]{1,3}\*[0-9]{3})", fullmatch=True)
evse_ids = st.from_regex(
    r"([A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30})|(\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32})", fullmatch=True
)
operators = st.builds(Operator, operator_ids, st.none() | st.text(min_size=1, max_size=100))
session_ids = st.text(min_size=1, max_size=250)
hub_session_ids = st.uuids().map(str)
stamps = st.builds(
    Stamp,
    boot=st.just("b"),
    mono_ms=st.integers(0, 2**40),
    wall_ms=st.integers(1_600_000_000_000, 4_000_000_000_000),
    trusted=st.booleans(),
)
offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
meters = st.integers(0, 999_999_999)
energies = st.integers(0, 1_000_000)
contracts = st.from_regex(
    r"([A-Z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z])|([A-Z]{2}\*[A-Za-z0-9]{3}\*[A-Za-z0-9]{6}\*[0-9X])",
    fullmatch=True,
)
# What may be odd in a session and still does not keep its record back.
extras = st.none() | st.text(max_size=260)


@st.composite
def sessions(draw: st.DrawFn) -> SessionRef:
    by_card = draw(st.booleans())
    return SessionRef(
        session_id=draw(session_ids),
        hub_session_id=draw(hub_session_ids),
        evse_id=draw(evse_ids),
        uid=draw(uids) if by_card else None,
        contract_id=None if by_card else draw(contracts),
        product_id=draw(extras),
        provider_session_id=draw(extras),
    )


between = st.lists(meters, max_size=4).map(tuple)
calibrations = st.builds(
    Calibration,
    certificate_id=st.none() | st.text(max_size=100),
    public_key=st.none() | st.text(max_size=1000),
    signature_url=st.none() | st.text(max_size=200),
    encoding=st.none() | st.text(max_size=50),
    instruction=st.none() | st.text(max_size=400),
)
signed_values = st.builds(
    SignedValue,
    moment=st.sampled_from(("start", "progress", "end")),
    text=st.integers(0, 3_100).map(lambda length: "s" * length),
)
statuses = st.builds(StatusMessage, evse_id=evse_ids, status=st.sampled_from(EvseStatus))
full_loads = st.lists(st.integers(1, 10_000), min_size=1, max_size=5, unique=True).map(
    lambda numbers: FullLoadMessage(
        statuses=tuple(StatusMessage(evse_id=f"DE*ABC*E{number}", status=EvseStatus.UNKNOWN) for number in numbers)
    )
)
messages: st.SearchStrategy[Sayable] = st.one_of(
    statuses,
    full_loads,
    st.builds(
        LateAuthorization,
        session=sessions().filter(lambda session: session.uid is not None),
        session_start=stamps,
    ),
    st.builds(
        StartMessage,
        session=sessions(),
        session_start=stamps,
        charging_start=stamps,
        meter_start_wh=st.none() | meters,
    ),
    st.builds(
        ProgressMessage,
        session=sessions(),
        session_start=stamps,
        charging_start=stamps,
        occurred=stamps,
        meter_start_wh=st.none() | meters,
        meters_between_wh=between,
        energy_wh=st.none() | energies,
    ),
    st.builds(
        EndMessage,
        session=sessions(),
        session_start=stamps,
        session_end=st.none() | stamps,
        charging_start=st.none() | stamps,
        charging_end=stamps,
        penalty_start=st.none() | stamps,
        meter_start_wh=st.none() | meters,
        meter_end_wh=st.none() | meters,
        meters_between_wh=between,
        energy_wh=st.none() | energies,
    ),
    st.builds(ErrorMessage, session=sessions(), error=st.sampled_from(ErrorKind), text=st.text(max_size=400)),
    st.builds(
        ChargeRecord,
        session=sessions(),
        session_start=stamps,
        session_end=stamps,
        charging_start=stamps,
        charging_end=stamps,
        meter_start_wh=st.none() | meters,
        meter_end_wh=st.none() | meters,
        energy_wh=energies,
        meters_between_wh=between,
        signed=st.lists(signed_values, max_size=14).map(tuple),
        calibration=st.none() | calibrations,
        flag=st.none() | st.text(max_size=20),
    ),
)
