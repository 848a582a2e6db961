"""What a step wants done, as values. They are carried out in `roampost.site.ledger` and `roampost.access.asker`."""

from dataclasses import dataclass

from roampost.domain.messages import Message
from roampost.evse.event import Card
from roampost.evse.session import Session


@dataclass(frozen=True, slots=True)
class AskStart:
    """Ask the EVSE's hubs whether the card may charge."""

    card: Card


@dataclass(frozen=True, slots=True)
class AskStop:
    """Ask the session's hub whether another card may stop it."""

    uid: str
    session: Session


@dataclass(frozen=True, slots=True)
class Tell:
    """Give a message to the outbox in the same transaction; hub None means every hub of the EVSE."""

    message: Message
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Leave an audit row: something a person may ask about later."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A session has been written to its end; not_owed says why no charge detail record is, None where one was told."""

    session: Session
    not_owed: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The hub's own yes has come after its list had let the session begin: it need not be asked any more."""

    session: Session


Effect = AskStart | AskStop | Tell | Note | Closed | Opened
