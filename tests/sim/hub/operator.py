"""A minimal operator: one request on one connection over mutual TLS, by the standard library, in a thread."""

import asyncio
import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roampost_sim.hub import SandboxHub
from roampost_sim.hub.certificates import Pair

STATUS = "/evsepush/v21/operators/{}/status-records"
START = "/charging/v21/operators/{}/authorize/start"
STOP = "/charging/v21/operators/{}/authorize/stop"
NOTIFY = "/notificationmgmt/v11/charging-notifications"
CDR = "/cdrmgmt/v22/operators/{}/charge-detail-record"
DATA = "/evsepush/v23/operators/{}/data-records"
WHITELIST = "/authdata/v21/operators/{}/pull-request"
PRODUCTS = "/dynamicpricing/v10/operators/{}/pricing-products"
PRICES = "/dynamicpricing/v10/operators/{}/evse-pricing"
PULL_DATA = "/evsepull/v23/providers/DE-ABC/data-records"
PULL_STATUS = "/evsepull/v21/providers/DE-ABC/status-records-by-operator-id"
PULL_STATUS_BY_ID = "/evsepull/v21/providers/DE-ABC/status-records-by-id"


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> Any:
        return self.json()["StatusCode"]["Code"]


def context(ca_file: Path, client: Pair | None) -> ssl.SSLContext:
    """Strict, as Python 3.13 and newer are by default."""
    made = ssl.create_default_context(cafile=ca_file)
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    if client is not None:
        made.load_cert_chain(client.certificate, client.key)
    return made


class Operator:
    """post() with the hub's client certificate unless another is given; client=None has none."""

    def __init__(self, hub: SandboxHub, operator_id: str = "DE*ABC") -> None:
        self.hub = hub
        self.operator_id = operator_id
        self._client: Pair | None = Pair(hub.client_cert, hub.client_key)

    def with_client(self, client: Pair | None) -> "Operator":
        other = Operator(self.hub, self.operator_id)
        other._client = client
        return other

    async def post(self, path: str, body: object) -> Response:
        return await self.send("POST", path.format(self.operator_id), json.dumps(body).encode())

    async def send(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> Response:
        return await asyncio.to_thread(_exchange, self.connect(), method, path, body, content_type)

    def begin(self, path: str, body: object) -> "Waiting":
        """Send a request and wait for its answer in a thread, until give_up()."""
        connection = self.connect()
        return Waiting(connection, asyncio.create_task(self._begun(connection, path.format(self.operator_id), body)))

    async def _begun(self, connection: http.client.HTTPSConnection, path: str, body: object) -> Response:
        text = json.dumps(body).encode()
        return await asyncio.to_thread(_exchange, connection, "POST", path, text, "application/json")

    def connect(self) -> http.client.HTTPSConnection:
        trust = context(self.hub.ca_file, self._client)
        return http.client.HTTPSConnection("127.0.0.1", self.hub.port, context=trust, timeout=60)


@dataclass
class Waiting:
    """A request whose answer has not come yet."""

    connection: http.client.HTTPSConnection
    task: asyncio.Task[Response]

    async def give_up(self) -> None:
        """Close the connection as an impatient client does; nothing came until now."""
        assert not self.task.done()
        # Of the TCP socket below TLS: only that wakes the thread that reads.
        socket.socket.shutdown(self.connection.sock, socket.SHUT_RDWR)
        with contextlib.suppress(OSError, http.client.HTTPException):
            await self.task


def _exchange(
    connection: http.client.HTTPSConnection, method: str, path: str, body: bytes, content_type: str
) -> Response:
    try:
        connection.request(method, "/api/oicp" + path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return Response(answer.status, dict(answer.headers), answer.read())
    finally:
        connection.close()
