"""An OICP hub behind the interface of `hubs.base`. No method raises for what the hub or the network does."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from roampost.domain.messages import (
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    FullLoadMessage,
    LateAuthorization,
    Message,
    PricingProductsMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.hubs.base import Answer, Arrival, Authorization, CardList, Decision, Limit, Verdict, When
from roampost.hubs.https.line import CONNECT_S, POOL_S, Line, Reply
from roampost.hubs.oicp.answers import About
from roampost.hubs.oicp.authorization import decide, judge_late, lost
from roampost.hubs.oicp.cards import LIST_MAX_BYTES, read_cards
from roampost.hubs.oicp.encode import (
    Operator,
    Request,
    Sayable,
    authorize_start_request,
    authorize_stop_request,
    pull_cards_request,
    request_for,
)
from roampost.hubs.oicp.limits import LIMITS
from roampost.hubs.oicp.session_words import UnsayableError
from roampost.hubs.oicp.settings import OicpSettings
from roampost.hubs.oicp.verdicts import judge

log = logging.getLogger(__name__)
# Of megabytes over a mobile line; each single wait is bounded by timeout_s all the same.
PULL_S = 300.0
AUTHORIZE_S = 30.0


class OicpHub:
    """deliver_s and authorize_s bound a whole call, from the wait for a free connection to the answer's last byte.

    Who asks about a card decides how long a person waits; authorize_s is longer, because a yes that comes too late has
    to be heard, and closed at the hub.
    """

    def __init__(
        self,
        settings: OicpSettings,
        when: When,
        *,
        now: Callable[[], datetime],
        deliver_s: float | None = None,
        authorize_s: float = AUTHORIZE_S,
    ) -> None:
        self._settings = settings
        self._operator = Operator(settings.operator_id, settings.operator_name)
        self._when = when
        self._now = now
        self._deliver_s = deliver_s or settings.timeout_s + CONNECT_S + POOL_S
        self._authorize_s = authorize_s
        self._line = Line(settings.endpoint, now)

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def limits(self) -> tuple[Limit, ...]:
        return LIMITS

    def takes(self, message: Message) -> bool:
        return not isinstance(message, StationDataMessage)

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        if isinstance(message, StationDataMessage):
            return Answer(Verdict.REJECT, Arrival.NO, "OICP knows EVSEs and no stations; the message was not sent.")
        try:
            path, body = request_for(message, self._operator, self._when)
        except ValidationError as error:
            return Answer(Verdict.REJECT, Arrival.NO, _unsayable(error))
        except UnsayableError as error:
            return Answer(Verdict.REJECT, Arrival.NO, str(error))
        reply = await self._line.post(path, body, total_s=self._deliver_s)
        return reply if isinstance(reply, Answer) else _judged(message, reply, maybe_arrived, self._now())

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        try:
            request = authorize_start_request(self._operator, evse_id=evse_id, uid=uid, session_id=session_id)
        except ValidationError as error:
            return Authorization(Decision.NO_ANSWER, _unsayable(error))
        return await self._ask(About(session_id), request)

    async def authorize_stop(
        self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str, contract_id: str | None = None
    ) -> Authorization:
        try:
            request = authorize_stop_request(
                self._operator, evse_id=evse_id, uid=uid, session_id=session_id, hub_session_id=hub_session_id
            )
        except ValidationError as error:
            return Authorization(Decision.NO_ANSWER, _unsayable(error))
        return await self._ask(About(session_id, hub_session_id), request)

    async def pull_cards(self) -> CardList | Answer:
        path, body = pull_cards_request(self._operator)
        reply = await self._line.post(path, body, total_s=PULL_S, body_max=LIST_MAX_BYTES)
        if isinstance(reply, Answer):
            return reply
        # In a thread: a long list takes seconds, in which an event loop would guard nothing.
        found = await asyncio.to_thread(read_cards, reply.status, reply.headers, reply.body, now=self._now())
        if isinstance(found, CardList) and not found.uids:
            log.warning("hub %s: its list of cards is empty; without the hub no roaming card may charge", self.name)
        return found

    async def aclose(self) -> None:
        await self._line.aclose()

    async def _ask(self, asked: About, request: Request) -> Authorization:
        path, body = request
        reply = await self._line.post(path, body, total_s=self._authorize_s)
        if isinstance(reply, Answer):
            return lost(asked, reply)
        return decide(asked, reply.status, reply.headers, reply.body)


def _judged(message: Sayable, reply: Reply, maybe_arrived: bool, now: datetime) -> Answer:
    about = _about(message)
    if isinstance(message, LateAuthorization) and about is not None:
        return judge_late(about, reply.status, reply.headers, reply.body, maybe_arrived=maybe_arrived, now=now)
    answer = judge(
        message.kind,
        reply.status,
        reply.headers,
        reply.body,
        maybe_arrived=maybe_arrived,
        now=now,
        about=about,
    )
    if isinstance(message, EvseDataMessage) and answer.code == "603":
        return _unknown_there(message, answer)
    return answer


def _unknown_there(message: EvseDataMessage, answer: Answer) -> Answer:
    """The hub has no data of the EVSE that we would change or delete. The first needs an insertion."""
    if message.action == "delete" and answer.verdict is Verdict.HOLD:
        gone = "The hub has no data of this EVSE, as it shall be."
        return replace(answer, verdict=Verdict.DELIVERED, arrival=Arrival.YES, text=gone)
    return replace(answer, wants_data=message.action == "update")


def _about(message: Sayable) -> About | None:
    match message:
        case StatusMessage() | FullLoadMessage() | EvseDataMessage() | EvseDataSetMessage():
            return None
        case PricingProductsMessage() | EvsePricingMessage():
            return None
        case _:
            return About(message.session.session_id, message.session.hub_session_id)


def _unsayable(error: ValidationError) -> str:
    """Names the fields and never their values, which may be a driver's."""
    fields = sorted({".".join(str(part) for part in found["loc"]) for found in error.errors()})
    return f"OICP has no form for this message, which was not sent: {', '.join(fields)} is not as OICP wants it."
