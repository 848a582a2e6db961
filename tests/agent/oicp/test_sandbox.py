"""Against the sandbox hub, which was written from the same prose by other hands: it takes all that we send.

Whatever it minds (an unknown key, an order, a value that is not plausible) would be in its violations. What is so for
every protocol is in tests/agent/delivery.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.domain.messages import Calibration, Message, SignedValue
from roampost.hubs.base import CardList, Decision, Verdict
from roampost.hubs.https.line import Line
from roampost.hubs.oicp.client import OicpHub
from roampost.hubs.oicp.readback import Partner, pull_data, pull_statuses
from roampost.hubs.oicp.settings import OicpSettings
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.agent.oicp import samples
from tests.agent.poi.makers import WHOLE

# An hour after the last moment of the samples.
NOW = datetime.fromtimestamp(samples.NOON_MS / 1000, UTC) + timedelta(hours=2)
EVSE_ID = samples.SESSION.evse_id


@pytest.fixture(scope="session")
def sandbox_certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
async def far(sandbox_certificates: Path) -> AsyncIterator[SandboxHub]:
    settings = HubSettings(directory=sandbox_certificates, cards=frozenset({samples.UID}), now=lambda: NOW)
    async with SandboxHub(settings) as running:
        yield running


def settings_of(far: SandboxHub) -> OicpSettings:
    return OicpSettings(
        name="sandbox",
        url=far.url,
        operator_id="DE*ABC",
        operator_name="Stadtwerke",
        ca_file=far.ca_file,
        cert_file=far.client_cert,
        key_file=far.client_key,
        timeout_s=20.0,
    )


@pytest.fixture
async def hub(far: SandboxHub) -> AsyncIterator[OicpHub]:
    made = OicpHub(settings_of(far), samples.BERLIN, now=lambda: NOW, deliver_s=60, authorize_s=60)
    yield made
    await made.aclose()


async def deliver(hub: OicpHub, *messages: Message) -> list[Verdict]:
    return [(await hub.deliver(message, maybe_arrived=False)).verdict for message in messages]


async def test_a_session_from_the_card_to_the_record(far: SandboxHub, hub: OicpHub) -> None:
    yes = await hub.authorize_start(evse_id=EVSE_ID, uid=samples.UID, session_id="rp-0001")
    assert yes.decision is Decision.YES
    session = samples.SESSION.model_copy(update={"hub_session_id": yes.hub_session_id, "product_id": "AC3"})
    signed = tuple(SignedValue(moment=moment, text=f"OCMF|{moment}") for moment in ("start", "progress", "end"))
    of_session = {"session": session}
    record = {
        "signed": signed,
        "calibration": Calibration(public_key="3059", encoding="OCMF : V1"),
        "meters_between_wh": (1_010_000, 1_020_000),
    }
    told = await deliver(
        hub,
        samples.START.model_copy(update=of_session),
        samples.PROGRESS.model_copy(update=of_session),
        samples.ERROR.model_copy(update=of_session),
        samples.END.model_copy(update=of_session | {"session_end": None, "penalty_start": samples.stamp(3600)}),
        samples.CDR.model_copy(update=of_session | record),
    )
    assert told == [Verdict.DELIVERED] * 5
    assert far.violations == []
    (held,) = far.sessions.values()
    assert held.types == ["Start", "Progress", "Error", "End"]
    assert held.cdr is not None
    assert [one["MeteringStatus"] for one in held.cdr["SignedMeteringValues"]] == ["Start", "Progress", "End"]


async def test_statuses_data_and_prices_and_what_is_read_back_of_them(far: SandboxHub, hub: OicpHub) -> None:
    told = await deliver(
        hub,
        samples.DATA_SET,
        samples.DATA,
        samples.FULL_LOAD,
        samples.STATUS,
        samples.PRODUCTS,
        samples.EVSE_PRICING,
    )
    assert told == [Verdict.DELIVERED] * 6
    line, partner = Line(settings_of(far).endpoint), Partner("DE-ABC", "DE*ABC")
    try:
        statuses = await pull_statuses(line, partner, now=lambda: NOW)
        data = await pull_data(line, partner, now=lambda: NOW, sleep=_no_pause)
    finally:
        await line.aclose()
    assert statuses == {"DEABCE8401": "Occupied", "DEABCE8402": "Available"}
    assert isinstance(data, dict)
    assert len(data) == len(samples.DATA_SET.data)
    assert data[WHOLE.evse_id.replace("*", "")]["hotlinephonenumber"] == WHOLE.hotline


async def _no_pause(_seconds: float) -> None:
    raise AssertionError("one page has no next one")


async def test_the_list_of_cards(far: SandboxHub, hub: OicpHub) -> None:
    assert await hub.pull_cards() == CardList(frozenset({samples.UID}))
    assert far.violations == []
