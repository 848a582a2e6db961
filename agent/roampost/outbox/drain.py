"""How long it takes until all that waits is delivered: the slowest limit, or the time that answers take. Pure.

An estimate for a person: it takes for granted that the hub takes everything at the first attempt.
"""

from collections.abc import Mapping

from roampost.outbox.classes import in_session
from roampost.outbox.limits import Limits

_FIRST_GUESS_MS = 500.0
_WEIGHT = 0.1


class Latency:
    """How long an answer takes, the latest ones counting most."""

    def __init__(self) -> None:
        self.mean_ms = _FIRST_GUESS_MS

    def took(self, ms: float) -> None:
        self.mean_ms += _WEIGHT * (ms - self.mean_ms)


def drain_s(waiting: Mapping[str, int], limits: Limits, latency: Latency, *, places: int) -> float:
    """waiting: messages of each kind; those of sessions share so many places, the others have a place each lane."""
    sessions = sum(number for kind, number in waiting.items() if in_session(kind))
    others = max((number for kind, number in waiting.items() if not in_session(kind)), default=0)
    answers_s = latency.mean_ms / 1000 * max(sessions / places, others)
    return max(limits.drain_s(waiting), answers_s)
