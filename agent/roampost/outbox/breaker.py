"""Whether a hub may be called now. Pure: told the answers and the time (monotonic milliseconds).

While a hub cannot be reached, one message at a time is tried, at growing distances, instead of every lane on its own.
The first word from the hub opens the way for all. A hub that asks for a pause (429, Retry-After) gets it from all.
"""

from roampost.hubs.base import Answer
from roampost.outbox.backoff import Backoff
from roampost.outbox.verdicts import is_heard, is_offline

TOO_MANY_REQUESTS = 429


class Breaker:
    def __init__(self, backoff: Backoff, *, now_ms: int) -> None:
        self.failures = 0
        self.probe_s = 0.0
        self.free_at_ms = now_ms
        self._backoff = backoff
        self._step = 0
        self._reachable_ms = 0
        self._since_ms = now_ms

    @property
    def probing(self) -> bool:
        return self.failures > 0

    @property
    def step(self) -> int:
        """To be given back with the answer: attempts that began together count as one failure."""
        return self._step

    def start_offline(self, *, free_at_ms: int) -> None:
        """The last thing that is known from before a restart is that the hub could not be reached."""
        self.failures = max(1, self.failures)
        self.free_at_ms = free_at_ms

    def answered(self, answer: Answer, *, step: int, now_ms: int) -> None:
        if is_offline(answer):
            if step == self._step:
                self._fail(now_ms)
            return
        if not is_heard(answer):
            return
        self.heard(now_ms)
        if answer.retry_after_s is not None or answer.http_status == TOO_MANY_REQUESTS:
            pause_s = self._backoff.retry_s(1, answer.retry_after_s)
            self.free_at_ms = max(self.free_at_ms, now_ms + round(1000 * pause_s))

    def heard(self, now_ms: int) -> bool:
        """The hub has spoken, to whomever; whether that is news."""
        if not self.probing:
            return False
        self.failures, self._since_ms = 0, now_ms
        self.free_at_ms = now_ms
        return True

    def reachable_ms(self, now_ms: int) -> int:
        """How long the hub has been reachable, all in all: a clock that stands still while it is not."""
        return self._reachable_ms + (0 if self.probing else now_ms - self._since_ms)

    def _fail(self, now_ms: int) -> None:
        self._reachable_ms = self.reachable_ms(now_ms)
        self._step += 1
        self.failures += 1
        self.probe_s = self._backoff.probe_s(self.failures)
        self.free_at_ms = now_ms + round(1000 * self.probe_s)
