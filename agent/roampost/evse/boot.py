"""The first look after a start, as a decision table: does a recovered session go on, or is it over?

The question behind every row: may another car have inherited it? Only a pilot without vehicle proves that the
plug was out; a controller that lost its set point, or an absence that was too long, is evidence that it may have been.
"""

from dataclasses import dataclass

from roampost.evse.event import Kind
from roampost.evse.session import Session


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What is known at the first fresh reading.

    left_ma is the level the store remembers, found_ma the set point the device has. absent_s is the time since
    the last record, None where no clock can tell. falls_back: the device takes a set point of its own when nobody
    speaks to it, so that a strange one is no evidence.
    """

    vehicle: bool
    left_ma: int
    found_ma: int
    absent_s: float | None
    falls_back: bool = False


def decide(session: Session, look: FirstLook, resume_within_s: float) -> tuple[Kind, str]:
    """RESUMED, LOST (a vehicle is there, whose is unsure) or NO_VEHICLE, with the sentence for the record."""
    if not look.vehicle:
        return Kind.NO_VEHICLE, "no vehicle was there when the agent came back"
    if look.absent_s is not None and look.absent_s > resume_within_s:
        return Kind.LOST, f"the agent was away for more than {resume_within_s:.0f} s"
    # No energy has been drawn yet: the permission may never have reached the device, and nobody can inherit anything.
    # A set point of 0 is also what the agent's own clean stop leaves behind.
    expected = look.falls_back or session.charging_start is None or look.found_ma == look.left_ma
    if not expected and look.found_ma != 0:
        return Kind.LOST, "the charging controller was restarted meanwhile"
    if not expected:
        return Kind.LOST, "the charging controller lost its set point meanwhile"
    return Kind.RESUMED, "resumed after a restart of the agent"
