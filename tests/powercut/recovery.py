"""The power is back: the real store opens what the cut has left, and that must be what was promised."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from roampost.domain.stamp import Stamp
from roampost.store.changes import EvseRow, Latch, Recovered
from roampost.store.errors import StoreError
from roampost.store.store import Store
from tests.powercut.disk import Disk, Image
from tests.powercut.witness import Content, Life, Snapshot, columns

_AFTER_MS = 1_790_009_000_000
_STAMP = ("boot", "mono_ms", "wall_ms", "trusted")


class Wrong(StrEnum):
    CORRUPT = "corrupt"  # it does not open, or is not whole
    LOST = "lost"  # an acknowledged commit is gone
    HALF = "half"  # a state that never was between two commits
    RECOVERED = "recovered"  # opening it has made something else of it than it should


@dataclass(frozen=True, slots=True)
class Finding:
    wrong: Wrong
    text: str


def promised(snapshots: list[Snapshot], at: int) -> int:
    """The last one whose commit had returned when the disk had done `at` operations."""
    return max(place for place, one in enumerate(snapshots) if place == 0 or one.at <= at)


def recover(image: Image, snapshots: list[Snapshot], at: int, path: Path, boot: str) -> Finding | None:
    """What is wrong, if anything. The commit that was under way when the power was cut may be there or not."""
    life = Life(Disk(image))
    try:
        store = Store.open(path, now_wall_ms=lambda: _AFTER_MS, boot=boot, connect=life.connect)
    except StoreError as error:
        return Finding(Wrong.CORRUPT, str(error))
    try:
        return _not_whole(life) or _not_promised(life, snapshots, at) or _not_recovered(life, store.recover())
    finally:
        store.close()


def _not_whole(life: Life) -> Finding | None:
    return None if life.integrity == [("ok",)] else Finding(Wrong.CORRUPT, str(life.integrity[:3]))


def _not_promised(life: Life, snapshots: list[Snapshot], at: int) -> Finding | None:
    place, found = promised(snapshots, at), life.snapshots[0].content
    if any(one.content == found for one in snapshots[place : place + 2]):
        return None
    for back, one in enumerate(reversed(snapshots[:place]), start=1):
        if one.content == found:
            return Finding(Wrong.LOST, f"the last {back} of {place} acknowledged commits are gone")
    return Finding(Wrong.HALF, f"this state never was: {_differences(found, snapshots[place].content)}")


def _differences(found: Content, expected: Content) -> str:
    names = [name for name in {**expected, **found} if found.get(name) != expected.get(name)]
    return ", ".join(f"{name} ({len(found.get(name, ()))} for {len(expected.get(name, ()))})" for name in names)


def _not_recovered(life: Life, recovered: Recovered) -> Finding | None:
    """What was in flight waits with an unknown outcome; all else is as it was, and is what the state loop gets."""
    at_schema = [one for one in life.snapshots if one.content["version"] == life.snapshots[-1].content["version"]]
    before, after = at_schema[0].content, at_schema[-1].content
    kept = ("evse", "session", "fault_latch", "audit", "delivery", "hub_session", "memory")
    if any(before[name] != after[name] for name in kept):
        return Finding(Wrong.RECOVERED, _differences(after, before))
    if text := _wrong_rows(before, after):
        return Finding(Wrong.RECOVERED, text)
    if recovered != _known(after):
        return Finding(Wrong.RECOVERED, "recover() does not say what the tables say")
    return None


def _wrong_rows(before: Content, after: Content) -> str:
    told = ("seq", "body", "attempts", "state", "unknown_outcome")
    old, new = columns(before, "outbox", *told), columns(after, "outbox", *told)
    if [row[:3] for row in old] != [row[:3] for row in new]:
        return "the messages are not the same"
    for (seq, _, _, state, unsure), (*_, now, unsure_now) in zip(old, new, strict=True):
        fine = (now in ("queued", "superseded") and unsure_now == 1) if state == "sending" else now == state
        if not fine or unsure_now < unsure:
            return f"message {seq} was {state} and is {now}, unknown outcome {unsure_now}"
    return ""


def _known(content: Content) -> Recovered:
    """The tables in the state loop's words; short histories only."""
    changed, since = ([f"{what}_{name}" for name in _STAMP] for what in ("changed", "since"))
    evses = columns(content, "evse", "evse_id", "state", "context", "permitted_ma", *changed)
    latches = columns(content, "fault_latch", "evse_id", "fault", *since)
    offsets = columns(content, "boot", "boot", "trusted_offset_ms")
    bodies = columns(content, "outbox", "hub", "kind", "body")
    told = [(hub, json.loads(body)["session"]) for hub, kind, body in bodies if kind in ("end", "cdr")]
    return Recovered(
        tuple(EvseRow(one, state, context, most, _stamp(at)) for one, state, context, most, *at in sorted(evses)),
        tuple(Latch(one, fault, _stamp(at)) for one, fault, *at in sorted(latches)),
        {boot: offset for boot, offset in offsets if offset is not None},
        frozenset((hub, ref["hub_session_id"].lower()) for hub, ref in told if ref["hub_session_id"] is not None),
        frozenset(),
    )


def _stamp(values: list[Any]) -> Stamp:
    boot, mono_ms, wall_ms, trusted = values
    return Stamp(boot=boot, mono_ms=mono_ms, wall_ms=wall_ms, trusted=bool(trusted))
