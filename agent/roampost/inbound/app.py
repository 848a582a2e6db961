"""What becomes of a request: admitted, read within bounds, understood by the hub's own dialect, decided, answered.

One set of routes per hub, chosen by who calls and not by what is asked: a hub can only speak for itself. Who it is, its
connection tells, or else the key of the very request.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from math import ceil
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from roampost.hubs.hostile import safe_text
from roampost.hubs.inbound import Asked, Denial, Dialect, Said
from roampost.inbound.caller import CALLER
from roampost.inbound.decisions import Decisions
from roampost.inbound.limits import Rates

log = logging.getLogger(__name__)
# A body that is somewhat too large is read to its end, so that the caller can read why it is refused.
_DISCARD_FACTOR = 4
_BUSY_WAIT_S = 5
# Ends the connection with the answer: whoever is nobody must not keep one of the few places.
CLOSES = {"Connection": "close"}
# Reading a long list takes long, and the station has one thread for all that must not wait. It takes many times its
# length of memory too, so that a hub has one read at a time, in the order in which they came.
_THREAD_FROM_BYTES = 64 * 1024
_DENIAL_OF_STATUS = {404: Denial.NO_SUCH_PATH, 405: Denial.WRONG_METHOD}


@dataclass(frozen=True, slots=True)
class Bounds:
    """answer_s: from the last byte of a request to its answer, whatever the station does."""

    max_body_bytes: int
    answer_s: float


class InboundApp:
    """The ASGI application. The hub that a certificate names stands in scope["state"][CALLER], put there by the
    connection. unnamed: for connections without a certificate."""

    def __init__(self, hubs: Mapping[str, "HubRoutes"], unnamed: ASGIApp | None = None) -> None:
        self._apps: dict[str, ASGIApp] = {hub: routes.app() for hub, routes in hubs.items()}
        self._unnamed = unnamed or denied(NOBODYS, Denial.NOT_ALLOWED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._apps.get(scope.get("state", {}).get(CALLER, ""), self._unnamed)
        await app(scope, receive, send)


class Denies(Protocol):
    def deny(self, denial: Denial) -> Said: ...


class _Nobodys:
    """No hub's words, for who is no hub."""

    def deny(self, denial: Denial) -> Said:
        return Said(429 if denial is Denial.TOO_MANY else 401, json.dumps({"message": denial.value}).encode())


NOBODYS = _Nobodys()


@dataclass(frozen=True, slots=True)
class HubRoutes:
    """The routes of one hub. long: whoever reads a long body has it."""

    dialect: Dialect
    prefix: str
    decisions: Decisions
    rates: Rates
    bounds: Bounds
    long: asyncio.Lock = field(default_factory=asyncio.Lock)

    def app(self) -> ASGIApp:
        routes = [
            Route(self.prefix + path, partial(self._take, path=path), methods=["POST"]) for path in self.dialect.paths
        ]
        app = Starlette(routes=routes, exception_handlers={HTTPException: self._refuse, Exception: self._broken})
        app.router.redirect_slashes = False
        return Admission(app, self.rates, self.dialect)

    async def _take(self, request: Request, *, path: str) -> Response:
        try:
            body = await _bounded(request, self.bounds.max_body_bytes)
        except ClientDisconnect:
            return Response()  # nobody reads it
        if body is None:
            return denied(self.dialect, Denial.TOO_LARGE, CLOSES)
        until_s = _now_s() + self.bounds.answer_s
        asked = await self._understood(path, request.path_params, body)
        if isinstance(asked, Said):
            # Nobody at the hub may look at it, and a list that is never taken lets cards charge that are blocked.
            text = safe_text(asked.body.decode(errors="replace"))
            log.info("hub %s: refused at once: HTTP %d: %s", self.dialect.hub, asked.status, text)
            return _response(asked)
        if self.decisions.busy:
            return denied(self.dialect, Denial.BUSY, {"Retry-After": str(_BUSY_WAIT_S)})
        reply = await self.decisions.on(asked.command, within_s=until_s - _now_s())
        return _response(self.dialect.answer(asked, reply))

    async def _understood(self, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        if len(body) < _THREAD_FROM_BYTES:
            return self.dialect.read(path, parameters, body)
        async with self.long:
            return await asyncio.to_thread(self.dialect.read, path, parameters, body)

    async def _refuse(self, _: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = {"Allow": "POST"} if status == 405 else {}
        return denied(self.dialect, _DENIAL_OF_STATUS.get(status, Denial.BROKEN), headers)

    async def _broken(self, _: Request, __: Exception) -> Response:
        return denied(self.dialect, Denial.BROKEN)


@dataclass(frozen=True, slots=True)
class Admission:
    """Counts every request of a hub, also those for paths that do not exist. refused: headers of a refusal."""

    app: ASGIApp
    rates: Rates
    dialect: Denies
    refused: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self.rates.take((scope.get("client") or ("", 0))[0])
        await (self.app if wait_s == 0 else self._too_many(wait_s))(scope, receive, send)

    def _too_many(self, wait_s: float) -> Response:
        return denied(self.dialect, Denial.TOO_MANY, {"Retry-After": str(ceil(wait_s)), **self.refused})


def denied(dialect: Denies, denial: Denial, headers: Mapping[str, str] | None = None) -> Response:
    # Whom a certificate has not named may show a key (RFC 9110, 11.6.1: a 401 says what would be taken).
    challenge = {"WWW-Authenticate": "key"} if denial is Denial.NOT_ALLOWED else {}
    return _response(dialect.deny(denial), {**challenge, **(headers or {})})


def _response(said: Said, headers: Mapping[str, str] | None = None) -> Response:
    # Not uvicorn's own date: only its Server class keeps that up to date, and we have none.
    more = {"Date": formatdate(usegmt=True), **(headers or {})}
    return Response(said.body, said.status, media_type="application/json", headers=more)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _bounded(request: Request, at_most: int) -> bytes | None:
    """None when the body is longer."""
    body, length = bytearray(), 0
    async for part in request.stream():
        length += len(part)
        if length > at_most * _DISCARD_FACTOR:
            break
        if length <= at_most:
            body += part
    return bytes(body) if length <= at_most else None
