"""A value is believed when every sample for its whole time agreed. Pure: samples carry their own time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Debounce(Generic[T]):
    """believed is what counts; candidate what the samples have said since since_s (seconds)."""

    believed: T
    candidate: T
    since_s: float

    @classmethod
    def of(cls, value: T, at_s: float) -> "Debounce[T]":
        return cls(value, value, at_s)

    def sample(self, value: T, at_s: float, wait_s: Callable[[T], float]) -> "Debounce[T]":
        """The filter after one more sample; wait_s tells how long a value must hold before it is believed."""
        if value != self.candidate:
            changed = replace(self, candidate=value, since_s=at_s)
            return replace(changed, believed=value) if wait_s(value) <= 0 else changed
        if value != self.believed and at_s - self.since_s >= wait_s(value):
            return replace(self, believed=value)
        return self

    def due_s(self, wait_s: Callable[[T], float]) -> float | None:
        """When a sample would settle the matter; None when nothing is pending."""
        return None if self.candidate == self.believed else self.since_s + wait_s(self.candidate)
