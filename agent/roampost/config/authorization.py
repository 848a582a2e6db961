"""[authorization]: who may charge without a hub's word, and the file of the operator's own cards.

Card numbers are never kept in the clear: a line of the file is a keyed digest that `roampost cards hash` makes. A
number in the clear is a mistake like any other, told without the number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from roampost.config.section import AbsolutePath, Section

if TYPE_CHECKING:
    from roampost.config.model import Config

KEY_NAME = "cards.key"
SCHEME = "hmac-sha256"
MAX_FILE_BYTES = 10_000_000
_ENTRY = re.compile(rf"{SCHEME}:([0-9a-f]{{16}}):([0-9a-f]{{32}})")
_IN_THE_CLEAR = re.compile(r"([0-9A-Fa-f]{2}[:-]?){3,9}[0-9A-Fa-f]{2}")


class Authorization(Section):
    """Without this section only a hub's word counts."""

    own_cards_file: AbsolutePath | None = Field(
        default=None, description="the operator's own cards, hashed by `roampost cards hash`; no hub is asked"
    )
    own_max_wh: int | None = Field(default=None, ge=100, le=1_000_000, description="most energy of one such session")
    own_max_s: int | None = Field(default=None, ge=60, le=604_800, description="longest such session")
    roaming_offline: Literal["deny", "list"] = Field(
        default="deny", description="while no hub answers: nobody, or who is on the hub's list"
    )
    list_max_age_h: int = Field(default=48, ge=1, le=720, description="an older list allows nobody")
    offline_max_wh: int = Field(
        default=20_000, ge=100, le=1_000_000, description="most energy of a session that a list allowed"
    )
    offline_max_s: int = Field(default=14_400, ge=60, le=604_800, description="longest session that a list allowed")
    key_file: AbsolutePath | None = Field(
        default=None, description=f"key of the digests; without it {KEY_NAME} beside the database, made when needed"
    )


def key_path(settings: Authorization, database: Path) -> Path:
    return settings.key_file or database.parent / KEY_NAME


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A line of the file. key_id names the key that it was made with."""

    line: int
    key_id: str
    digest: bytes


def own_card_lines(text: str) -> tuple[list[OwnCard], list[str]]:
    """The cards, and one sentence for each line that is none; a sentence never holds what the line says."""
    cards: list[OwnCard] = []
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        match = _ENTRY.fullmatch(words[0]) if len(words) == 1 else None
        if match is not None:
            cards.append(OwnCard(number, match[1], bytes.fromhex(match[2])))
        elif any(map(_IN_THE_CLEAR.fullmatch, ("".join(words), words[0]))):
            wrong.append(
                f"line {number} is a card number in the clear, which is personal data; give it to"
                " `roampost cards hash` and put the line that it prints there"
            )
        else:
            wrong.append(f"line {number} is none that `roampost cards hash` printed")
    return cards, wrong


def read_own_cards(path: Path) -> str:
    """The file's text. Raises OSError, and ValueError where it is no text or too long."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"is larger than {MAX_FILE_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None


def file_problems(settings: Authorization) -> Iterator[str]:
    """What is wrong inside the file of own cards. That it cannot be read is advice: hubs are asked all the same."""
    path = settings.own_cards_file
    if path is None:
        return
    try:
        _, wrong = own_card_lines(read_own_cards(path))
    except OSError:
        return
    except ValueError as error:
        wrong = [str(error)]
    for one in wrong:
        yield f"authorization.own_cards_file = '{path}': {one}"


def authorization_advice(config: "Config") -> Iterator[str]:
    """What is allowed and does not do what it looks like."""
    settings = config.authorization
    if settings.own_cards_file is not None:
        try:
            settings.own_cards_file.open("rb").close()
        except OSError as error:
            yield (
                f"authorization.own_cards_file = '{settings.own_cards_file}': cannot be read: {error.strerror};"
                " none of the operator's own cards is known"
            )
    if settings.roaming_offline == "list" and not any(hub.has_cards for hub in config.hubs.values()):
        yield (
            'authorization.roaming_offline = "list": no hub has cards_every_h, and none may post its list to'
            " [hubs.<name>.inbound], so there is no list and nobody on it"
        )
    pulled = {name: hub.pulls_cards_every_h for name, hub in config.hubs.items() if hub.pulls_cards_every_h}
    for name, every_h in pulled.items():
        if settings.roaming_offline == "deny":
            yield f'hubs.{name}.cards_every_h = {every_h}: the list is never used with roaming_offline = "deny"'
        elif every_h > settings.list_max_age_h:
            yield (
                f"hubs.{name}.cards_every_h = {every_h}: the list is too old before the next one comes"
                f" (authorization.list_max_age_h = {settings.list_max_age_h})"
            )
