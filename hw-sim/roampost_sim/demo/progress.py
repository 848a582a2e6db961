"""When the hub should hear how a charge goes on: once it has gone on for a while, then every five minutes. Pure."""

from collections.abc import Iterator, Sequence

from roampost_sim.demo.message import Need
from roampost_sim.demo.place import Session

# As the demo's agent is told to; OICP wants two of one session to be as far apart as EVERY_S.
FIRST_S, EVERY_S = 10, 300
# What a process on a loaded machine may be late before it counts as missing.
_MARGIN_S = 4.0
# So long after its end a charge may wait for the meter's last word before it is closed.
_CLOSING_S = 6.0


def due(charge: Session, outages: Sequence[tuple[float, float]]) -> Iterator[tuple[float, Need]]:
    """Moments at which a word of the charge is due, before its End. An agent that was started anew does not know when
    the last one went out, and waits first."""
    if charge.flows_since is None:
        return
    first = t = charge.flows_since + FIRST_S
    over = charge.flows_since + EVERY_S if charge.ended is None else charge.ended + _CLOSING_S
    until = over if charge.watched_until is None else min(over, charge.watched_until)
    while t < until:
        yield (
            t if charge.ended is None else min(t, charge.ended),
            Need.MUST if t == first and _owed(charge, t, outages) else Need.MAY,
        )
        t += EVERY_S


def _owed(charge: Session, t: float, outages: Sequence[tuple[float, float]]) -> bool:
    """Whether there was time enough to send it, and a hub."""
    if charge.ended is None or charge.flowed_until is None:
        return False
    reachable = all(end <= t or t + _MARGIN_S <= begin for begin, end in outages)
    watched = charge.watched_until is None or charge.watched_until >= t + _MARGIN_S
    return reachable and watched and charge.flowed_until >= t + _MARGIN_S
