"""Is what a message says true? Energy against the registers, identifiers against the session. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from roampost_sim.demo.arrival import Arrival
from roampost_sim.demo.message import CARD, Expected, Need
from roampost_sim.demo.protocols import PROTOCOLS

# Whole watt-hours are told; whichever way a half is rounded, this is the most.
ROUNDED_WH = 0.5 + 1e-6
# When it was sent is not when it was: an outage lasts longer than this, a loaded machine is late by less.
TRUE_WITHIN_S = 10.0
_METERED = ("Start", "Progress", "End", "CDR")
_BILLED = ("End", "CDR")


def problems(wanted: Expected, came: Arrival, question: Arrival | None) -> Iterator[str]:
    """One sentence for each thing that is not true. question: by which the hub knows of the same session."""
    if wanted.need is Need.NOT:
        yield "was overtaken by a newer status within the outage and arrived all the same"
    if wanted.by is not None and came.t >= wanted.by:
        yield "came only when another hub's network was back"
    if wanted.is_call:
        yield from _answer(wanted, came)
    elif wanted.session is not None:
        yield from _of_session(wanted, came, question)


def _answer(wanted: Expected, came: Arrival) -> Iterator[str]:
    code = came.entry.get("code")
    if code is None:
        yield f"was not answered: {came.entry.get('reason') or came.entry.get('http_status')}"
    elif code != wanted.code:
        yield f"was answered {code} instead of {wanted.code}"


def _of_session(wanted: Expected, came: Arrival, question: Arrival | None) -> Iterator[str]:
    yield from _identity(wanted, came, question)
    if wanted.reserved:
        yield from _no_energy(came)
    elif wanted.start_wh is not None:
        yield from _energy(wanted, came)
    elif wanted.message in ("Start", "Progress", "CDR"):
        yield "the record of truth does not tell the register at its start"
    yield from _times(wanted, came)
    if wanted.message == "Error" and came.told("error") != "CriticalError":
        yield f"tells {came.told('error')} instead of CriticalError"


def _identity(wanted: Expected, came: Arrival, question: Arrival | None) -> Iterator[str]:
    in_session = PROTOCOLS[wanted.hub].asks_in_session
    if came.evse != wanted.evse and (in_session or wanted.message != CARD):
        yield f"is told of EVSE {came.evse}"
    if came.medium != wanted.medium:
        yield f"tells {came.medium} instead of {wanted.medium}"
    if question is not None and (in_session or question.is_call):
        # A hub that asks by itself cannot know our name of the session yet.
        for name in ("hub_session",) if question.is_call else ("hub_session", "session"):
            if came.told(name) != question.told(name):
                yield f"has another {name.replace('_', ' ')} than the authorization of its session"


def _energy(wanted: Expected, came: Arrival) -> Iterator[str]:
    start_wh, end_wh, used_wh = _told_wh(wanted, came)
    metered = wanted.message in _METERED and PROTOCOLS[wanted.hub].registers is not None
    billed = wanted.message in _BILLED
    if metered:
        yield from _register("at the start", start_wh, wanted.start_wh)
    if metered and billed:
        yield from _register("at the end", end_wh, wanted.end_wh)
    if billed and used_wh is None:
        yield "has no energy"
    elif billed and start_wh is not None and end_wh is not None and abs(used_wh - (end_wh - start_wh)) > 1e-6:
        yield f"tells {used_wh:.0f} Wh, its own meter values differ by {end_wh - start_wh:.0f} Wh"
    elif billed and not metered:
        yield from _difference(wanted, used_wh)
    if wanted.message == "Progress":
        yield from _so_far(wanted, used_wh)


def _told_wh(wanted: Expected, came: Arrival) -> tuple[float | None, float | None, Any]:
    """What the meter showed at the start and at the end, and the energy."""
    start, end = PROTOCOLS[wanted.hub].registers or ("", "")
    return _wh(came.entry.get(start)), _wh(came.entry.get(end)), came.told("energy_wh")


def _so_far(wanted: Expected, told_wh: int | None) -> Iterator[str]:
    """In mid-charge no register stands still; there is what it showed at the start and at the end."""
    if told_wh is None:
        yield "has no energy"
    elif told_wh < 0 or (
        wanted.end_wh is not None and wanted.start_wh is not None and told_wh > wanted.end_wh - wanted.start_wh + 1
    ):
        yield f"tells {told_wh} Wh, which is not between none and all of the charge"


def _no_energy(came: Arrival) -> Iterator[str]:
    if came.told("energy_wh") != 0:
        yield f"tells {came.told('energy_wh')} Wh of a reservation"


def _register(when: str, told_wh: float | None, register_wh: float | None) -> Iterator[str]:
    if told_wh is None:
        yield f"has no meter value {when}"
    if register_wh is None:
        yield f"the record of truth does not tell the register {when}"
    elif told_wh is not None and abs(told_wh - register_wh) > ROUNDED_WH:
        yield f"the meter {when} is told as {told_wh:.0f} Wh, the register showed {register_wh:.3f} Wh"


def _difference(wanted: Expected, used_wh: int) -> Iterator[str]:
    """Where no meter values are told, the energy alone must be that of the registers."""
    if wanted.end_wh is None or wanted.start_wh is None:
        yield "the record of truth does not tell the register at the end"
    elif abs(used_wh - (wanted.end_wh - wanted.start_wh)) > 2 * ROUNDED_WH:
        yield f"tells {used_wh} Wh, the registers differ by {wanted.end_wh - wanted.start_wh:.3f} Wh"


def _times(wanted: Expected, came: Arrival) -> Iterator[str]:
    for name, true_s in wanted.moments:
        told_s = _epoch_s(came.told(name))
        if told_s is None:
            yield f"has no {name}"
        elif abs(told_s - true_s) > TRUE_WITHIN_S:
            yield f"{name} is told {abs(told_s - true_s):.0f} s {'after' if told_s > true_s else 'before'} it was"


def _epoch_s(moment: Any) -> float | None:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (TypeError, ValueError):
        return None


def _wh(kwh: Any) -> float | None:
    """Three decimal places of a kilowatt-hour are whole watt-hours; more are kept, and found wrong."""
    return round(kwh * 1000, 3) if isinstance(kwh, int | float) else None
