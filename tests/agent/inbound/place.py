"""The service on a port of the system's choosing, a station behind it, and callers before it: all of it real but the
station."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from roampost.config.inbound import HubInbound, Inbound, KeyInbound
from roampost.domain.stamp import Stamp
from roampost.hubs.oicp.inbound import OicpInbound
from roampost.hubs.remote import Command, Outcome, Reception, Reply, Reserve
from roampost.inbound.service import CallingHub, InboundService, Most, Times
from tests.agent.certs import Pair
from tests.agent.oicp.requests_in import EVSE, bodies
from tests.agent.oioi.requests_in import HUB, desk

PREFIX = "/api/oicp"
OIOI = "/api/v4/request"
KEY = "an-api-key-of-some-length"
START, STOP, RESERVE, CANCEL = (PREFIX + path for path in bodies())
BODIES = {PREFIX + path: body for path, body in bodies().items()}
UNTIL = Stamp(boot="boot", mono_ms=1_000, wall_ms=1_700_000_000_000, trusted=True)
# Long enough for any machine; nothing waits for it to pass.
PATIENT_S = 60.0
# What a caller sees of a connection that the other side ends; which of them is a matter of timing.
CUT = (httpx.NetworkError, httpx.RemoteProtocolError)
PATIENT = Times(answer_s=PATIENT_S, request_s=PATIENT_S, drain_s=PATIENT_S)


@dataclass(frozen=True, slots=True)
class Callers:
    our_ca: Path
    server: Pair
    server_renewed: Pair
    hub_ca: Path
    other_ca: Path
    hub: Pair
    hub_expired: Pair
    partner: Pair
    imposter: Pair


@dataclass
class Says:
    """A station that says this to everything."""

    outcome: Outcome = Outcome.DONE
    session_id: str | None = "our-1"
    asked: list[Command] = field(default_factory=list)

    async def take(self, command: Command) -> Reply:
        self.asked.append(command)
        until = UNTIL if isinstance(command, Reserve) else None
        return Reply(self.outcome, "", self.session_id, until=until)


@dataclass
class Hangs:
    """A station that decides when `decide` is set. finished: commands that came to their end."""

    decide: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    finished: int = 0

    async def take(self, _: Command) -> Reply:
        self.begun.set()
        await self.decide.wait()
        self.finished += 1
        return Reply(Outcome.DONE, "", "our-1")


class Breaks:
    """A station with a bug."""

    async def take(self, _: Command) -> Reply:
        raise ZeroDivisionError("a bug")


def fingerprint(pair: Pair) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pair.cert.read_text())).hexdigest()


def settings(callers: Callers, server: Pair | None = None, **changes: Any) -> Inbound:
    pair = server or callers.server
    given: dict[str, Any] = {"address": "127.0.0.1", "cert_file": pair.cert, "key_file": pair.key} | changes
    # Port 0, the system's choice, is not for an operator to write.
    return Inbound(**given).model_copy(update={"port": 0})


def pinned(callers: Callers, hub: str = "hubject", **changes: Any) -> CallingHub:
    given: dict[str, Any] = {"client_ca_file": callers.hub_ca, "names": ("calls.hub.example",)} | changes
    return CallingHub(HubInbound(**given), OicpInbound(hub, [EVSE]))


def keyed(folder: Path, hub: str = HUB, key: str = KEY, **changes: Any) -> CallingHub:
    """A hub that shows this key."""
    file = folder / f"{hub}.key"
    file.write_text(key + "\n")
    file.chmod(0o600)
    settings = KeyInbound(api_key_file=file, **changes)
    return CallingHub(settings, desk(hub, body_max_bytes=settings.max_body_bytes))


def shows(key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"key={key}"}


@asynccontextmanager
async def serving(
    inbound: Inbound, *hubs: CallingHub, station: Reception, times: Times = PATIENT, most: Most | None = None
) -> AsyncIterator[InboundService]:
    service = InboundService(inbound, hubs, station, times=times, most=most or Most(), mono_s=lambda: 0.0)
    task = asyncio.create_task(service.run())
    listening = asyncio.create_task(service.listening.wait())
    await asyncio.wait({task, listening}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    if task.done():
        await task
    try:
        yield service
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def client_context(callers: Callers, pair: Pair | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=callers.our_ca)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if pair is not None:
        context.load_cert_chain(pair.cert, pair.key)
    return context


@asynccontextmanager
async def calling(service: InboundService, callers: Callers, pair: Pair | None) -> AsyncIterator[httpx.AsyncClient]:
    context = client_context(callers, pair)
    base = f"https://localhost:{service.port}"
    async with httpx.AsyncClient(verify=context, base_url=base, timeout=PATIENT_S, trust_env=False) as client:
        yield client


@asynccontextmanager
async def wire(
    service: InboundService, callers: Callers, pair: Pair | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """The bare connection, for what no client library would send."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", service.port, ssl=client_context(callers, pair), server_hostname="localhost"
    )
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):  # a connection that the other side has cut may say so at its close
            await writer.wait_closed()


def code(answer: httpx.Response) -> tuple[int, str]:
    """In OICP's words."""
    return answer.status_code, answer.json()["StatusCode"]["Code"]


def result(answer: httpx.Response) -> tuple[int, int]:
    """In OIOI's words."""
    return answer.status_code, answer.json()["result"]["code"]
