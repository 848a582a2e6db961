"""Lines that are closed whatever happens."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.hubs.base import Answer
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.https.line import Line, Reply
from tests.agent import certs

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
MakeLine = Callable[..., Line]


@pytest.fixture
def endpoint(certificates: certs.Certificates) -> Endpoint:
    return endpoint_of(certificates.ca, certificates.client)


def endpoint_of(ca: Path, pair: certs.Pair) -> Endpoint:
    return Endpoint(
        name="hubject",
        url="https://127.0.0.1:1/api/oicp",
        ca_file=ca,
        cert_file=pair.cert,
        key_file=pair.key,
        timeout_s=20.0,
    )


@pytest.fixture
async def make_line(endpoint: Endpoint) -> AsyncIterator[MakeLine]:
    """make_line(url, **endpoint)."""
    made: list[Line] = []

    def make(url: str, **changes: object) -> Line:
        changed = replace(endpoint, url=url, **changes)  # type: ignore[arg-type]  # any field
        made.append(Line(changed, now=lambda: NOW))
        return made[-1]

    yield make
    for line in made:
        await line.aclose()


async def post(line: Line) -> Reply | Answer:
    return await line.post("/anything", b"{}", total_s=60)


async def refused(line: Line) -> Answer:
    """Why there is no reply."""
    answer = await post(line)
    assert isinstance(answer, Answer)
    return answer


async def answered(line: Line) -> bool:
    reply = await post(line)
    return isinstance(reply, Reply) and reply.status == 200
