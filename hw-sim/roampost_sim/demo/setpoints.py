"""Is current ever permitted to somebody whom no hub authorized? Set points of the truth against the hub's record. Pure.

Decided by order, never by how long something took: a hub's yes opens an EVSE, the first set point of 0 after its
session's end closes it, and a set point above 0 at a closed EVSE is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roampost_sim.demo.compare import Verdict
from roampost_sim.demo.expect import Event
from roampost_sim.demo.message import PERMITS


@dataclass(frozen=True, slots=True)
class SetPoints:
    """raised: how often a set point rose from 0. off_ms: from each trip in mid-charge to the set point of 0."""

    raised: int
    off_ms: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Permission:
    """From a hub's yes to the session's end."""

    evse: str
    begin: float
    end: float
    cause: str


def check(truth: Sequence[Event], verdict: Verdict) -> SetPoints:
    permissions = list(_permissions(verdict))
    written = [one for one in sorted(truth, key=lambda one: one["t"]) if one["event"] == "set_point_written"]
    found: list[str] = []
    off: list[tuple[str, int]] = []
    for permission in permissions:
        zero_t = _first_zero(written, permission)
        if permission.end < float("inf") and zero_t is None:
            found.append(f"EVSE {permission.evse}: the set point never went to 0 after '{permission.cause}'")
        elif zero_t is not None and permission.cause.endswith("trips"):
            off.append((f"EVSE {permission.evse} {permission.cause}", round((zero_t - permission.end) * 1000)))
    raised = [one for one in written if one["current_ma"] > 0]
    found += [_wrong(one) for one in raised if not _permitted(one, permissions, written)]
    return SetPoints(sum(_rises(written)), tuple(off), tuple(found))


def _rises(written: Sequence[Event]) -> Iterator[bool]:
    """A set point that is written again is no new permission."""
    before: dict[str, int] = {}
    for one in written:
        yield one["current_ma"] > 0 and not before.get(one["evse"])
        before[one["evse"]] = one["current_ma"]


def _permissions(verdict: Verdict) -> Iterator[Permission]:
    """Every yes that a hub's record holds, with the end that the truth gives its session. A yes that came second
    permits nothing."""
    for row in verdict.rows:
        one = row.expected
        if row.arrival is not None and row.arrival.yes and one.message in PERMITS and not one.lost:
            over = float("inf") if one.over is None else one.over
            # A call permits from when it went out: its answer comes after that is done.
            yield Permission(one.evse, row.arrival.entry["t"], over, one.why)


def _first_zero(written: Sequence[Event], permission: Permission) -> float | None:
    zeros = [one["t"] for one in written if one["evse"] == permission.evse and one["current_ma"] == 0]
    return next((t for t in zeros if t >= permission.end), None)


def _permitted(one: Event, permissions: Sequence[Permission], written: Sequence[Event]) -> bool:
    for permission in permissions:
        if permission.evse == one["evse"] and permission.begin <= one["t"]:
            closed_t = _first_zero(written, permission)
            if closed_t is None or one["t"] <= closed_t:
                return True
    return False


def _wrong(one: Event) -> str:
    return f"EVSE {one['evse']}: a set point of {one['current_ma'] / 1000:g} A was written and no hub had authorized it"
