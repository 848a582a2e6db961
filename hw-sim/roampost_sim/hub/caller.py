"""The hub calls the operator's inbound service over TLS; what it asks is its protocol's."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from roampost_sim.errors import CommandError
from roampost_sim.hub.certificates import CertificateShop, Pair
from roampost_sim.hub.client import NoAnswerError, Outgoing, exchange
from roampost_sim.hub.outcome import Asked, Outcome, answered, entry, unanswered
from roampost_sim.hub.record import Entry
from roampost_sim.hub.settings import Settings


def no_certificate() -> None:
    """For a hub that shows none."""


class Caller:
    """ca_file is what signed the certificate of the operator's service; both it and url may be set at any time."""

    def __init__(self, settings: Settings, shop: CertificateShop, add: Callable[[Entry], None]) -> None:
        self.url: str | None = settings.operator_url
        self.ca_file: Path | None = settings.operator_ca
        self._settings = settings
        self._shop = shop
        self._add = add

    def _base(self) -> str:
        if self.url is None:
            raise CommandError('The hub has no address of the operator; {"do": "operator", "url": …} gives it one.')
        return self.url.rstrip("/")

    async def _ask(self, asked: Asked, sent: Outgoing, shown: Callable[[], Pair | None]) -> Outcome:
        """shown: the certificate that the hub shows; it is asked for in a thread, because it may have to be made."""
        trust = await asyncio.to_thread(self._trust, shown) if sent.url.startswith("https:") else None
        clock = self._settings.monotonic
        begun_t = clock()
        try:
            heard = await exchange(sent, trust, self._settings.call_timeout_s)
            outcome = answered(asked, clock() - begun_t, heard)
        except NoAnswerError as error:
            outcome = unanswered(asked, clock() - begun_t, str(error))
        self._add(entry(begun_t, asked, outcome))
        return outcome

    def _trust(self, shown: Callable[[], Pair | None]) -> ssl.SSLContext:
        ca_file = self.ca_file or self._shop.ca_file
        try:
            context = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise CommandError(f"The CA of the operator's service, {ca_file}, cannot be read: {error}") from None
        pair = shown()
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context
