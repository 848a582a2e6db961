"""Why a request had no reply, in an operator's words. Never shows what was sent."""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.https.tls import explain
from roampost.hubs.https.web import httpx

_TIME_OUTS = (httpx.TimeoutException, TimeoutError)
# OpenSSL's "not yet", in the midst of which a time-out ends the wait.
_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


def no_reply(error: Exception, endpoint: Endpoint, *, may_have_left: bool, now: datetime) -> Answer:
    """may_have_left: a byte of the request may be on its way, hence the hub may have it. now: this machine's clock."""
    causes = list(_causes(error))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError) and not isinstance(cause, _WAITING)), None)
    if tls is not None:
        trouble = explain(tls, endpoint, now)
        maybe = may_have_left and not trouble.ours_refused
        return Answer(trouble.verdict, Arrival.MAYBE if maybe else Arrival.NO, trouble.text)
    if may_have_left:
        return Answer(Verdict.RETRY, Arrival.MAYBE, _answer_lost(error))
    return Answer(Verdict.RETRY, Arrival.NO, _not_connected(causes, endpoint))


def _answer_lost(error: Exception) -> str:
    if isinstance(error, _TIME_OUTS):
        return "The hub did not answer in time, so it may have the message; it is sent again."
    return "The connection broke before the hub's answer was whole, so it may have the message; it is sent again."


def _not_connected(causes: list[BaseException], endpoint: Endpoint) -> str:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The name in {endpoint.url} cannot be resolved: check the network, its DNS, and url."
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"{endpoint.url} refuses the connection: check url and the firewall."
    if isinstance(causes[0], httpx.PoolTimeout):
        return "All connections to the hub are busy; the message is sent again."
    if isinstance(causes[0], _TIME_OUTS):
        return f"{endpoint.url} cannot be reached in time: check the network."
    return f"No connection to {endpoint.url} ({type(causes[-1]).__name__}): check the network."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, the members of groups included."""
    yield error
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
