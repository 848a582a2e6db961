"""What hubs have asked for lately and what they were told, so that a request that comes twice is carried out once."""

from collections import OrderedDict

from roampost.hubs.remote import Reply

# More than a station has EVSEs; a hub repeats within minutes.
PER_HUB = 64


class Remembered:
    """The last answers per hub, by the hub's session ID in whatever case."""

    def __init__(self, per_hub: int = PER_HUB) -> None:
        self._per_hub = per_hub
        self._replies: dict[str, OrderedDict[str, Reply]] = {}

    def put(self, hub: str, hub_session_id: str, reply: Reply) -> None:
        known = self._replies.setdefault(hub, OrderedDict())
        known[hub_session_id.lower()] = reply
        known.move_to_end(hub_session_id.lower())
        while len(known) > self._per_hub:
            known.popitem(last=False)

    def get(self, hub: str, hub_session_id: str) -> Reply | None:
        known = self._replies.get(hub)
        return None if known is None else known.get(hub_session_id.lower())
