"""What a dispatcher asks of the station while it sends, and what it tells it of the hub's answers."""

from collections.abc import Callable
from dataclasses import dataclass

from roampost.outbox.words import Refresh


@dataclass(frozen=True, slots=True)
class Heard:
    """refresh makes a message of the moment. opened (session_id, hub_session_id) and refused (session_id, why) tell
    what a late authorization has brought, after the commit, and again at every start. wants_data (evse_id): the hub
    refuses what it hears of an EVSE that it has no data of."""

    refresh: Refresh = lambda message: message
    opened: Callable[[str, str], object] = lambda session_id, hub_session_id: None
    refused: Callable[[str, str], object] = lambda session_id, why: None
    wants_data: Callable[[str], object] = lambda evse_id: None
