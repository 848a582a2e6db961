"""Where the core meets a protocol: `kind` of `[hubs.<name>]` is the name of a package beside this module, and that
package has a module `plugin` with what `Plugin` wants. Nothing else of a hub's package is known outside it.

A package is imported when it is configured, and not before: each costs memory.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from roampost.hubs.base import Hub, When
from roampost.hubs.comparison import Compare
from roampost.hubs.inbound import Dialect

if TYPE_CHECKING:
    from roampost.domain.poi import EvsePoi
    from roampost.poi.finding import Finding

Sleep = Callable[[float], Awaitable[None]]


class Plugin(Protocol):
    """What a hub's `plugin` module offers. settings: its own section of `config/hubs.py`."""

    def backend(self, name: str, settings: Any, when: When, now: Callable[[], datetime]) -> Hub:
        """Connects to nothing yet. now: this machine's clock."""

    def readback(self, name: str, settings: Any, now: Callable[[], datetime], sleep: Sleep) -> Compare | str:
        """How what the hub holds can be read back, or the sentence why it cannot."""

    def objections(self, evses: "Sequence[EvsePoi]") -> "Iterable[tuple[str, Finding]]":
        """What the protocol has no words for, or refuses, of the EVSEs that are on the hub; by EVSE. Pure."""

    def dialect(self, name: str, settings: Any, evse_ids: Sequence[str], when: When) -> Dialect:
        """Called where the hub may call."""


def plugin(kind: str) -> Plugin:
    """kind has been checked by the configuration."""
    return cast(Plugin, import_module(f"roampost.hubs.{kind}.plugin"))
