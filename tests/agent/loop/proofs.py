"""What must hold of everything that an EVSE ever wrote, whatever happened to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    EvseStatus,
    LateAuthorization,
    Message,
    ProgressMessage,
    SessionMessage,
    StatusMessage,
)
from roampost.evse.effect import Closed, Effect, Note, Tell
from roampost.evse.evse import Evse
from roampost.evse.session import Session
from tests.agent.loop.rig import PaperDisk

Written = Sequence[tuple[Evse, tuple[Effect, ...]]]
_ORDER = {"late_authorization": 0, "start": 1, "error": 2, "end": 3, "cdr": 4}


def written_level_ma(written: Written) -> int:
    """Permit only after the commit that records the session, and never more than it records."""
    return written[-1][0].permitted_ma if written and written[-1][0].session is not None else 0


def all_of(disk: PaperDisk, runs: Sequence[int], register_wh: int) -> None:
    """At the end, when every device answers, the disk writes and no vehicle is there."""
    told = list(_of_sessions(disk.told()))
    kept = {now.reservation.session_id for now, _ in disk.written if now.reservation is not None}
    _closed_once(disk.written, told)
    charges = [one for one in told if one[1].session.session_id not in kept]
    for messages in _by_session(charges, _names(disk.written)).values():
        _ordered_and_single(messages)
        _billed_as_registered(messages)
    _reservations_have_one_record(disk.written, kept, told)
    _nothing_is_billed_twice(told, register_wh)
    _statuses_are_news(disk.written, runs)
    _reserved_is_said_while_it_is(disk.written)


def progress(offered: Iterable[tuple[str, ProgressMessage]]) -> None:
    """No charge goes back, and a hub hears only of sessions that it knows."""
    reached: dict[str, int] = {}
    for _, message in offered:
        assert message.session.hub_session_id is not None
        energy_wh = message.energy_wh or 0
        assert energy_wh >= reached.get(message.session.session_id, 0)
        reached[message.session.session_id] = energy_wh


def _of_sessions(told: Iterable[tuple[str | None, Message]]) -> Iterator[tuple[str, SessionMessage]]:
    for hub, message in told:
        if isinstance(message, SessionMessage):
            assert hub is not None
            yield hub, message


def _effects(written: Written) -> Iterator[Effect]:
    for _, effects in written:
        yield from effects


def _closed_once(written: Written, told: Sequence[tuple[str, SessionMessage]]) -> None:
    """Every session that was on the disk has exactly one record, or the reason why none is owed."""
    closed = [effect for effect in _effects(written) if isinstance(effect, Closed)]
    times = Counter(one.session.session_id for one in closed)
    assert times == dict.fromkeys(_opened(written), 1)
    records = Counter(message.session.session_id for _, message in told if isinstance(message, ChargeRecord))
    for one in closed:
        session = one.session
        assert records[session.session_id] == (one.not_owed is None), session.session_id
        if session.hub is None:
            # A hub that was asked too hears of the end of what it opened in vain.
            of_it = [message.kind for _, message in told if message.session.session_id == session.session_id]
            assert set(of_it) <= {"end"}
        else:
            mine = _by_session(told, _names(written))[session.hub, session.session_id, False]
            assert [message.kind for message in mine].count("end") == 1, session.session_id
        late = [message for _, message in told if isinstance(message, LateAuthorization)]
        asked_late = session.session_id in {message.session.session_id for message in late}
        assert asked_late == (_first(written, session).hub_session_id is None and session.hub is not None)


def _opened(written: Written) -> dict[str, Session]:
    return {now.session.session_id: now.session for now, _ in reversed(written) if now.session is not None}


def _first(written: Written, session: Session) -> Session:
    """The session as it was written first."""
    return _opened(written)[session.session_id]


def _names(written: Written) -> dict[tuple[str | None, str], str | None]:
    """What its hub calls each session that was closed."""
    closed = [effect.session for effect in _effects(written) if isinstance(effect, Closed)]
    return {(one.hub, one.session_id): one.hub_session_id for one in closed}


def _by_session(
    told: Iterable[tuple[str, SessionMessage]], names: Mapping[tuple[str | None, str], str | None]
) -> dict[tuple[str, str, bool], list[SessionMessage]]:
    """The last part of the key: whether the hub had opened it a second time, and nobody waited for that."""
    found: dict[tuple[str, str, bool], list[SessionMessage]] = defaultdict(list)
    for hub, message in told:
        session = message.session
        name = names.get((hub, session.session_id), session.hub_session_id)
        found[hub, session.session_id, session.hub_session_id not in (None, name)].append(message)
    return found


def _ordered_and_single(messages: list[SessionMessage]) -> None:
    kinds = [message.kind for message in messages]
    assert kinds.count("end") == 1
    assert all(kinds.count(kind) <= 1 for kind in ("late_authorization", "start", "cdr"))
    # A door may be open before energy flows: an error may come before Start, never after End.
    ranks = [_ORDER[kind] for kind in kinds if kind != "error"]
    assert ranks == sorted(ranks)
    assert "late_authorization" not in kinds[1:]
    assert "error" not in kinds[kinds.index("end") :]


def _billed_as_registered(messages: list[SessionMessage]) -> None:
    (end,) = [message for message in messages if isinstance(message, EndMessage)]
    records = [message for message in messages if isinstance(message, ChargeRecord)]
    assert bool(records) == (end.charging_start is not None)
    if end.energy_wh:
        assert records
    for record in records:
        assert record.meter_start_wh is not None
        assert record.meter_end_wh is not None
        assert record.energy_wh == record.meter_end_wh - record.meter_start_wh >= 0
        between = [record.meter_start_wh, *record.meters_between_wh, record.meter_end_wh]
        assert between == sorted(between)
        told_end = end.meter_start_wh, end.meter_end_wh
        if end.session_end is not None:
            assert (record.meter_start_wh, record.meter_end_wh) == told_end
        else:  # the vehicle stayed, and may have drawn more
            assert record.meter_start_wh == end.meter_start_wh
            assert record.energy_wh >= (end.energy_wh or 0)
        wall = [record.session_start, record.charging_start, record.charging_end, record.session_end]
        assert [stamp.wall_ms for stamp in wall] == sorted(stamp.wall_ms for stamp in wall)


def _reservations_have_one_record(written: Written, kept: set[str], told: Sequence[tuple[str, SessionMessage]]) -> None:
    """One record each; none where the charge went on under the reservation's own session of the hub."""
    notes = [
        effect.text for effect in _effects(written) if isinstance(effect, Note) and effect.what == "reservation_used"
    ]
    used = Counter(text.split()[0] for text in notes)
    records = Counter(message.session.session_id for _, message in told if message.session.session_id in kept)
    assert used + records == dict.fromkeys(kept, 1)
    for _, message in told:
        if message.session.session_id in kept:
            assert isinstance(message, ChargeRecord)
            assert message.energy_wh == 0
            assert message.session_end.wall_ms >= message.session_start.wall_ms


def _nothing_is_billed_twice(told: Iterable[tuple[str, SessionMessage]], register_wh: int) -> None:
    spans = sorted(
        (message.meter_start_wh, message.meter_end_wh)
        for _, message in told
        if isinstance(message, ChargeRecord) and message.meter_start_wh is not None and message.meter_end_wh is not None
    )
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(12_000 <= start <= end <= register_wh for start, end in spans)


def _statuses_are_news(written: Written, runs: Sequence[int]) -> None:
    """Within a run of the agent no status is told twice in a row; a new run tells it anew."""
    for begin, end in pairwise([*runs, len(written)]):
        told = [
            effect.message.status
            for effect in _effects(written[begin:end])
            if isinstance(effect, Tell) and isinstance(effect.message, StatusMessage)
        ]
        assert all(before is not after for before, after in pairwise(told))


def _reserved_is_said_while_it_is(written: Written) -> None:
    for now, effects in written:
        for effect in effects:
            if isinstance(effect, Tell) and isinstance(effect.message, StatusMessage):
                said = effect.message.status
                assert (said is EvseStatus.RESERVED) <= (now.reservation is not None)
                assert (said is EvseStatus.AVAILABLE) <= (now.reservation is None)
