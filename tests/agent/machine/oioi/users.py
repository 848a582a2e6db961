"""Whom an OIOI hub would pay for: the cards that it said yes to, and the drivers that it asked for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roampost.hubs.remote import RemoteStart, Reserve
from tests.agent.machine.cards import KNOWN

# The three ways to name a driver in a request: card, contract, account.
Driver = tuple[str | None, str | None, str | None]
_APP_CONTRACT = "DE-8PS-C12345678-X"


@dataclass
class Users:
    """contracts: the contract of each card."""

    contracts: Mapping[str, str]
    _good: set[tuple[str, str]] = field(default_factory=set)

    def verified(self, uid: str) -> None:
        self._good |= {("rfid", uid), ("evco-id", self.contracts[uid])}

    def asked_for(self, command: RemoteStart | Reserve) -> None:
        kind, _, name = (command.account or "").partition(":")
        named = {"rfid": command.uid, "evco-id": command.contract_id, kind: name}
        self._good |= {(kind, name) for kind, name in named.items() if kind and name}

    def may(self, user: Mapping[str, str]) -> bool:
        return (user["identifier-type"], user["identifier"]) in self._good

    def remote(self, who: str, number: int) -> Driver:
        """who: card, contract or account."""
        match who:
            case "card":
                return KNOWN, None, None
            case "contract":
                return None, _APP_CONTRACT, None
            case _:
                return None, None, ("username:jo" if number % 2 else "token:5f1e")
