"""What a start makes of the records of the run before: nothing is known of the hardware, all of what was promised."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from roampost.domain.stamp import Stamp, elapsed_s
from roampost.evse.effect import Effect
from roampost.evse.energy import Guard
from roampost.evse.event import Event, Kind
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.evse.step import Rules, step

log = logging.getLogger(__name__)
Write = Callable[[Evse, tuple[Effect, ...]], "asyncio.Future[Any]"]
# How long the agent was away at most, for the meter guard, where no clock can tell.
UNKNOWN_AWAY_S = 86_400.0
_NO_RULES = Rules(limit_ma=0)


def starting(evse_id: str, before: Evse | None, now: Stamp) -> Evse:
    """The record to start from. The status is told anew: a hub may have been added, or have lost it."""
    why = "the agent started"
    if before is None:
        return Evse(evse_id=evse_id, since=now, why=why)
    fresh = {"state": State.STARTING, "since": now, "why": why, "asking": None, "told": None}
    return before.model_copy(update=fresh)


def away_s(before: Evse, now: Stamp) -> float | None:
    """Seconds since the last record; None where no clock can tell."""
    last = before.since
    if before.session is not None and before.session.meter_last is not None:
        last = before.session.meter_last
    return elapsed_s(last, now)


def guard_of(evse: Evse, power_w: int, now_s: float, gone_s: float | None) -> Guard:
    """The meter guard, with the last good reading of a session that is not closed."""
    session = evse.session or evse.closing
    if session is None or session.meter_last_wh is None:
        return Guard(power_w)
    return Guard(power_w, session.meter_last_wh, now_s - (UNKNOWN_AWAY_S if gone_s is None else gone_s))


def close_left(left: Evse, write: Write, now: Stamp) -> None:
    """Write what an EVSE that is not in the configuration any more still owes; nothing where it owes nothing."""
    if left.session is None and left.closing is None and left.reservation is None:
        return
    why = "the EVSE is not in the configuration any more"
    now_known, effects = starting(left.evse_id, left, now), list[Effect]()
    for kind in (Kind.DISABLE, Kind.SETTLED, Kind.UNRESERVE):
        one = step(now_known, Event(kind, now, why, flag=why), _NO_RULES)
        now_known, effects = one.evse, [*effects, *one.effects]
    log.warning("%s: %s; what is open there is closed at the last good reading", left.evse_id, why)
    write(now_known, tuple(effects)).add_done_callback(_written)


def _written(done: "asyncio.Future[Any]") -> None:
    if not done.cancelled() and done.exception() is not None:
        log.error("the end of a session could not be written yet: %s", done.exception())
