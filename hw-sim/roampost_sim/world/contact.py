"""Fault contacts as they are wired to inputs.

NC: closed = healthy, so that a broken wire looks like a fault. NO: closed = active.
"""

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from roampost_sim.plan import Plan


class ContactPlan(Plan):
    """`opens` names the EVSEs whose contactors this fault opens in hardware, as an RCD or an emergency stop does."""

    module: str
    input: int = Field(ge=1, le=8)
    contact: Literal["NC", "NO"] = "NC"
    opens: tuple[str, ...] = ()
    mirrors: str | None = None


class FaultContact:
    def __init__(self, plan: ContactPlan, contactor_closed: Callable[[], bool] | None = None) -> None:
        self.plan = plan
        self.tripped = False
        self.wire_broken = False
        self._contactor_closed = contactor_closed

    @property
    def active(self) -> bool:
        """A mirror contact is active while its contactor is closed; the others while the fault is there."""
        return self._contactor_closed() if self._contactor_closed else self.tripped

    @property
    def closed(self) -> bool:
        if self.wire_broken:
            return False
        return self.active if self.plan.contact == "NO" else not self.active
