"""Which session a request from afar means, and which requests are one and the same. Pure.

A hub's session ID says both. Where its protocol has none, the driver at the EVSE does, and of a start the payment, if
one is named: it pays for one charge. No ID never equals no ID.
"""

from roampost.config.identifiers import canonical
from roampost.evse.at_hub import AtHub
from roampost.hubs.remote import CancelReservation, Command, RemoteStart, RemoteStop, ReplaceCards, Reserve

ForDriver = RemoteStart | RemoteStop | Reserve | CancelReservation
Driver = tuple[str | None, str | None, str | None]
_NOBODY: Driver = (None, None, None)


def upper(uid: str | None) -> str | None:
    """A card number as readers write it."""
    return None if uid is None else uid.upper()


def driver(command: ForDriver) -> Driver:
    """In the order of `AtHub.is_for`."""
    return upper(command.uid), command.contract_id, command.account


def means(command: ForDriver, one: AtHub) -> bool:
    """Whether the request is about this session or reservation. A cancellation may name nobody: one hub keeps an EVSE
    for one driver."""
    if command.hub_session_id is not None:
        return one.is_under(command.hub, command.hub_session_id)
    if one.hub != command.hub:
        return False
    asked = driver(command)
    return one.is_for(*asked) or (isinstance(command, CancelReservation) and asked == _NOBODY)


def is_repeated(command: RemoteStart, session: AtHub) -> bool:
    """Whether the start that comes now is the one that has begun this session: then its answer was lost."""
    if command.hub_session_id is None and command.provider_session_id != session.provider_session_id:
        return False
    return means(command, session)


def pays_for(command: RemoteStart | Reserve, one: AtHub) -> bool:
    """Whether it would be another record under what the hub takes one for: its session, else its payment."""
    if command.hub_session_id is not None:
        return one.is_under(command.hub, command.hub_session_id)
    payment = command.provider_session_id
    return payment is not None and (one.hub, one.provider_session_id) == (command.hub, payment)


def turn(command: Command) -> tuple[str | None, ...]:
    """What has the same key is carried out one after the other."""
    if isinstance(command, ReplaceCards):
        return (command.hub,)
    if command.hub_session_id is not None:
        return command.hub, command.hub_session_id.lower()
    return command.hub, canonical(command.evse_id), *driver(command)
