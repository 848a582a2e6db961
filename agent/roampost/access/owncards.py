"""The operator's own cards: a file of digests, read anew when it has changed. Small; a bad line costs only itself."""

import logging
from pathlib import Path

from roampost.access.cardkey import CardKey
from roampost.config.authorization import own_card_lines, read_own_cards
from roampost.filestamp import FileStamp, file_stamp

log = logging.getLogger(__name__)


class OwnCards:
    """Every trouble with the file is logged once for each version of it."""

    def __init__(self, path: Path, key: CardKey) -> None:
        self._path = path
        self._key = key
        self._seen: FileStamp | None = None
        self._lines: dict[bytes, int] = {}

    def line_of(self, uid: str) -> int | None:
        """The line that allows this card; None where none does."""
        self._refresh()
        return self._lines.get(self._key.digest(uid.upper()))

    def holds(self, uid: str) -> bool:
        return self.line_of(uid) is not None

    def count(self) -> int:
        self._refresh()
        return len(self._lines)

    def _refresh(self) -> None:
        seen = file_stamp(self._path)
        if seen == self._seen:
            return
        self._seen, self._lines = seen, {}
        try:
            cards, wrong = own_card_lines(read_own_cards(self._path))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            log.warning("own cards: %s cannot be used: %s", self._path, why)
            return
        for one in wrong:
            log.warning("own cards: %s: %s", self._path, one)
        foreign = [card for card in cards if card.key_id != self._key.id]
        if foreign:
            log.warning(
                "own cards: %s: line %d and %d others were hashed with another key and allow nobody; hash them again on"
                " this station, or give it that key",
                self._path,
                foreign[0].line,
                len(foreign) - 1,
            )
        self._lines = {card.digest: card.line for card in cards if card.key_id == self._key.id}
