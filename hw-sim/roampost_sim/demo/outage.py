"""What an outage makes of the messages: only the newest status of each EVSE has to leave it. Pure.

It is one hub's: what the others are told does not wait for its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roampost_sim.demo.message import Expected, Need

# Around the edges of an outage either may happen: a change just before it may still get out or not, and a change
# just before its end may come too late to overtake the one before.
EDGE_S = 3.0
Windows = Sequence[tuple[float, float]]


def outages(truth: Sequence[Mapping[str, Any]], hub: str) -> list[tuple[float, float]]:
    """From and until, in seconds; endless while it lasts. An outage that names no hub is every hub's."""
    found: list[tuple[float, float]] = []
    for event in sorted(truth, key=lambda one: one["t"]):
        if event.get("hub", hub) != hub:
            continue
        if event["event"] == "hub_refused":
            found.append((event["t"], float("inf")))
        elif event["event"] == "hub_cleared" and found:
            found[-1] = (found[-1][0], event["t"])
    return found


def coalesced(messages: Sequence[Expected], windows: Mapping[str, Windows]) -> list[Expected]:
    """windows: of each hub."""
    return [
        replace(one, need=_need(one, messages[place + 1 :], windows[one.hub]), by=_by(one, windows))
        for place, one in enumerate(messages)
    ]


def _by(one: Expected, windows: Mapping[str, Windows]) -> float | None:
    """The end of an outage of other hubs, within which there was time enough to tell this one."""
    if not one.is_status or any(begin <= one.t < end for begin, end in windows[one.hub]):
        return None
    others = [window for hub, mine in windows.items() if hub != one.hub for window in mine]
    return next((end for begin, end in others if begin <= one.t < end - EDGE_S), None)


def _need(one: Expected, later: Sequence[Expected], windows: Windows) -> Need:
    told = [each for each in later if each.is_status and (each.evse, each.hub) == (one.evse, one.hub)]
    if not one.is_status or not told:
        return Need.MUST
    needs = [_need_in(window, one.t, told[0].t) for window in windows]
    return next((need for need in needs if need is not Need.MUST), Need.MUST)


def _need_in(window: tuple[float, float], t: float, newer_t: float) -> Need:
    """What an outage makes of a status at t whose successor came at newer_t."""
    begin, end = window
    if begin <= t < end and newer_t < end - EDGE_S:
        return Need.NOT
    return Need.MAY if begin - EDGE_S <= t < end and begin <= newer_t < end + EDGE_S else Need.MUST
