"""What hubs are told in these tests, in nobody's protocol: one session from its card to its record, and an EVSE's news.

Each hub is told of it what it has words for.
"""

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorMessage,
    EvseStatus,
    LateAuthorization,
    Message,
    ProgressMessage,
    SessionRef,
    StartMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.domain.stamp import Stamp
from tests.agent.oicp import samples
from tests.agent.poi.makers import SPARSE, WHOLE

EVSE_ID, NEIGHBOUR = WHOLE.evse_id, SPARSE.evse_id
CARD, STRANGER = samples.UID, "04A2B3C4"
# A place for what the whole of a session tells: after its last moment.
AFTER_MS = 7_200_000
BOOT = samples.stamp().boot
WALL_MS = samples.NOON_MS
DATA = WHOLE.model_dump_json()
STATION = StationDataMessage(action="post", station_id="Hauptstrasse 1", data=(DATA,))
NEXT_STATION = STATION.model_copy(update={"station_id": "Hauptstrasse 2", "data": (SPARSE.model_dump_json(),)})


def at(mono_ms: int) -> Stamp:
    return Stamp(boot=BOOT, mono_ms=mono_ms, wall_ms=WALL_MS + mono_ms, trusted=True)


def session(session_id: str, hub_session_id: str | None = None, uid: str = CARD) -> SessionRef:
    return SessionRef(session_id=session_id, hub_session_id=hub_session_id, evse_id=EVSE_ID, uid=uid)


def late(of: SessionRef) -> LateAuthorization:
    return samples.LATE.model_copy(update={"session": of})


def start(of: SessionRef) -> StartMessage:
    return samples.START.model_copy(update={"session": of})


def progress(of: SessionRef, energy_wh: int, began_ms: int) -> ProgressMessage:
    return samples.PROGRESS.model_copy(
        update={"session": of, "energy_wh": energy_wh, "charging_start": at(began_ms), "occurred": at(began_ms)}
    )


def error(of: SessionRef) -> ErrorMessage:
    return samples.ERROR.model_copy(update={"session": of})


def stays(of: SessionRef) -> EndMessage:
    """Energy flows no more, and the vehicle is still there."""
    return samples.END.model_copy(update={"session": of, "session_end": None})


def leaves(of: SessionRef) -> EndMessage:
    return samples.END.model_copy(update={"session": of})


def record(of: SessionRef) -> ChargeRecord:
    return samples.CDR.model_copy(update={"session": of})


def whole(of: SessionRef) -> tuple[Message, ...]:
    return start(of), error(of), stays(of), record(of)


def reserved(of: SessionRef) -> ChargeRecord:
    """The record of a reservation: no energy, no readings."""
    nothing = {"energy_wh": 0, "meter_start_wh": None, "meter_end_wh": None, "flag": None, "reservation": True}
    return samples.CDR.model_copy(update={"session": of, **nothing})


def status(value: EvseStatus, evse_id: str = EVSE_ID) -> StatusMessage:
    return StatusMessage(evse_id=evse_id, status=value)
