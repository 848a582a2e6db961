"""Is what a message says true? Meter values against the registers, identifiers against the session. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from roampost_sim.demo.arrival import Arrival
from roampost_sim.demo.message import Expected, Need

# Whole watt-hours are told; whichever way a half is rounded, this is the most.
ROUNDED_WH = 0.5 + 1e-6
# When it was sent is not when it was: an outage lasts longer than this, a loaded machine is late by less.
TRUE_WITHIN_S = 10.0
_METERED = {
    "Start": ("MeterValueStart",),
    "Progress": ("MeterValueStart",),
    "CDR": ("MeterValueStart", "MeterValueEnd", "ConsumedEnergy"),
}
_METERED["End"] = _METERED["CDR"]


def problems(wanted: Expected, came: Arrival, question: Arrival | None) -> Iterator[str]:
    """One sentence for each thing that is not true. question: the AuthorizeStart of the same session."""
    if wanted.need is Need.NOT:
        yield "was overtaken by a newer status within the outage and arrived all the same"
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
    if wanted.message == "Error" and came.entry.get("ErrorType") != "CriticalError":
        yield f"tells {came.entry.get('ErrorType')} instead of CriticalError"


def _identity(wanted: Expected, came: Arrival, question: Arrival | None) -> Iterator[str]:
    if came.evse != wanted.evse:
        yield f"is told of EVSE {came.evse}"
    if came.medium != wanted.medium:
        yield f"tells {came.medium} instead of {wanted.medium}"
    if question is not None:
        # A hub that asks by itself cannot know our name of the session yet.
        for name in ("SessionID",) if question.is_call else ("SessionID", "CPOPartnerSessionID"):
            if came.entry.get(name) != question.entry.get(name):
                yield f"has another {name} than the authorization of its session"


def _energy(wanted: Expected, came: Arrival) -> Iterator[str]:
    registers = {"MeterValueStart": wanted.start_wh, "MeterValueEnd": wanted.end_wh}
    fields = _METERED.get(wanted.message, ())
    told = {name: _wh(came.entry.get(name)) for name in fields}
    for name in fields:
        if told[name] is None:
            yield f"has no {name}"
        elif name in registers:
            yield from _register(name, told[name], registers[name])
    start, end, used = (told.get(name) for name in ("MeterValueStart", "MeterValueEnd", "ConsumedEnergy"))
    if start is not None and end is not None and used is not None and abs(used - (end - start)) > 1e-6:
        yield f"tells {used:.0f} Wh, its own meter values differ by {end - start:.0f} Wh"
    if wanted.message == "Progress":
        yield from _so_far(wanted, came)


def _so_far(wanted: Expected, came: Arrival) -> Iterator[str]:
    """In mid-charge no register stands still; there is what it showed at the start and at the end."""
    told_wh = _wh(came.entry.get("ConsumedEnergyProgress"))
    if told_wh is None:
        yield "has no ConsumedEnergyProgress"
    elif told_wh < 0 or (
        wanted.end_wh is not None and wanted.start_wh is not None and told_wh > wanted.end_wh - wanted.start_wh + 1
    ):
        yield f"tells {told_wh:.0f} Wh, which is not between none and all of the charge"


def _no_energy(came: Arrival) -> Iterator[str]:
    if came.entry.get("ConsumedEnergy") != 0:
        yield f"tells {came.entry.get('ConsumedEnergy')} kWh of a reservation"


def _register(name: str, told_wh: float | None, register_wh: float | None) -> Iterator[str]:
    if register_wh is None:
        yield f"the record of truth does not tell the register for {name}"
    elif told_wh is not None and abs(told_wh - register_wh) > ROUNDED_WH:
        yield f"{name} is told as {told_wh:.0f} Wh, the register showed {register_wh:.3f} Wh"


def _times(wanted: Expected, came: Arrival) -> Iterator[str]:
    for name, true_s in wanted.moments:
        told_s = _epoch_s(came.entry.get(name))
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
