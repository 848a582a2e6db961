"""What must hold of everything that an EVSE ever wrote, whatever happened to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from roampost.domain.messages import ChargeRecord, EndMessage, Message, StatusMessage
from roampost.evse.effect import Effect, Tell
from roampost.evse.evse import Evse
from tests.agent.site.rig import PaperDisk

Written = Sequence[tuple[Evse, tuple[Effect, ...]]]
_ORDER = {"start": 0, "error": 1, "end": 2, "cdr": 3}


def has_a_written_session(written: Written) -> bool:
    """Decision 5: permit only after the commit that records the session."""
    return bool(written) and written[-1][0].session is not None


def all_of(disk: PaperDisk, runs: Sequence[int], register_wh: int) -> None:
    """At the end, when every device answers, the disk writes and no vehicle is there."""
    of_session = _by_session(disk.told())
    for hub, session_id in _opened(disk.written):
        assert [message.kind for message in of_session[hub, session_id]].count("end") == 1, session_id
    for messages in of_session.values():
        _ordered_and_single(messages)
        _billed_as_registered(messages)
    _nothing_is_billed_twice(disk.told(), register_wh)
    _statuses_are_news(disk.written, runs)


def _opened(written: Written) -> set[tuple[str, str]]:
    return {(now.session.hub, now.session.session_id) for now, _ in written if now.session is not None}


def _by_session(told: Iterable[tuple[str | None, Message]]) -> dict[tuple[str, str], list[Message]]:
    found: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for hub, message in told:
        if not isinstance(message, StatusMessage):
            assert hub is not None
            found[hub, message.session.session_id].append(message)
    return found


def _ordered_and_single(messages: list[Message]) -> None:
    kinds = [message.kind for message in messages]
    assert kinds.count("end") == 1
    assert kinds.count("cdr") <= 1
    assert kinds.count("start") <= 1
    # A door may be open before energy flows: an error may come before Start, never after End.
    ranks = [_ORDER[kind] for kind in kinds if kind != "error"]
    assert ranks == sorted(ranks)
    assert "error" not in kinds[kinds.index("end") :]


def _billed_as_registered(messages: list[Message]) -> None:
    (end,) = [message for message in messages if isinstance(message, EndMessage)]
    records = [message for message in messages if isinstance(message, ChargeRecord)]
    assert bool(records) == (end.charging_start is not None)
    if end.energy_wh:
        assert records
    for record in records:
        assert record.energy_wh == record.meter_end_wh - record.meter_start_wh >= 0
        assert (record.meter_start_wh, record.meter_end_wh) == (end.meter_start_wh, end.meter_end_wh)
        wall = [record.session_start, record.charging_start, record.charging_end, record.session_end]
        assert [stamp.wall_ms for stamp in wall] == sorted(stamp.wall_ms for stamp in wall)


def _nothing_is_billed_twice(told: Iterable[tuple[str | None, Message]], register_wh: int) -> None:
    records = [message for _, message in told if isinstance(message, ChargeRecord)]
    spans = sorted((record.meter_start_wh, record.meter_end_wh) for record in records)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(12_000 <= start <= end <= register_wh for start, end in spans)


def _statuses_are_news(written: Written, runs: Sequence[int]) -> None:
    """Within a run of the agent no status is told twice in a row; a new run tells it anew."""
    for begin, end in pairwise([*runs, len(written)]):
        told = [
            effect.message.status
            for _, effects in written[begin:end]
            for effect in effects
            if isinstance(effect, Tell) and isinstance(effect.message, StatusMessage)
        ]
        assert all(before is not after for before, after in pairwise(told))
