"""A person at a reader: holds a card to it, and takes it away when the time is up or on request."""

from dataclasses import dataclass

from roampost_sim.devices.twn4 import Card, Twn4

DESFIRE = (0x0344, 0x20)
CLASSIC = (0x0004, 0x08)


def card_of(uid_hex: str, tag_type: int) -> Card:
    """The card that has such a UID: seven bytes are a MIFARE DESFire, other lengths a Classic."""
    uid = bytes.fromhex(uid_hex)
    atqa, sak = DESFIRE if len(uid) == 7 else CLASSIC
    return Card(uid, tag_type, atqa, sak)


@dataclass(slots=True)
class Person:
    card: Card
    reader: Twn4
    holding: bool = False

    def hold(self) -> None:
        self.reader.cards.append(self.card)
        self.holding = True

    def take_away(self) -> bool:
        """False when the card is away already."""
        if not self.holding:
            return False
        self.reader.cards.remove(self.card)
        self.holding = False
        return True
