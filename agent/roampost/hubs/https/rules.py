"""What we do after an answer that says the same in any protocol; each has its own table in its package. Pure."""

from dataclasses import dataclass

from roampost.hubs.base import Arrival, Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """text may hold {status}, and what else its protocol fills in."""

    verdict: Verdict
    text: str
    arrival: Arrival = Arrival.NO


GARBLED = Rule(
    Verdict.RETRY,
    "The hub's answer could not be read, so it is unknown whether the message arrived; it is sent again.",
    Arrival.MAYBE,
)
TRANSIENT = Rule(Verdict.RETRY, "The hub has trouble (HTTP {status}); the message is sent again.")
REDIRECT = Rule(Verdict.HOLD, "The hub's address redirects (HTTP {status}); check url in the configuration.")


def not_about_us(status: int) -> Rule:
    """Redirects, 5xx and numbers that HTTP does not know."""
    if 300 <= status < 400:
        return REDIRECT
    return TRANSIENT if 500 <= status < 600 else GARBLED


def arrival_of(verdict: Verdict) -> Arrival:
    """A refusal that is tried again says: nothing was processed. One that ends the journey was about this message."""
    return Arrival.NO if verdict in (Verdict.RETRY, Verdict.HOLD) else Arrival.YES
