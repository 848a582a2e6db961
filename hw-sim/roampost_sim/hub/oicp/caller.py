"""The hub calls the operator's inbound service: remote start and stop, reservation and its end.

A session is there before its question goes out, because the operator's Start may overtake the answer; it goes again
when the operator says no, or nothing.
"""

import json
from collections.abc import Callable
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.caller import Caller
from roampost_sim.hub.certificates import CertificateShop, Pair
from roampost_sim.hub.client import Outgoing
from roampost_sim.hub.identifiers import belongs
from roampost_sim.hub.oicp.asked import Asked
from roampost_sim.hub.oicp.remote import IDENTITIES, PATHS, PLAIN, Manner, Question, path
from roampost_sim.hub.oicp.state import HubState, Session
from roampost_sim.hub.outcome import Outcome, text_in
from roampost_sim.hub.record import Entry

HUB_NAME, PARTNER_NAME = "hub.sandbox.example", "partner.sandbox.example"


class OicpCaller(Caller):
    """url is the base of the operator's service."""

    def __init__(self, state: HubState, shop: CertificateShop, add: Callable[[Entry], None]) -> None:
        super().__init__(state.settings, shop, add)
        self._state = state

    async def remote_start(
        self, evse_id: str, contract: str, *, session_id: str | None = None, manner: Manner = PLAIN, **more: Any
    ) -> Outcome:
        """The same session_id again is the same question again; more: optional fields of remote.Question."""
        told = more | {"evse_id": evse_id, "contract": contract}
        return await self._open("remote", self._new("AuthorizeRemoteStart", session_id, told), manner)

    async def reserve(
        self, evse_id: str, contract: str, *, session_id: str | None = None, manner: Manner = PLAIN, **more: Any
    ) -> Outcome:
        """A reservation (of `minutes`) is a session of its own, and ends with a record of its own."""
        told = more | {"evse_id": evse_id, "contract": contract}
        return await self._open("reservation", self._new("AuthorizeRemoteReservationStart", session_id, told), manner)

    async def remote_stop(self, session_id: str, *, evse_id: str | None = None, manner: Manner = PLAIN) -> Outcome:
        """evse_id is needed for a session that the hub does not know."""
        return await self._about("AuthorizeRemoteStop", session_id, evse_id, manner)

    async def cancel_reservation(
        self, session_id: str, *, evse_id: str | None = None, manner: Manner = PLAIN
    ) -> Outcome:
        return await self._about("AuthorizeRemoteReservationStop", session_id, evse_id, manner)

    async def call(
        self,
        operation: str,
        body: object,
        *,
        provider_id: str | None = None,
        place: str | None = None,
        content_type: str = "application/json",
        method: str = "POST",
        identity: str = "hub",
    ) -> Outcome:
        """Anything at all, as it is: bytes go out untouched, everything else as JSON. place overrides the path.

        Nothing is expected of the answer, and no session is opened.
        """
        if operation not in PATHS:
            raise CommandError(f"There is no operation {operation!r}; there are {', '.join(PATHS)}.")
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = self._base() + (place or path(operation, provider_id or self._state.settings.provider_id))
        sent = Outgoing(url, payload, content_type, method)
        facts = body if isinstance(body, dict) else {}
        return await self._ask(Asked(operation, facts, honest=False), sent, lambda: self.pair(identity))

    @property
    def identity(self) -> Pair:
        """The certificate that the hub shows, for an operator to pin; openssl makes it when it is first asked for."""
        return self._shop.hub(HUB_NAME)

    def pair(self, identity: str) -> Pair | None:
        """The certificate of one of remote.IDENTITIES."""
        if identity not in IDENTITIES:
            raise CommandError(f'"as" is one of {", ".join(IDENTITIES)}, not {identity!r}.')
        if identity == "none":
            return None
        if identity == "hub":
            return self.identity
        name = PARTNER_NAME if identity == "partner" else HUB_NAME
        return self._shop.hub(name, foreign=identity == "foreign", expired=identity == "expired")

    def _new(self, operation: str, session_id: str | None, told: dict[str, Any]) -> Question:
        settings = self._state.settings
        told = {"provider_id": settings.provider_id} | told
        return Question(operation, session_id=session_id or settings.new_guid(), **told)

    async def _open(self, kind: str, question: Question, manner: Manner) -> Outcome:
        self._base()
        key, sessions = question.session_id.lower(), self._state.sessions
        known = key in sessions
        session = sessions.setdefault(key, self._session(kind, question))
        yes = False
        try:
            outcome = await self._question(question, manner)
            yes = outcome.yes
        finally:
            if not yes and not known:
                sessions.pop(key, None)
        if yes:
            sessions.setdefault(key, session)
            session.partner_id = session.partner_id or text_in(outcome.body, "CPOPartnerSessionID")
        return outcome

    def _session(self, kind: str, question: Question) -> Session:
        settings = self._state.settings
        owners = [each for each in settings.operators if belongs(question.evse_id, each)]
        return Session(
            session_id=question.session_id,
            operator_id=(owners or list(settings.operators))[0],
            evse_id=question.evse_id,
            uid=question.contract or "",
            partner_id=question.partner_id,
            stop_uids=(),
            opened_t=settings.monotonic(),
            kind=kind,
            provider_id=question.provider_id,
            emp_partner_id=question.emp_partner_id,
        )

    async def _about(self, operation: str, session_id: str, evse_id: str | None, manner: Manner) -> Outcome:
        session = self._state.sessions.get(session_id.lower())
        place = evse_id or (session.evse_id if session else None)
        if place is None:
            raise CommandError(f'The hub does not know the session {session_id}: give its "evse" too.')
        question = Question(
            operation,
            session_id,
            (session.provider_id if session else None) or self._state.settings.provider_id,
            place,
            partner_id=session.partner_id if session else None,
            emp_partner_id=session.emp_partner_id if session else None,
        )
        return await self._question(question, manner)

    async def _question(self, question: Question, manner: Manner) -> Outcome:
        body = json.dumps(question.message(manner)).encode()
        sent = Outgoing(self._base() + path(question.operation, question.provider_id), body)
        asked = Asked(question.operation, question.message(PLAIN), honest=manner.identity == "hub")
        return await self._ask(asked, sent, lambda: self.pair(manner.identity))
