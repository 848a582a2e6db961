"""What the meters' registers showed, from the record of truth: every event of an EVSE carries its register. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

# Eastron meters renew what they show every 0.5 to 1 s.
SHOWN_S = 1.0


class Registers:
    def __init__(self, truth: Sequence[Mapping[str, Any]]) -> None:
        self._events = sorted((one for one in truth if "register_wh" in one), key=lambda one: one["t"])

    def at_rest(self, evse: str, t: float) -> float | None:
        """The register after the contactor opened for good, at t or later; None while the record does not tell."""
        mine = [one for one in self._events if one["evse"] == evse]
        until = next((one["t"] for one in mine if one["event"] == "contactor_closed" and one["t"] > t), float("inf"))
        before = [one for one in mine if one["t"] < until]
        moves = [one for one in before if one["event"] in ("contactor_closed", "contactor_opened")]
        if not moves or moves[-1]["event"] != "contactor_opened":
            return None
        shown = [one["register_wh"] for one in before if one["t"] >= moves[-1]["t"] + SHOWN_S]
        return float(shown[-1]) if shown else None
