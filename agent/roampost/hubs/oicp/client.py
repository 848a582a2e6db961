"""An OICP hub behind the interface of `hubs.base`. No method raises for what the hub or the network does."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from roampost.domain.messages import Message
from roampost.hubs.base import Answer, Arrival, Authorization, Decision, Verdict, When
from roampost.hubs.oicp.authorization import Asked, decide, lost
from roampost.hubs.oicp.encode import (
    Operator,
    Request,
    authorize_start_request,
    authorize_stop_request,
    request_for,
)
from roampost.hubs.oicp.line import CONNECT_S, POOL_S, Line
from roampost.hubs.oicp.settings import OicpSettings
from roampost.hubs.oicp.verdicts import judge


class OicpHub:
    """deliver_s and authorize_s bound a whole call, from the wait for a free connection to the answer's last byte.

    authorize_s is what a person at the reader waits; the hub rates operators on less than 10 seconds.
    """

    def __init__(
        self,
        settings: OicpSettings,
        when: When,
        *,
        now: Callable[[], datetime],
        deliver_s: float | None = None,
        authorize_s: float = 10.0,
    ) -> None:
        self._settings = settings
        self._operator = Operator(settings.operator_id, settings.operator_name)
        self._when = when
        self._now = now
        self._deliver_s = deliver_s or settings.timeout_s + CONNECT_S + POOL_S
        self._authorize_s = authorize_s
        self._line = Line(settings, now)

    @property
    def name(self) -> str:
        return self._settings.name

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        try:
            path, body = request_for(message, self._operator, self._when)
        except ValidationError as error:
            return Answer(Verdict.REJECT, Arrival.NO, _unsayable(error))
        reply = await self._line.post(path, body, total_s=self._deliver_s)
        if isinstance(reply, Answer):
            return reply
        return judge(
            message.kind,
            reply.status,
            reply.headers,
            reply.body,
            maybe_arrived=maybe_arrived,
            now=self._now(),
        )

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        try:
            request = authorize_start_request(self._operator, evse_id=evse_id, uid=uid, session_id=session_id)
        except ValidationError as error:
            return Authorization(Decision.NO_ANSWER, _unsayable(error))
        return await self._ask(Asked(session_id), request)

    async def authorize_stop(self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str) -> Authorization:
        try:
            request = authorize_stop_request(
                self._operator, evse_id=evse_id, uid=uid, session_id=session_id, hub_session_id=hub_session_id
            )
        except ValidationError as error:
            return Authorization(Decision.NO_ANSWER, _unsayable(error))
        return await self._ask(Asked(session_id, hub_session_id), request)

    async def aclose(self) -> None:
        await self._line.aclose()

    async def _ask(self, asked: Asked, request: Request) -> Authorization:
        path, body = request
        reply = await self._line.post(path, body, total_s=self._authorize_s)
        if isinstance(reply, Answer):
            return lost(asked, reply)
        return decide(asked, reply.status, reply.headers, reply.body)


def _unsayable(error: ValidationError) -> str:
    """Names the fields and never their values, which may be a driver's."""
    fields = sorted({".".join(str(part) for part in found["loc"]) for found in error.errors()})
    return f"OICP has no form for this message, which was not sent: {', '.join(fields)} is not as OICP wants it."
