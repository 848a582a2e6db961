"""Messages to send: hypothesis strategies for any plausible one, and a fixed set where one of each is enough."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseStatus,
    Message,
    SessionRef,
    StartMessage,
    StatusMessage,
)
from roampost.domain.stamp import Stamp
from roampost.hubs.base import When
from roampost.hubs.oicp.encode import Operator

NOON_MS = 1_790_000_000_000
HUB_SESSION = "b2688855-7f00-0002-6d8e-48d883f6abb6"
UID = "044A2DAA856280"
OPERATOR = Operator("DE*ABC", "Stadtwerke Köln")
SESSION = SessionRef(session_id="rp-0001", hub_session_id=HUB_SESSION, evse_id="DE*ABC*E840*1", uid=UID)


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
ONE_OF_EACH: tuple[Message, ...] = (STATUS, START, END, ERROR, CDR)

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
sessions = st.builds(SessionRef, session_id=session_ids, hub_session_id=hub_session_ids, evse_id=evse_ids, uid=uids)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(StatusMessage, evse_id=evse_ids, status=st.sampled_from(EvseStatus)),
    st.builds(
        StartMessage,
        session=sessions,
        session_start=stamps,
        charging_start=stamps,
        meter_start_wh=st.none() | meters,
    ),
    st.builds(
        EndMessage,
        session=sessions,
        session_start=stamps,
        session_end=stamps,
        charging_start=st.none() | stamps,
        charging_end=stamps,
        meter_start_wh=st.none() | meters,
        meter_end_wh=st.none() | meters,
        energy_wh=st.none() | energies,
    ),
    st.builds(ErrorMessage, session=sessions, error=st.sampled_from(ErrorKind), text=st.text(max_size=400)),
    st.builds(
        ChargeRecord,
        session=sessions,
        session_start=stamps,
        session_end=stamps,
        charging_start=stamps,
        charging_end=stamps,
        meter_start_wh=meters,
        meter_end_wh=meters,
        energy_wh=energies,
        flag=st.none() | st.text(max_size=20),
    ),
)
