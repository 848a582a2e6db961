"""What a charging controller does by itself at its own power-up: looked at once, changed only when a person asks.

Some (EVSE-DIN) charge on a stored default before any agent speaks. The register wears out, so it is written once.
"""

import logging
from collections.abc import Mapping

from roampost_drivers.errors import DriverError
from roampost_drivers.roles import Charger

log = logging.getLogger(__name__)


class Commissioning:
    """Knows which chargers have been looked at; `unsafe` are those that keep a default of their own."""

    def __init__(self, chargers: Mapping[str, Charger]) -> None:
        self._chargers = chargers
        self._waiting = set(chargers)
        self.unsafe: set[str] = set()

    async def look(self) -> None:
        """Look at the chargers that have not answered yet; nothing is asked of those that have."""
        for name in sorted(self._waiting):
            try:
                safe = await self._chargers[name].is_commissioned()
            except DriverError as error:
                log.debug("%s cannot be asked for its default yet: %s", name, error)
                continue
            self._waiting.discard(name)
            if not safe:
                self.unsafe.add(name)
                log.warning("%s charges on its own default after a power-up: roampost commission %s", name, name)

    async def commission(self, name: str) -> bool:
        """Write the safe default; True when it was written. Raises KeyError and DriverError."""
        written = await self._chargers[name].commission()
        self.unsafe.discard(name)
        self._waiting.discard(name)
        return written
