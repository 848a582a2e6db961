"""The moments of a session as dates that are in order, whatever happened to the clock meanwhile. Pure.

The last moment is believed most: it is the newest word of the clock. What is of the same boot keeps its distance from
it, because a boot's monotonic time is never set. What comes out of order was stamped by a clock that nobody had set,
and moves with all of its boot.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from roampost.domain.stamp import Stamp
from roampost.hubs.base import When


def in_order(when: When, moments: Sequence[Stamp | None]) -> Mapping[Stamp, datetime]:
    """moments: in the order in which they were; None: it never was."""
    known = [moment for moment in moments if moment is not None]
    last, dates, moved_s = known[-1], dict[Stamp, datetime](), dict[str, float]()
    before: datetime | None = None
    for moment in known:
        date = when(_seen_from(last, moment).later(moved_s.get(moment.boot, 0.0)))
        if last.trusted:
            date = min(date, when(last))
        if before is not None and date < before:
            moved_s[moment.boot] = moved_s.get(moment.boot, 0.0) + (before - date).total_seconds()
            date = before
        dates[moment] = before = date
    return dates


def _seen_from(last: Stamp, moment: Stamp) -> Stamp:
    if moment.boot != last.boot:
        return moment
    return last.later((moment.mono_ms - last.mono_ms) / 1000)
