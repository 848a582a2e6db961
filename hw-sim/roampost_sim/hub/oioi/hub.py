"""The sandbox OIOI 4 hub: TLS and an API key, one address, strict schemas; the session IDs are the operator's."""

import ssl
from collections.abc import Mapping
from functools import partial

from roampost_sim.hub.controls import Controls
from roampost_sim.hub.oioi.caller import OioiCaller
from roampost_sim.hub.oioi.calls import BASE, NAMES
from roampost_sim.hub.oioi.control import controls
from roampost_sim.hub.oioi.desk import read
from roampost_sim.hub.oioi.faults import KINDS, WORDS
from roampost_sim.hub.oioi.state import HeldStation, HeldStatus, OioiSettings, OioiState, Session
from roampost_sim.hub.rules import Rules
from roampost_sim.hub.server import Hub


class OioiHub(Hub):
    """`async with OioiHub(settings) as hub:` listens on 127.0.0.1 over TLS; url is the address of every call."""

    settings: OioiSettings
    calls: OioiCaller

    def __init__(self, settings: OioiSettings) -> None:
        self.state = OioiState.of(settings)
        rules = Rules("oioi", BASE, NAMES, KINDS, WORDS, partial(read, self.state), ssl.CERT_NONE, numbered=False)
        super().__init__(settings, rules)
        self.calls = OioiCaller(self.state, self._shop, self._add)

    @property
    def decks(self) -> Mapping[str, set[str]]:
        return self.state.decks

    @property
    def controls(self) -> Controls:
        return controls(self.state, self.calls)

    @property
    def sessions(self) -> dict[str, Session]:
        return self.state.sessions

    @property
    def statuses(self) -> dict[str, HeldStatus]:
        return self.state.statuses

    @property
    def stations(self) -> dict[str, HeldStation]:
        return self.state.stations
