"""Short ways to a store and to the values that go into it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseStatus,
    LateAuthorization,
    Message,
    SessionRef,
    StartMessage,
    StatusMessage,
)
from roampost.domain.stamp import Stamp
from roampost.outbox.classes import draft
from roampost.store.changes import Change
from roampost.store.store import Store

Told = TypeVar("Told", StartMessage, EndMessage, ErrorMessage, ChargeRecord, LateAuthorization)
BOOT = "5d6f1c52-boot"
WALL_MS = 1_790_000_000_000


def stamp(mono_ms: int = 1000, *, boot: str = BOOT, trusted: bool = True) -> Stamp:
    return Stamp(boot=boot, mono_ms=mono_ms, wall_ms=WALL_MS + mono_ms, trusted=trusted)


def open_store(path: Path) -> Store:
    return Store.open(path, now_wall_ms=lambda: WALL_MS, boot=BOOT)


def change(*messages: Message, hub: str = "hub", mono_ms: int = 1000, trusted: bool = True) -> Change:
    drafts = tuple(draft(hub, message) for message in messages)
    return Change(stamp(mono_ms, trusted=trusted), drafts=drafts)


def changes(messages: Iterable[Message]) -> list[Change]:
    return [change(message) for message in messages]


def status(value: EvseStatus = EvseStatus.AVAILABLE, evse_id: str = "DE*ABC*E1") -> StatusMessage:
    return StatusMessage(evse_id=evse_id, status=value)


def session(session_id: str = "s1") -> SessionRef:
    return SessionRef(session_id=session_id, hub_session_id=f"h-{session_id}", evse_id="DE*ABC*E1", uid="04A1B2C3D4")


def start(session_id: str = "s1") -> StartMessage:
    return StartMessage(session=session(session_id), session_start=stamp(1), charging_start=stamp(2))


def error(session_id: str = "s1", text: str = "the contactor does not close") -> ErrorMessage:
    return ErrorMessage(session=session(session_id), error=ErrorKind.CRITICAL, text=text)


def end(session_id: str = "s1") -> EndMessage:
    return EndMessage(session=session(session_id), session_start=stamp(1), session_end=stamp(9), charging_end=stamp(9))


def cdr(session_id: str = "s1") -> ChargeRecord:
    return ChargeRecord(
        session=session(session_id),
        session_start=stamp(1),
        session_end=stamp(9),
        charging_start=stamp(2),
        charging_end=stamp(8),
        meter_start_wh=100,
        meter_end_wh=350,
        energy_wh=250,
    )


def late(session_id: str = "s1") -> LateAuthorization:
    return offline(LateAuthorization(session=session(session_id), session_start=stamp(1)))


def offline(message: Told) -> Told:
    """As it is stored while no hub could be asked."""
    unknown = message.session.model_copy(update={"hub_session_id": None})
    return message.model_copy(update={"session": unknown})
