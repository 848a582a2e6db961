"""In which order a session's messages may come: Start, Progress…, End, then the CDR; Error at any time.

A message that is repeated word for word right after itself is no disorder: its first answer may have been lost.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from roampost_sim.hub.oicp.state import Session

# What must not have been told before a message of this type comes.
_NOT_AFTER = {"Start": ("Start", "Progress", "End"), "Progress": ("End",), "End": ("End",)}
# The moment that a message is about, and the energy that it tells.
_MOMENT = {"Start": "ChargingStart", "Progress": "EventOccurred", "End": "ChargingEnd"}
_ENERGY = {"Progress": "ConsumedEnergyProgress", "End": "ConsumedEnergy", "CDR": "ConsumedEnergy"}


def disorder(session: Session, body: dict[str, Any]) -> list[str]:
    """What is wrong about this notification or CDR (a body without Type) coming now; [] when nothing."""
    if session.told and session.told[-1] == body:
        return []
    return [*_sequence(session, body), *_backwards(session, body), *_other_start(session, body), *_penalty(body)]


def _sequence(session: Session, body: dict[str, Any]) -> Iterator[str]:
    kind = body.get("Type", "CDR")
    for earlier in _NOT_AFTER.get(kind, ()):
        if earlier in session.types:
            yield f"order: {kind} after {earlier}"
    if kind == "Progress" and "Start" not in session.types:
        yield "order: Progress before Start"
    if kind == "CDR" and "Start" in session.types and "End" not in session.types:
        yield "cdr-before-end: the session's Start was told, its End was not"


def _backwards(session: Session, body: dict[str, Any]) -> Iterator[str]:
    kind = body.get("Type", "CDR")
    for earlier in session.told:
        name, earlier_name = _MOMENT.get(kind), _MOMENT.get(earlier["Type"])
        if name and earlier_name and _moment(body[name]) < _moment(earlier[earlier_name]):
            yield f"order: {kind} {name} is before {earlier['Type']} {earlier_name}"
        energy, earlier_energy = body.get(_ENERGY.get(kind, "")), earlier.get(_ENERGY.get(earlier["Type"], ""))
        if energy is not None and earlier_energy is not None and energy < earlier_energy:
            yield f"order: {kind} tells less energy than {earlier['Type']}"


def _other_start(session: Session, body: dict[str, Any]) -> Iterator[str]:
    """ChargingStart is one moment, whoever tells it."""
    told = [message["ChargingStart"] for message in session.told if "ChargingStart" in message]
    if told and "ChargingStart" in body and _moment(told[0]) != _moment(body["ChargingStart"]):
        yield f"mismatch: ChargingStart {body['ChargingStart']}, told before as {told[0]}"


def _penalty(body: dict[str, Any]) -> Iterator[str]:
    # Penalty time is charged for once energy stopped flowing and the car stays.
    begin = body.get("PenaltyTimeStart")
    if begin is not None and _moment(begin) < _moment(body["ChargingEnd"]):
        yield "order: PenaltyTimeStart is before ChargingEnd"


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)
