"""The hub calls the operator's inbound service: sessions, reservations, and the whitelist.

A session is the operator's: it is known once the operator has said yes, unless its session-post came first.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.caller import Caller, no_certificate
from roampost_sim.hub.certificates import CertificateShop
from roampost_sim.hub.client import Outgoing
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.means import member
from roampost_sim.hub.oioi.asked import Asked
from roampost_sim.hub.oioi.remote import IDENTITIES, NAMES, PLAIN, Manner, Question, user
from roampost_sim.hub.oioi.state import OioiState, Reservation, Session
from roampost_sim.hub.outcome import Outcome, text_in
from roampost_sim.hub.record import Entry


class OioiCaller(Caller):
    """url is the whole address of the operator's service: it takes one call a body."""

    def __init__(self, state: OioiState, shop: CertificateShop, add: Callable[[Entry], None]) -> None:
        super().__init__(state.settings, shop, add)
        self._state = state

    async def remote_start(
        self,
        evse_id: str,
        contract: str | None = None,
        *,
        driver: Mapping[str, Any] | None = None,
        payment: str | None = None,
        manner: Manner = PLAIN,
    ) -> Outcome:
        """contract is an EVCO ID; driver is any other `user`."""
        asked_for = _driver(contract, driver)
        self._state.vouch(asked_for["identifier"])
        question = Question("session-start", evse_id, asked_for, payment=payment)
        outcome = await self._question(question, manner)
        if outcome.yes and outcome.session_id:
            self._opened(outcome.session_id, evse_id, asked_for)
        return outcome

    async def remote_stop(
        self,
        session_id: str | None = None,
        *,
        evse_id: str | None = None,
        driver: Mapping[str, Any] | None = None,
        manner: Manner = PLAIN,
    ) -> Outcome:
        """Of a session that the hub knows, or of whatever runs at an EVSE: then its driver is needed."""
        session = self._state.sessions.get(session_id or "") or self._running(evse_id)
        place = session.evse_id if session and evse_id is None else evse_id
        asker = session.user if session and driver is None else driver
        if place is None or asker is None:
            raise CommandError(f'The hub does not know the session {session_id}: give its "evse" and "contract" too.')
        return await self._question(Question("session-stop", place, asker, session_id), manner)

    async def reserve(self, evse_id: str, contract: str, *, uid: str | None = None, manner: Manner = PLAIN) -> Outcome:
        """How long, says the operator."""
        self._state.vouch(contract, *filter(None, (uid,)))
        identifier = {"evco-id": contract} | ({"rfid": uid} if uid else {})
        outcome = await self._question(Question("reservation-start", evse_id, identifier=identifier), manner)
        if outcome.yes:
            end = text_in(member(outcome.body, "reservation-start"), "end")
            self._state.reservations[bare(evse_id)] = Reservation(evse_id, contract, end)
        return outcome

    async def cancel_reservation(self, evse_id: str, *, contract: str | None = None, manner: Manner = PLAIN) -> Outcome:
        held = self._state.reservations.get(bare(evse_id))
        evco_id = contract or (held.evco_id if held else None)
        identifier = {"evco-id": evco_id} if evco_id else None
        outcome = await self._question(Question("reservation-stop", evse_id, identifier=identifier), manner)
        if outcome.yes:
            self._state.reservations.pop(bare(evse_id), None)
        return outcome

    async def post_cards(self, uids: tuple[str, ...], *, partner: str | None = None, manner: Manner = PLAIN) -> Outcome:
        """The complete list of the partner's cards."""
        owner = partner or self._state.settings.partners[0]
        self._state.vouch(*uids)
        outcome = await self._question(Question("rfid-post", uids=uids, partner=owner), manner)
        if outcome.yes:
            self._state.posted[owner] = frozenset(uids)
        return outcome

    async def call(
        self,
        operation: str,
        body: object,
        *,
        place: str | None = None,
        content_type: str = "application/json",
        method: str = "POST",
        identity: str = "hub",
    ) -> Outcome:
        """Anything at all, as it is: bytes go out untouched, everything else as JSON. place comes behind the url.

        Nothing is expected of the answer.
        """
        if operation not in NAMES:
            raise CommandError(f"There is no operation {operation!r}; there are {', '.join(NAMES)}.")
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = Outgoing(self._base() + (place or ""), payload, content_type, method, self.authorization(identity))
        return await self._ask(Asked(operation, member(body, operation), honest=False), sent, no_certificate)

    def authorization(self, identity: str) -> str | None:
        """The header of one of remote.IDENTITIES."""
        if identity not in IDENTITIES:
            raise CommandError(f'"as" is one of {", ".join(IDENTITIES)}, not {identity!r}.')
        keys = {"hub": self._state.settings.hub_key, "partner": "the-key-of-somebody-else"}
        return f"key={keys[identity]}" if identity in keys else None

    async def _question(self, question: Question, manner: Manner) -> Outcome:
        body = json.dumps({question.call: question.content(manner)}).encode()
        sent = Outgoing(self._base(), body, authorization=self.authorization(manner.identity))
        asked = Asked(question.call, question.content(PLAIN), honest=manner.identity == "hub")
        return await self._ask(asked, sent, no_certificate)

    def _opened(self, session_id: str, evse_id: str, asker: Mapping[str, Any]) -> None:
        opened_t = self._state.settings.monotonic()
        made = Session(session_id, evse_id, dict(asker), None, opened_t, kind="remote")
        self._state.sessions.setdefault(session_id, made).kind = "remote"

    def _running(self, evse_id: str | None) -> Session | None:
        there = [each for each in self._state.sessions.values() if evse_id and bare(each.evse_id) == bare(evse_id)]
        return next((each for each in reversed(there) if not each.closed), None)


def _driver(contract: str | None, driver: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if (contract is None) == (driver is None):
        raise CommandError('Who asks is either a "contract" or one of "uid", "username" and "token".')
    return driver if driver is not None else user("evco-id", contract or "")
