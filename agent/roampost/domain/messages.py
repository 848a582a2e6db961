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
    """Whose session a message is about. session_id is our own; hub_session_id is what the hub gave."""

    session_id: str
    hub_session_id: str
    evse_id: str
    uid: str


class StatusMessage(_Frozen):
    kind: Literal["status"] = "status"
    evse_id: str
    status: EvseStatus


class StartMessage(_Frozen):
    """Energy flows for the first time in this session."""

    kind: Literal["start"] = "start"
    session: SessionRef
    session_start: Stamp
    charging_start: Stamp
    meter_start_wh: int | None = None


class EndMessage(_Frozen):
    """The session is over; charging_start is None when no energy ever flowed (charging_end is then session_end)."""

    kind: Literal["end"] = "end"
    session: SessionRef
    session_start: Stamp
    session_end: Stamp
    charging_start: Stamp | None = None
    charging_end: Stamp
    meter_start_wh: int | None = None
    meter_end_wh: int | None = None
    energy_wh: int | None = None


class ErrorMessage(_Frozen):
    kind: Literal["error"] = "error"
    session: SessionRef
    error: ErrorKind
    text: str


class ChargeRecord(_Frozen):
    """The charge detail record (CDR): what is billed. energy_wh is meter_end_wh − meter_start_wh.

    flag says why a person should look at it (a meter reading was refused, the session was closed at the last
    good reading); None is the ordinary case.
    """

    kind: Literal["cdr"] = "cdr"
    session: SessionRef
    session_start: Stamp
    session_end: Stamp
    charging_start: Stamp
    charging_end: Stamp
    meter_start_wh: int
    meter_end_wh: int
    energy_wh: int
    flag: str | None = None


Message = Annotated[
    StatusMessage | StartMessage | EndMessage | ErrorMessage | ChargeRecord, Field(discriminator="kind")
]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
