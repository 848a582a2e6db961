"""What hubs have asked for lately and what they were told, so that a request that comes twice is carried out once."""

from collections import OrderedDict

from roampost.access.remote_same import ForDriver, means
from roampost.config.identifiers import canonical
from roampost.evse.at_hub import AtHub
from roampost.hubs.remote import Reply

# More than a station has EVSEs; a hub repeats within minutes.
PER_HUB = 64


class Remembered:
    """The last answers per hub, by the hub's session ID in whatever case, and the EVSE in whatever spelling.

    Where the hub has no IDs: the last one at each EVSE, for the driver whom it was about, until it is forgotten.
    """

    def __init__(self, per_hub: int = PER_HUB) -> None:
        self._per_hub = per_hub
        self._replies: dict[str, OrderedDict[tuple[str | None, str], tuple[Reply, AtHub | None]]] = {}

    def put(self, command: ForDriver, reply: Reply, about: AtHub | None = None) -> None:
        """Without what it was about, an answer to a request without an ID is not remembered."""
        known = self._replies.setdefault(command.hub, OrderedDict())
        known[_key(command)] = reply, about
        known.move_to_end(_key(command))
        while len(known) > self._per_hub:
            known.popitem(last=False)

    def get(self, command: ForDriver) -> Reply | None:
        reply, about = self._replies.get(command.hub, OrderedDict()).get(_key(command), (None, None))
        if command.hub_session_id is None and (about is None or not means(command, about)):
            return None
        return reply

    def forget(self, command: ForDriver) -> None:
        """Something new has begun: the next such request is about that."""
        self._replies.get(command.hub, OrderedDict()).pop(_key(command), None)


def _key(command: ForDriver) -> tuple[str | None, str]:
    given = command.hub_session_id
    return None if given is None else given.lower(), canonical(command.evse_id)
