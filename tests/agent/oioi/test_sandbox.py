"""The client against the simulator's OIOI hub, which reads what we send with rules of its own.

Whatever it minds (an unknown key, an order, a value that is not plausible) would be in its violations. What is so for
every protocol is in tests/agent/delivery.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.domain.messages import LateAuthorization, Message
from roampost.hubs.base import Decision, Verdict
from roampost.hubs.https.endpoint import ApiKeyFile, Endpoint
from roampost.hubs.oioi.client import OioiHub
from roampost.hubs.oioi.settings import OioiSettings
from roampost_sim.hub.oioi import OioiHub as SandboxHub
from roampost_sim.hub.oioi import OioiSettings as HubSettings
from tests.agent.oioi import samples

# An hour after the last moment of the samples.
NOW = datetime.fromtimestamp(samples.NOON_MS / 1000, UTC) + timedelta(hours=2)
EVSE_ID = samples.SESSION.evse_id
BLOCKED, UNPAID, STRANGER, FRIEND = "04A2B3C4", "04A2B3C5", "04A2B3C6", "04A2B3C7"
CARDS = frozenset({samples.UID, FRIEND})
DELIVERED, HOLD, REFUSED = Verdict.DELIVERED, Verdict.HOLD, Verdict.REFUSED


@pytest.fixture(scope="session")
def sandbox_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(params=[False, True], ids=["codes in 200", "codes in 4xx"])
async def far(sandbox_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[SandboxHub]:
    settings = HubSettings(
        directory=sandbox_folder,
        cards=CARDS,
        blocked_cards=frozenset({BLOCKED}),
        unpaid_cards=frozenset({UNPAID}),
        evco_ids=dict.fromkeys(CARDS, samples.CONTRACT),
        partners=(samples.PARTNER.identifier,),
        needs_data=True,
        http_errors=request.param,
        now=lambda: NOW,
    )
    async with SandboxHub(settings) as running:
        yield running


@pytest.fixture
def key_file(far: SandboxHub, tmp_path: Path) -> Path:
    path = tmp_path / "sandbox.key"
    path.write_text(far.settings.api_key)
    return path


@pytest.fixture
async def hub(far: SandboxHub, key_file: Path) -> AsyncIterator[OioiHub]:
    endpoint = Endpoint(
        name="sandbox", url=far.url, ca_file=far.ca_file, api_key=ApiKeyFile(key_file, "key={}"), timeout_s=20.0
    )
    partner = samples.PARTNER
    settings = OioiSettings(endpoint=endpoint, operator_id=partner.operator_id, partner_identifier=partner.identifier)
    made = OioiHub(settings, samples.BERLIN, now=lambda: NOW, deliver_s=60, authorize_s=60)
    yield made
    await made.aclose()


async def deliver(hub: OioiHub, *messages: Message) -> list[Verdict]:
    return [(await hub.deliver(message, maybe_arrived=False)).verdict for message in messages]


async def test_a_session_from_the_card_to_the_record(far: SandboxHub, hub: OioiHub) -> None:
    yes = await hub.authorize_start(evse_id=EVSE_ID, uid=samples.UID, session_id="rp-0001")
    assert (yes.decision, yes.contract_id) == (Decision.YES, samples.CONTRACT)
    of_session = {"session": samples.SESSION.model_copy(update={"contract_id": yes.contract_id})}
    told = await deliver(
        hub,
        samples.POST,
        *(one.model_copy(update=of_session) for one in (samples.START, samples.PROGRESS, samples.STAYS)),
        *[samples.CDR.model_copy(update=of_session)] * 2,
    )
    assert told == [DELIVERED] * 6
    assert far.violations == []
    (held,) = far.sessions.values()
    assert (held.closed, held.energy_wh, held.uid) == (True, 30_541, samples.CONTRACT)


@pytest.mark.parametrize(("uid", "code"), [(STRANGER, "191"), (BLOCKED, "192"), (UNPAID, "193")])
async def test_a_card_that_may_not_charge_is_refused_late_too(hub: OioiHub, uid: str, code: str) -> None:
    now = await hub.authorize_start(evse_id=EVSE_ID, uid=uid, session_id="rp-0002")
    assert (now.decision, now.code) == (Decision.NO, code)
    session = samples.LATE.session.model_copy(update={"uid": uid})
    assert await deliver(hub, LateAuthorization(session=session, session_start=samples.stamp())) == [REFUSED]


@pytest.mark.parametrize(("uid", "decision"), [(FRIEND, Decision.YES), (BLOCKED, Decision.NO), (STRANGER, Decision.NO)])
async def test_another_card_of_the_contract_may_stop(hub: OioiHub, uid: str, decision: Decision) -> None:
    found = await hub.authorize_stop(
        evse_id=EVSE_ID, uid=uid, session_id="rp-0001", hub_session_id="rp-0001", contract_id=samples.CONTRACT
    )
    assert found.decision is decision


async def test_a_status_waits_for_its_station(far: SandboxHub, hub: OioiHub) -> None:
    early = await hub.deliver(samples.STATUS, maybe_arrived=False)
    assert (early.verdict, early.code, early.wants_data) == (HOLD, "181", True)
    assert await deliver(hub, samples.POST, samples.STATUS) == [DELIVERED] * 2
    assert [one.status for one in far.statuses.values()] == ["Occupied"]
    assert [one.partition(":")[0] for one in far.violations] == ["refused 181"]


async def test_a_station_comes_again_and_goes(far: SandboxHub, hub: OioiHub) -> None:
    again = samples.POST.model_copy(update={"before": samples.POST.data})
    assert await deliver(hub, samples.POST, again, samples.DELETE) == [DELIVERED] * 3
    assert far.violations == []


@pytest.mark.parametrize("spelling", ["number", "text", "bare"])
@pytest.mark.parametrize("code", ["", "011", "012"])
async def test_a_yes_in_any_spelling_is_one(far: SandboxHub, hub: OioiHub, spelling: str, code: str) -> None:
    far.fault("spelled", spelling=spelling, code=code)
    assert await deliver(hub, samples.POST) == [DELIVERED]
