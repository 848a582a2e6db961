"""What the agent has to tell a hub, in nobody's protocol. A hub's own words stay in that hub's package.

A message is a frozen value that is stored as JSON in the outbox and translated when it is sent: a stamp taken
before the clock was synchronized is thereby told right. Energy is integer watt-hours.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from roampost.domain.stamp import Stamp


class EvseStatus(StrEnum):
    """What a driver's app is shown (OICP's set; other hubs map it)."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    OCCUPIED = "occupied"
    OUT_OF_SERVICE = "out_of_service"
    UNKNOWN = "unknown"


class ErrorKind(StrEnum):
    """CONNECTOR: the driver should look at the plug. CRITICAL: the station needs somebody."""

    CONNECTOR = "connector"
    CRITICAL = "critical"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SessionRef(_Frozen):
    """Whose session a message is about.

    session_id is our own. hub_session_id is under which the hub knows it: what it gave, or our own where its protocol
    has none. It is None for a session that was allowed while no hub could be asked: the outbox fills it in when the
    late authorization has brought it. At least one is given of uid (a card), contract_id (a contract that the hub or
    the provider named) and account (the driver in the hub's own words, which only its package reads).
    """

    session_id: str
    hub_session_id: str | None
    evse_id: str
    uid: str | None = None
    contract_id: str | None = None
    account: str | None = None
    product_id: str | None = None
    provider_session_id: str | None = None


SignedMoment = Literal["start", "progress", "end"]


class SignedValue(_Frozen):
    """A dataset that the meter signed itself; text is carried as it came (at most 3000 characters)."""

    moment: SignedMoment
    text: str


class Calibration(_Frozen):
    """How a signed dataset can be verified, as the operator's calibration documents say."""

    certificate_id: str | None = None
    public_key: str | None = None
    signature_url: str | None = None
    encoding: str | None = None
    instruction: str | None = None


class StatusMessage(_Frozen):
    kind: Literal["status"] = "status"
    evse_id: str
    status: EvseStatus


class FullLoadMessage(_Frozen):
    """Replaces the whole set of statuses of the operator at the hub. statuses are of the moment of sending."""

    kind: Literal["full_load"] = "full_load"
    statuses: tuple[StatusMessage, ...]


class StartMessage(_Frozen):
    """Energy flows for the first time in this session."""

    kind: Literal["start"] = "start"
    session: SessionRef
    session_start: Stamp
    charging_start: Stamp
    meter_start_wh: int | None = None


class ProgressMessage(_Frozen):
    """How far a charge has come. Never stored: the newest one waits in memory and is shed first."""

    kind: Literal["progress"] = "progress"
    session: SessionRef
    session_start: Stamp
    charging_start: Stamp
    occurred: Stamp
    meter_start_wh: int | None = None
    meters_between_wh: tuple[int, ...] = ()
    energy_wh: int | None = None


class EndMessage(_Frozen):
    """Energy flows no more. session_end is None while the vehicle stays connected and the session goes on.

    charging_start is None when no energy ever flowed (charging_end is then session_end). penalty_start: from when
    on the place is paid for.
    """

    kind: Literal["end"] = "end"
    session: SessionRef
    session_start: Stamp
    session_end: Stamp | None
    charging_start: Stamp | None = None
    charging_end: Stamp
    penalty_start: Stamp | None = None
    meter_start_wh: int | None = None
    meter_end_wh: int | None = None
    meters_between_wh: tuple[int, ...] = ()
    energy_wh: int | None = None


class ErrorMessage(_Frozen):
    kind: Literal["error"] = "error"
    session: SessionRef
    error: ErrorKind
    text: str


class ChargeRecord(_Frozen):
    """The charge detail record (CDR): what is billed. energy_wh is meter_end_wh − meter_start_wh.

    flag says why a person should look at it (a meter reading was refused, the session was closed at the last
    good reading); None is the ordinary case. signed is in the order start, progress, end. A reservation's record
    (reservation) has no energy and no readings.
    """

    kind: Literal["cdr"] = "cdr"
    session: SessionRef
    session_start: Stamp
    session_end: Stamp
    charging_start: Stamp
    charging_end: Stamp
    meter_start_wh: int | None
    meter_end_wh: int | None
    energy_wh: int
    meters_between_wh: tuple[int, ...] = ()
    signed: tuple[SignedValue, ...] = ()
    calibration: Calibration | None = None
    flag: str | None = None
    reservation: bool = False


class LateAuthorization(_Frozen):
    """Asks the hub for the session of a charge that was allowed while it could not be asked. First in its lane."""

    kind: Literal["late_authorization"] = "late_authorization"
    session: SessionRef
    session_start: Stamp


class EvseDataMessage(_Frozen):
    """What a driver's app is told about an EVSE: the JSON of a `domain.poi.EvsePoi`; for a deletion what was told last.

    JSON, so that the many models of EVSE data are loaded only where such a message is sent.
    """

    kind: Literal["evse_data"] = "evse_data"
    action: Literal["insert", "update", "delete"]
    evse_id: str
    data: str


class EvseDataSetMessage(_Frozen):
    """Replaces the whole set of EVSE data of the operator at the hub; each the JSON of a `domain.poi.EvsePoi`."""

    kind: Literal["evse_data_set"] = "evse_data_set"
    data: tuple[str, ...]


class StationDataMessage(_Frozen):
    """What a driver's app is told about a charging station, for hubs that know stations and not single EVSEs.

    data: its EVSEs, each the JSON of a `domain.poi.EvsePoi`, in the order of their IDs; for a deletion what was told
    last. before: what the hub has acknowledged of this station, None for nothing.
    """

    kind: Literal["station_data"] = "station_data"
    action: Literal["post", "delete"]
    station_id: str
    data: tuple[str, ...]
    before: tuple[str, ...] | None = None


class PricingProductsMessage(_Frozen):
    """The station's pricing products, the JSON of a `domain.pricing.PriceList`. set: all that the operator has."""

    kind: Literal["pricing_products"] = "pricing_products"
    action: Literal["insert", "update", "set"]
    prices: str


class EvsePricingMessage(_Frozen):
    """Which EVSE has which products; each the JSON of a `domain.pricing.EvsePricing`. set: all of the operator's."""

    kind: Literal["evse_pricing"] = "evse_pricing"
    action: Literal["insert", "update", "set"]
    pricing: tuple[str, ...]


SessionMessage = LateAuthorization | StartMessage | ProgressMessage | EndMessage | ErrorMessage | ChargeRecord
Message = Annotated[
    StatusMessage
    | FullLoadMessage
    | SessionMessage
    | EvseDataMessage
    | EvseDataSetMessage
    | StationDataMessage
    | PricingProductsMessage
    | EvsePricingMessage,
    Field(discriminator="kind"),
]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
