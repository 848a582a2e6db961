"""A step's outcome as one change of the store: the EVSE's record, its sessions, messages and notes, all or nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from roampost.clock import Clock, WallTime
from roampost.domain.messages import Message
from roampost.evse.effect import AskStart, AskStop, Closed, Effect, Note, Opened, Tell
from roampost.evse.evse import Evse
from roampost.evse.session import Session
from roampost.outbox.classes import draft, session_lane
from roampost.store.changes import (
    Audit,
    Change,
    CommitReceipt,
    Draft,
    EvseRow,
    Latch,
    OpenedSession,
    SessionRow,
    SessionState,
)

Submit = Callable[[Change], "asyncio.Future[CommitReceipt]"]


class Ledger:
    """hubs: the names of the hubs that each EVSE is on. takes (hub, message): whether the hub has words for it."""

    def __init__(
        self,
        submit: Submit,
        hubs: Mapping[str, Sequence[str]],
        takes: Callable[[str, Message], bool] = lambda _hub, _message: True,
        *,
        clock: Clock,
        wall_time: WallTime,
    ) -> None:
        self._submit = submit
        self._hubs = hubs
        self._takes = takes
        self._clock = clock
        self._wall_time = wall_time
        self._latched: dict[str, tuple[str, ...]] = {}
        self._offset_kept = False

    def remember(self, latches: Sequence[Latch]) -> None:
        """The faults that the store knows already."""
        for latch in latches:
            self._latched[latch.evse_id] = (*self._latched.get(latch.evse_id, ()), latch.fault)

    def learn_time(self) -> None:
        """Keep the boot's offset once the clock is synchronized: what was stamped before is told right by it."""
        stamp = self._clock.stamp()
        if stamp.trusted and not self._offset_kept:
            self._offset_kept = True
            self._wall_time.learn(stamp)
            kept = self._submit(Change(stamp=stamp, trusted_offset_ms=self._wall_time.offset_ms(stamp.boot)))
            kept.add_done_callback(lambda done: done.cancelled() or done.exception())  # a failing disk tells of itself

    def write(self, evse: Evse, effects: tuple[Effect, ...]) -> "asyncio.Future[CommitReceipt]":
        """Hand the change to the store; the future is done when it is on the disk."""
        stamp = self._clock.stamp()
        before, now = self._latched.get(evse.evse_id, ()), evse.faults
        self._latched[evse.evse_id] = now
        change = Change(
            stamp=stamp,
            evses=(EvseRow(evse.evse_id, evse.state, evse.model_dump_json(), evse.permitted_ma, evse.since),),
            sessions=tuple(_sessions(evse, effects)),
            drafts=tuple(self._drafts(evse, effects)),
            opened=tuple(_opened(effects)),
            audits=tuple(_audits(evse, effects)),
            latches_set=tuple(Latch(evse.evse_id, fault, stamp) for fault in now if fault not in before),
            latches_cleared=tuple((evse.evse_id, fault) for fault in before if fault not in now),
        )
        return self._submit(change)

    def _drafts(self, evse: Evse, effects: tuple[Effect, ...]) -> list[Draft]:
        found: list[Draft] = []
        for effect in effects:
            if isinstance(effect, Tell):
                hubs = [effect.hub] if effect.hub is not None else self._hubs.get(evse.evse_id, ())
                found += [draft(hub, effect.message) for hub in hubs if self._takes(hub, effect.message)]
        return found


def _sessions(evse: Evse, effects: tuple[Effect, ...]) -> list[SessionRow]:
    rows = [_row(evse.session, SessionState.OPEN)] if evse.session is not None else []
    if evse.closing is not None:
        rows.append(_row(evse.closing, SessionState.CLOSING))
    closed = [effect for effect in effects if isinstance(effect, Closed)]
    return [*rows, *(_row(effect.session, SessionState.CLOSED, effect.not_owed) for effect in closed)]


def _row(session: Session, state: SessionState, not_owed: str | None = None) -> SessionRow:
    why = session.why if not_owed is None else f"{session.why}; {not_owed}"
    return SessionRow(
        session.session_id, session.evse_id, session.model_dump_json(), state, session.hub, session.hub_session_id, why
    )


def _opened(effects: tuple[Effect, ...]) -> list[OpenedSession]:
    sessions = [effect.session for effect in effects if isinstance(effect, Opened)]
    return [
        OpenedSession(one.hub, session_lane(one.session_id), one.session_id, one.hub_session_id)
        for one in sessions
        if one.hub is not None and one.hub_session_id is not None
    ]


def _audits(evse: Evse, effects: tuple[Effect, ...]) -> list[Audit]:
    found: list[Audit] = []
    for effect in effects:
        match effect:
            case Note():
                found.append(Audit(effect.what, evse.evse_id, effect.text))
            case Tell() | AskStart() | AskStop() | Closed() | Opened():
                pass
            case _:
                assert_never(effect)
    return found
