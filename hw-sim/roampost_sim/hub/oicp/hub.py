"""The sandbox OICP 2.3 hub: mutual TLS, strict schemas, sessions whose IDs are the hub's."""

import ssl
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from roampost_sim.hub.controls import Controls
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.oicp.caller import OicpCaller
from roampost_sim.hub.oicp.control import controls
from roampost_sim.hub.oicp.desk import read
from roampost_sim.hub.oicp.faults import KINDS, WORDS
from roampost_sim.hub.oicp.operations import BASE, NAMES
from roampost_sim.hub.oicp.state import HeldStatus, HubSettings, HubState, Session
from roampost_sim.hub.rules import Rules
from roampost_sim.hub.server import Hub


class SandboxHub(Hub):
    """`async with SandboxHub(settings) as hub:` listens on 127.0.0.1 over mutual TLS."""

    settings: HubSettings
    calls: OicpCaller

    def __init__(self, settings: HubSettings) -> None:
        self.state = HubState.of(settings)
        verify = ssl.CERT_REQUIRED if settings.require_client_certificate else ssl.CERT_OPTIONAL
        rules = Rules("oicp", BASE, NAMES, KINDS, WORDS, partial(read, self.state), verify, numbered=True)
        super().__init__(settings, rules)
        self.calls = OicpCaller(self.state, self._shop, self._add)

    @property
    def decks(self) -> Mapping[str, set[str]]:
        return {"known": self.state.cards, "blocked": self.state.blocked_cards}

    @property
    def controls(self) -> Controls:
        return controls(self, self.state, self.calls)

    @property
    def client_cert(self) -> Path:
        return self._client.certificate

    @property
    def client_key(self) -> Path:
        return self._client.key

    @property
    def sessions(self) -> dict[str, Session]:
        return self.state.sessions

    @property
    def statuses(self) -> dict[str, HeldStatus]:
        return self.state.statuses

    def set_stop_cards(self, uid: str, others: tuple[str, ...]) -> None:
        """These may stop the card's sessions; of one that is open already no operator has heard it."""
        self.state.set_stop_cards(uid, others)
        self.notify()

    def _prepare(self) -> None:
        super()._prepare()
        self._client = self._shop.client(bare(self.settings.operators[0]))
