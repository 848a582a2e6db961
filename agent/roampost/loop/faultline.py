"""One fault line of an EVSE: contact sense, debounce and latch over the samples of an input."""

from dataclasses import dataclass

from roampost.domain.messages import ErrorKind
from roampost.evse.debounce import Debounce
from roampost.evse.event import Trouble


@dataclass(frozen=True, slots=True)
class LineRule:
    """What the configuration says of the line. index counts inputs from 0."""

    name: str
    text: str
    index: int
    closed_is_healthy: bool
    debounce_s: float
    clear_after_s: float
    stops: bool
    latched: bool
    error: ErrorKind | None

    def trouble(self) -> Trouble:
        return Trouble(self.name, self.text, self.error)


class FaultLine:
    """`active` is the debounced truth; `latch` outlives it until a person acknowledges."""

    def __init__(self, rule: LineRule, *, latch: bool = False) -> None:
        self.rule = rule
        self.latch = latch
        self._filter: Debounce[bool] | None = None
        self._told = False

    @property
    def active(self) -> bool:
        return self._filter is not None and self._filter.believed

    @property
    def counts(self) -> bool:
        """Whether the fault is to be reckoned with."""
        return self.active or self.latch

    @property
    def unsettled(self) -> bool:
        """Whether the line has not been read yet, or shows a fault that its debounce has not confirmed."""
        return self._filter is None or (self._filter.candidate and not self._filter.believed)

    def news(self) -> bool:
        """True once for every time the fault comes up."""
        fresh = self.active and not self._told
        self._told = self.active
        return fresh

    def sample(self, energised: bool, at_s: float) -> None:
        """Take one sample; a fault at the first look needs its debounce like any other."""
        faulty = energised is not self.rule.closed_is_healthy
        if self._filter is None:
            self._filter = Debounce.of(False, at_s)
        self._filter = self._filter.sample(faulty, at_s, self._wait_s)
        if self.active and self.rule.latched:
            self.latch = True

    def due_s(self) -> float | None:
        """When another sample would settle a change."""
        return None if self._filter is None else self._filter.due_s(self._wait_s)

    def acknowledge(self) -> bool:
        """Take the latch back; False while the fault is still there."""
        if self.active:
            return False
        self.latch = False
        return True

    def _wait_s(self, faulty: bool) -> float:
        return self.rule.debounce_s if faulty else self.rule.clear_after_s
