"""An OIOI hub behind the interface of `hubs.base`. No method raises for what the hub or the network does."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from roampost.domain.messages import LateAuthorization, Message
from roampost.hubs.base import Answer, Arrival, Authorization, CardList, Decision, Limit, Verdict, When
from roampost.hubs.https.line import CONNECT_S, POOL_S, Line
from roampost.hubs.oioi.authorization import NO_CONTRACT, decide, judge_late, of_another_card
from roampost.hubs.oioi.encode import Partner, Sayable, body_for, takes, verify_body
from roampost.hubs.oioi.settings import OioiSettings
from roampost.hubs.oioi.verdicts import judge
from roampost.hubs.oioi.words import UnsayableError

AUTHORIZE_S = 30.0
_NO_WORDS = Answer(Verdict.REJECT, Arrival.NO, "OIOI has no words for this message, which was not sent.")
_UNREADABLE = Answer(
    Verdict.REJECT, Arrival.NO, "The EVSE data in this message cannot be read by this version: post the station again."
)
_POSTED = Answer(Verdict.HOLD, Arrival.NO, "An OIOI hub posts its list of cards by itself, and gives none when asked.")


class OioiHub:
    """deliver_s and authorize_s bound a whole call, from the wait for a free connection to the answer's last byte.

    Who asks about a card decides how long a person waits; a yes that comes later opens nothing at the hub.
    """

    def __init__(
        self,
        settings: OioiSettings,
        when: When,
        *,
        now: Callable[[], datetime],
        deliver_s: float | None = None,
        authorize_s: float = AUTHORIZE_S,
    ) -> None:
        endpoint = settings.endpoint
        self._name = endpoint.name
        self._partner = Partner(settings.operator_id, settings.partner_identifier)
        self._when = when
        self._now = now
        self._deliver_s = deliver_s or endpoint.timeout_s + CONNECT_S + POOL_S
        self._authorize_s = authorize_s
        self._line = Line(endpoint, now)

    @property
    def name(self) -> str:
        return self._name

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The protocol states none; a hub that has one says so with Retry-After."""
        return ()

    def takes(self, message: Message) -> bool:
        return takes(message)

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        """maybe_arrived changes nothing: every OIOI call may be repeated."""
        if not (isinstance(message, Sayable) and takes(message)):
            return _NO_WORDS
        try:
            body = body_for(message, self._partner, self._when)
        except UnsayableError as error:
            return Answer(Verdict.REJECT, Arrival.NO, str(error))
        except ValidationError:
            return _UNREADABLE
        reply = await self._line.post("", body, total_s=self._deliver_s)
        if isinstance(reply, Answer):
            return reply
        if isinstance(message, LateAuthorization):
            session_id = message.session.session_id
            return judge_late(session_id, reply.status, reply.headers, reply.body, now=self._now())
        return judge(message.kind, reply.status, reply.headers, reply.body, now=self._now())

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        """OIOI asks about the card alone, wherever it is shown."""
        return await self._verify(uid, session_id)

    async def authorize_stop(
        self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str, contract_id: str | None = None
    ) -> Authorization:
        """Any card of the session's contract."""
        if contract_id is None:
            return Authorization(Decision.NO, NO_CONTRACT)
        return of_another_card(await self._verify(uid, session_id), hub_session_id, contract_id)

    async def pull_cards(self) -> CardList | Answer:
        return _POSTED

    async def aclose(self) -> None:
        await self._line.aclose()

    async def _verify(self, uid: str, session_id: str) -> Authorization:
        try:
            body = verify_body(uid)
        except UnsayableError as error:
            return Authorization(Decision.NO_ANSWER, str(error))
        reply = await self._line.post("", body, total_s=self._authorize_s)
        if isinstance(reply, Answer):
            return Authorization(Decision.NO_ANSWER, reply.text)
        return decide(session_id, reply.status, reply.headers, reply.body)
