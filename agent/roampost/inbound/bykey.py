"""Connections without a certificate: every request shows an API key, before any of its body is read.

They reach the hubs that are recognised by a key, and no other. A refusal is in the hub's words where its path is asked
for, counts for the address like any request, and ends the connection.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from roampost.inbound.keys import ApiKeys
from roampost.inbound.limits import Rates

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ByKey:
    """apps: by hub. refusals: by path, and `refusal` for all others. told: how often a refusal is written down."""

    keys: ApiKeys
    apps: Mapping[str, ASGIApp]
    refusals: Mapping[str, ASGIApp]
    refusal: ASGIApp
    told: Rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        hub = self.keys.hub_of(shown)
        if hub is None:
            self._tell((scope.get("client") or ("", 0))[0], shown=bool(shown))
        app = self.refusals.get(scope["path"], self.refusal) if hub is None else self.apps[hub]
        await app(scope, receive, send)

    def _tell(self, address: str, *, shown: bool) -> None:
        if self.told.take(address) == 0:
            why = "an API key that is no hub's" if shown else "neither certificate nor API key"
            log.warning("%s: refused: it shows %s (said once a minute)", address, why)
