"""One tap for one card held to the reader. Pure; the clock comes in as a number."""

from typing import Final

QUIET_S: Final = 2.0


class Debounce:
    """A card is a tap when it differs from the last one tapped, or after 2 s without any card.

    Two taps are never closer than 2 s; a second card that is still held then is the next tap.
    """

    def __init__(self) -> None:
        self._tapped: str | None = None
        self._tapped_s = float("-inf")
        self._seen_s = float("-inf")

    def is_tap(self, uid: str, now_s: float) -> bool:
        """To be told of every sight of a card."""
        fresh = uid != self._tapped or now_s - self._seen_s >= QUIET_S
        self._seen_s = now_s
        if not fresh or now_s - self._tapped_s < QUIET_S:
            return False
        self._tapped, self._tapped_s = uid, now_s
        return True
