"""One event, one step: `step(evse, event, rules) -> Step`. Pure; the table says what, this says how.

An action changes the EVSE's record and adds effects. After the actions the state moves, the permission level
and the status follow from the state, and a status that differs from the last one told is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from roampost.domain.messages import Calibration, ErrorMessage, LateAuthorization, StartMessage, StatusMessage
from roampost.domain.stamp import Stamp
from roampost.evse.closing import idle_end, late, settled, unreserved
from roampost.evse.effect import AskStart, AskStop, Effect, Note, Tell
from roampost.evse.event import Event, Kind
from roampost.evse.evse import Asking, Evse
from roampost.evse.session import Session
from roampost.evse.state import ASKING, State
from roampost.evse.table import IGNORED, TABLE, Act


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says about one EVSE. limit_ma per phase; zero_energy_record: a CDR of 0 kWh is wanted.

    penalty_after_s: from when on after the end of charging the place is paid for; None: never.
    """

    limit_ma: int
    zero_energy_record: bool = False
    penalty_after_s: int | None = None
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The EVSE after the event, what is to be done, and why nothing was (ignored)."""

    evse: Evse
    effects: tuple[Effect, ...] = ()
    ignored: str | None = None


@dataclass(slots=True)
class _Work:
    """What the actions of one step build up."""

    evse: Evse
    event: Event
    rules: Rules
    effects: list[Effect] = field(default_factory=list)

    def put(self, **changes: object) -> None:
        self.evse = self.evse.model_copy(update=changes)


def step(evse: Evse, event: Event, rules: Rules) -> Step:
    """Move `evse` by `event`; every (state, kind) is decided in the table."""
    row = TABLE.get((evse.state, event.kind))
    if row is None:
        return Step(evse, ignored=IGNORED[evse.state, event.kind])
    work = _Work(evse, event, rules)
    for act in row.acts:
        _ACTS[act](work)
    _move(work, row.to)
    return Step(work.evse, tuple(work.effects))


# Somebody or a fault has ended the session: this vehicle gets no other one by itself.
_STOPPED = frozenset({Kind.STOP, Kind.FAULT, Kind.DISABLE})
# Kinds that say of the time before them only that nobody looked.
_BLIND = frozenset({Kind.GRACE_OVER, Kind.RESUMED, Kind.LOST})


def _move(work: _Work, to: State) -> None:
    if to is not work.evse.state:
        work.put(state=to, since=work.event.at, why=work.event.why)
    if work.event.kind is Kind.NO_VEHICLE and work.evse.served:
        work.put(served=False)
    if to not in ASKING and work.evse.asking is not None:
        work.put(asking=None)
    work.put(permitted_ma=work.evse.level_ma(work.rules.limit_ma))
    status = work.evse.status
    if status is not None and status is not work.evse.told:
        work.put(told=status)
        work.effects.append(Tell(StatusMessage(evse_id=work.evse.evse_id, status=status)))


def _ask(work: _Work) -> None:
    card = work.event.card
    assert card is not None
    assert card.uid is not None
    work.put(asking=Asking(uid=card.uid, session_id=card.session_id, since=work.event.at))
    work.effects.append(AskStart(card))


def _ask_stop(work: _Work) -> None:
    assert work.event.card is not None
    assert work.event.card.uid is not None
    assert work.evse.session is not None
    work.effects.append(AskStop(work.event.card.uid, work.evse.session))


def _open(work: _Work) -> None:
    grant = work.event.grant
    assert grant is not None
    session = Session(
        session_id=grant.card.session_id,
        hub=grant.hub,
        hub_session_id=grant.hub_session_id,
        evse_id=work.evse.evse_id,
        uid=grant.card.uid,
        contract_id=grant.contract_id,
        account=grant.account,
        product_id=grant.product_id,
        provider_session_id=grant.provider_session_id,
        stop_uids=grant.stop_uids,
        decided_by=grant.decided_by,
        cap_wh=grant.cap_wh,
        cap_s=grant.cap_s,
        authorized=work.event.at,
    )
    work.put(session=session.metered(work.event.meter_wh, work.event.at, work.event.signed))
    _use_reservation(work, session)
    if session.hub is not None and session.hub_session_id is None:
        work.effects.append(Tell(LateAuthorization(session=session.ref, session_start=session.authorized), session.hub))


def _use_reservation(work: _Work, session: Session) -> None:
    kept = work.evse.reservation
    if kept is not None and kept.is_under(session.hub, session.hub_session_id):
        # A hub takes one record for a session: the one of the charge.
        work.effects.append(Note("reservation_used", f"{kept.session_id} goes on as session {session.session_id}"))
        work.put(reservation=None)
    else:
        _unreserve(work)


def _reserve(work: _Work) -> None:
    before, wanted = work.evse.reservation, work.event.reservation
    assert wanted is not None
    if before is not None and before.session_id != wanted.session_id:
        _unreserve(work)
        before = None
    work.put(reservation=wanted if before is None else before.prolonged(wanted))


def _prolong(work: _Work) -> None:
    before, wanted = work.evse.reservation, work.event.reservation
    assert wanted is not None
    if before is not None and before.session_id == wanted.session_id:
        work.put(reservation=before.prolonged(wanted))


def _unreserve(work: _Work) -> None:
    if work.evse.reservation is not None:
        work.effects.extend(unreserved(work.evse.reservation, work.event.at, work.event.why))
        work.put(reservation=None)


def _close_late(work: _Work) -> None:
    assert work.event.grant is not None
    work.effects.extend(late(work.event.grant, work.evse.evse_id, work.event.at))


def _flow(work: _Work) -> None:
    session = work.evse.session
    if session is None:
        return
    # With the reading of this moment: the one of a run before is older than what hubs have been told.
    session = session.metered(work.event.meter_wh, work.event.at, work.event.signed)
    if session.charging_start is not None:
        work.put(session=session.model_copy(update={"charging_end": None}))
        return
    session = session.model_copy(update={"charging_start": work.event.at})
    work.put(session=session)
    if session.hub is None:
        return
    message = StartMessage(
        session=session.ref,
        session_start=session.authorized,
        charging_start=work.event.at,
        meter_start_wh=session.meter_start_wh,
    )
    work.effects.append(Tell(message, session.hub))


def _pause(work: _Work) -> None:
    session = work.evse.session
    if session is None or session.charging_start is None or session.charging_end is not None:
        return
    # Unreadable since the last good reading, or not looked at since: then energy is last known to have flowed.
    blind = work.event.kind in _BLIND or work.evse.state is State.STARTING
    end = _known(session.charging_start, session.meter_last) if blind else work.event.at
    work.put(session=session.model_copy(update={"charging_end": end}))


def _known(start: Stamp, last: Stamp | None) -> Stamp:
    """The later one. A reading of another boot is later: every start of the agent reads the meter first."""
    if last is None or (last.boot == start.boot and last.mono_ms < start.mono_ms):
        return start
    return last


def _end(work: _Work) -> None:
    session = work.evse.session
    if session is None:
        return
    # A recovered session may end while energy is still recorded as flowing.
    _pause(work)
    session = work.evse.session
    assert session is not None
    flag = session.flag or work.event.flag
    ended = session.model_copy(update={"ended": work.event.at, "why": work.event.why, "flag": flag})
    stopped = work.event.kind in _STOPPED and work.evse.state is not State.AWAITING_PLUG
    work.put(session=None, closing=ended, served=work.evse.served or stopped)


def _error(work: _Work) -> None:
    session, trouble = work.evse.session, work.event.trouble
    if session is None or session.hub is None or trouble is None or trouble.error is None:
        return
    if session.end_told:
        return  # for the hub this charge is over; the status tells of the trouble
    message = ErrorMessage(session=session.ref, error=trouble.error, text=trouble.text)
    work.effects.append(Tell(message, session.hub))


def _settle(work: _Work) -> None:
    closing = work.evse.closing
    if closing is None:
        return
    final = closing.metered(work.event.meter_wh, work.event.at).signed_by_meter("end", work.event.signed)
    flag = final.flag or work.event.flag
    final = final.model_copy(update={"flag": flag})
    work.effects.extend(
        settled(final, zero_energy_record=work.rules.zero_energy_record, calibration=work.rules.calibration)
    )
    work.put(closing=None)


def _idle(work: _Work) -> None:
    session = work.evse.session
    if session is None or session.end_told or session.charging_end is None:
        return
    work.put(session=session.model_copy(update={"end_told": True}))
    if session.hub is not None:
        work.effects.append(Tell(idle_end(session, work.rules.penalty_after_s), session.hub))


_ACTS: dict[Act, Callable[[_Work], None]] = {
    Act.ASK: _ask,
    Act.ASK_STOP: _ask_stop,
    Act.OPEN: _open,
    Act.CLOSE_LATE: _close_late,
    Act.FLOW: _flow,
    Act.PAUSE: _pause,
    Act.END: _end,
    Act.ERROR: _error,
    Act.SETTLE: _settle,
    Act.IDLE: _idle,
    Act.RESERVE: _reserve,
    Act.PROLONG: _prolong,
    Act.UNRESERVE: _unreserve,
}
