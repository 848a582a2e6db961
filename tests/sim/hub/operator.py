"""Minimal operators: one request on one connection over TLS, by the standard library, in a thread."""

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

from roampost_sim.hub.certificates import Pair
from roampost_sim.hub.oicp import SandboxHub
from roampost_sim.hub.oioi import OioiHub
from roampost_sim.hub.server import Hub
from tests.sim.hub.oicp import messages as oicp
from tests.sim.hub.oioi import messages as oioi

BASE = "/api/oicp"
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
        """Of either protocol; OIOI's in three digits."""
        body = self.json()
        return body["StatusCode"]["Code"] if "StatusCode" in body else f"{int(body['result']['code']):03}"


def context(ca_file: Path, client: Pair | None) -> ssl.SSLContext:
    """Strict, as Python 3.13 and newer are by default."""
    made = ssl.create_default_context(cafile=ca_file)
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    if client is not None:
        made.load_cert_chain(client.certificate, client.key)
    return made


class Client:
    """headers go with each request; client is the certificate that is shown."""

    def __init__(self, hub: Hub, client: Pair | None, headers: Mapping[str, str]) -> None:
        self.port, self.ca_file = hub.port, hub.ca_file
        self.client, self.headers = client, headers

    async def send(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> Response:
        headers = {"Content-Type": content_type, **self.headers}
        return await asyncio.to_thread(_exchange, self.connect(), method, path, body, headers)

    def begin_at(self, path: str, body: object) -> "Waiting":
        """Send a request and wait for its answer in a thread, until give_up()."""
        connection = self.connect()
        return Waiting(connection, asyncio.create_task(self._begun(connection, path, body)))

    async def _begun(self, connection: http.client.HTTPSConnection, path: str, body: object) -> Response:
        text = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        return await asyncio.to_thread(_exchange, connection, "POST", path, text, headers)

    def connect(self) -> http.client.HTTPSConnection:
        trust = context(self.ca_file, self.client)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=60)


class Operator(Client):
    """Of an OICP hub: post() with the hub's client certificate unless another is given; client=None has none."""

    authorize_name = "AuthorizeStart"
    status_name = "PushEvseStatus"

    def __init__(self, hub: SandboxHub, operator_id: str = "DE*ABC") -> None:
        super().__init__(hub, Pair(hub.client_cert, hub.client_key), {})
        self.hub = hub
        self.operator_id = operator_id

    @property
    def status_path(self) -> str:
        return BASE + STATUS.format(self.operator_id)

    def with_client(self, client: Pair | None) -> "Operator":
        other = Operator(self.hub, self.operator_id)
        other.client = client
        return other

    async def post(self, path: str, body: object) -> Response:
        return await self.send("POST", path.format(self.operator_id), json.dumps(body).encode())

    async def send(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> Response:
        return await super().send(method, BASE + path, body, content_type)

    def begin(self, path: str, body: object) -> "Waiting":
        return self.begin_at(BASE + path.format(self.operator_id), body)

    async def push(self) -> Response:
        return await self.post(STATUS, oicp.status((oicp.EVSE, "Occupied")))

    def begin_push(self) -> "Waiting":
        return self.begin(STATUS, oicp.status((oicp.EVSE, "Occupied")))

    async def authorize(self) -> Response:
        return await self.post(START, oicp.authorize())


class OioiOperator(Client):
    """Of an OIOI hub: call() with the key that the hub wants unless another is given; key=None has none."""

    authorize_name = "rfid-verify"
    status_name = "connector-post-status"
    status_path = "/api/v4/request"

    def __init__(self, hub: OioiHub, key: str | None = "operators-sandbox-key") -> None:
        super().__init__(hub, None, {} if key is None else {"Authorization": f"key={key}"})

    async def call(self, name: str, content: object) -> Response:
        return await self.post({name: content})

    async def post(self, body: object) -> Response:
        return await self.send("POST", self.status_path, json.dumps(body).encode())

    def begin(self, name: str, content: object) -> "Waiting":
        return self.begin_at(self.status_path, {name: content})

    async def push(self) -> Response:
        return await self.call(self.status_name, oioi.status("Occupied"))

    def begin_push(self) -> "Waiting":
        return self.begin(self.status_name, oioi.status("Occupied"))

    async def authorize(self) -> Response:
        return await self.call(self.authorize_name, oioi.verify())


AnyOperator = Operator | OioiOperator


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
    connection: http.client.HTTPSConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> Response:
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Response(answer.status, dict(answer.headers), answer.read())
    finally:
        connection.close()
