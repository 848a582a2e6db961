"""What hubs have asked for lately and what they were told, so that a request that comes twice is carried out once."""

from collections import OrderedDict

from roampost.config.identifiers import canonical
from roampost.hubs.remote import Command, Reply

# More than a station has EVSEs; a hub repeats within minutes.
PER_HUB = 64


class Remembered:
    """The last answers per hub, by the hub's session ID in whatever case, and the EVSE in whatever spelling."""

    def __init__(self, per_hub: int = PER_HUB) -> None:
        self._per_hub = per_hub
        self._replies: dict[str, OrderedDict[tuple[str, str], Reply]] = {}

    def put(self, command: Command, reply: Reply) -> None:
        known = self._replies.setdefault(command.hub, OrderedDict())
        known[_key(command)] = reply
        known.move_to_end(_key(command))
        while len(known) > self._per_hub:
            known.popitem(last=False)

    def get(self, command: Command) -> Reply | None:
        known = self._replies.get(command.hub)
        return None if known is None else known.get(_key(command))


def _key(command: Command) -> tuple[str, str]:
    return (command.hub_session_id or "").lower(), canonical(command.evse_id)
