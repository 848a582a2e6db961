"""`roampost hub diff` against a real sandbox hub: what it holds, held against the configuration and the agent."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from roampost.cli import main
from roampost.cli.exits import Exit
from roampost.cli.settings import load_all
from roampost.config.hubs import OicpHub as OicpSection
from roampost.config.model import Config
from roampost.config.poi import pois
from roampost.control.report import EvseReport, StatusReport
from roampost.domain.messages import EvseDataMessage, EvseStatus, Message, StatusMessage
from roampost.hubs.base import Verdict
from roampost.hubs.oicp.client import OicpHub
from roampost.hubs.oicp.settings import OicpSettings
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.agent.cli.running_agent import Recorder, running
from tests.agent.cli.stopped_station import EVSE_ID, NOON_MS, filled
from tests.agent.config.told_site import told

Capture = pytest.CaptureFixture[str]
T = TypeVar("T")


@dataclass(frozen=True)
class Far:
    """A hub on a loop of its own, because a command has its own too."""

    hub: SandboxHub
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub")


@pytest.fixture
def far(directory: Path) -> Iterator[Far]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = Far(SandboxHub(HubSettings(directory=directory)), loop)
    try:
        made.do(made.hub.__aenter__())
        yield made
        made.do(made.hub.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Station:
    """Whose agent says `status`; its configuration may be changed."""

    folder: Path
    far: Far
    status: str | None = "available"

    def configure(self, *changes: tuple[str, str], **parts: str) -> Config:
        hub = self.far.hub
        file = self.folder / "roampost.toml"
        paths = f'database = "{self.folder / "roampost.db"}"\nsocket = "{self.socket}"'
        text = told(
            ('name = "Test"', f'name = "Test"\n{paths}\ndevices_dir = "{self.folder / "none"}"'),
            ("https://hub.example/api/oicp", hub.url),
            ('"/etc/roampost/client.crt"', f'"{hub.client_cert}"\nca_file = "{hub.ca_file}"\nprovider_id = "DE-ABC"'),
            ("/etc/roampost/client.key", str(hub.client_key)),
            *changes,
            **{"pricing": ""} | parts,
        )
        file.write_text(text, encoding="utf-8")
        return load_all(file)[0]

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    def diff(self, *words: str) -> int:
        evse = EvseReport(EVSE_ID, "idle", NOON_MS, "plugged out", 0, status=self.status)
        report = StatusReport("agent", NOON_MS, (evse,), ())
        with running(self.socket, {"status": Recorder().command("status", report.to_json())}):
            return self.alone(*words)

    def alone(self, *words: str) -> int:
        """Without an agent."""
        return main(["--config", str(self.folder / "roampost.toml"), "hub", "diff", *words])

    def push(self, config: Config, *messages: Message) -> None:
        async def deliver() -> list[Verdict]:
            configured = config.hubs["hubject"]
            assert isinstance(configured, OicpSection)
            settings = OicpSettings.of("hubject", configured)
            backend = OicpHub(settings, lambda _: datetime.now(UTC), now=lambda: datetime.now(UTC))
            try:
                return [(await backend.deliver(one, maybe_arrived=False)).verdict for one in messages]
            finally:
                await backend.aclose()

        assert self.far.do(deliver()) == [Verdict.DELIVERED] * len(messages)


@pytest.fixture
def station(tmp_path: Path, far: Far) -> Station:
    return Station(tmp_path, far)


def available(evse_id: str = EVSE_ID) -> StatusMessage:
    return StatusMessage(evse_id=evse_id, status=EvseStatus.AVAILABLE)


def data_of(config: Config, **changes: object) -> EvseDataMessage:
    poi = pois(config)[EVSE_ID].model_copy(update=changes)
    return EvseDataMessage(action="insert", evse_id=EVSE_ID, data=poi.model_dump_json())


def test_the_same_here_and_there(station: Station, capsys: Capture) -> None:
    config = station.configure()
    station.push(config, data_of(config), available())
    assert station.diff() == Exit.OK
    out = capsys.readouterr().out
    assert "The agent runs." in out
    assert "hub hubject: it holds what is told here." in out


def test_each_difference_is_named_with_both_sides(station: Station, capsys: Capture) -> None:
    config = station.configure()
    station.push(config, data_of(config, hotline="+4930999999"))
    assert station.diff() == Exit.DIFFERENT
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [EVSE_ID, "status", "-", "Available"] in lines
    assert [EVSE_ID, "HotlinePhoneNumber", "+4930999999", "+49301234567"] in lines


def test_as_json(station: Station, capsys: Capture) -> None:
    config = station.configure()
    station.push(config, data_of(config), available(), available("DE*ABC*E9*1"))
    assert station.diff("--json", "--hub", "hubject") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {
        "source": "agent",
        "hubs": [{"hub": "hubject", "statuses": [], "data": [], "others": ["DEABCE91"], "same": True}],
    }


def test_an_evse_that_the_hub_has_no_data_of(station: Station, capsys: Capture) -> None:
    station.push(station.configure(), available())
    assert station.diff("--json") == Exit.DIFFERENT
    (hub,) = json.loads(capsys.readouterr().out)["hubs"]
    assert hub["data"] == [{"evse_id": EVSE_ID, "what": "EVSE data", "here": "a record", "at_hub": None}]


def test_data_that_is_not_complete_here(station: Station, capsys: Capture) -> None:
    whole = station.configure()
    station.push(whole, data_of(whole), available())
    station.configure(('hotline = "+49301234567"\n', ""))
    assert station.diff() == Exit.DIFFERENT
    assert "not complete: roampost poi check" in capsys.readouterr().out


def test_without_poi_only_statuses_are_compared(station: Station, capsys: Capture) -> None:
    station.push(station.configure(poi="", evse_poi=""), available())
    assert station.diff() == Exit.OK
    assert "EVSE data is not compared: there is no [poi]." in capsys.readouterr().out


def test_evses_of_other_sites_are_counted(station: Station, capsys: Capture) -> None:
    config = station.configure()
    station.push(config, data_of(config), available(), available("DE*ABC*E9*1"))
    assert station.diff() == Exit.OK
    assert "Not of this station: 1 EVSE of the operator." in capsys.readouterr().out


def test_whoever_owns_the_operator_misses_none(station: Station, capsys: Capture) -> None:
    config = station.configure(('provider_id = "DE-ABC"', 'provider_id = "DE-ABC"\nowns_operator = true'))
    station.push(config, data_of(config), available(), available("DE*ABC*E9*1"))
    assert station.diff() == Exit.DIFFERENT
    assert ["DEABCE91", "status", "there", "-"] in [line.split() for line in capsys.readouterr().out.splitlines()]


def test_without_an_agent_its_database_speaks_which_has_told_nothing_here(station: Station, capsys: Capture) -> None:
    filled(station.folder)
    station.push(station.configure(poi="", evse_poi=""), available())
    assert station.alone("--json") == Exit.DIFFERENT
    found = json.loads(capsys.readouterr().out)
    assert found["source"] == "database"
    assert found["hubs"][0]["statuses"] == [{"evse_id": EVSE_ID, "what": "status", "here": None, "at_hub": "Available"}]


def test_without_an_agent_or_a_database_it_is_said(station: Station, capsys: Capture) -> None:
    station.configure()
    assert station.alone() == Exit.NOT_THERE
    assert "roampost.db" in capsys.readouterr().err


def test_a_status_of_another_version_counts_as_none(station: Station) -> None:
    config = station.configure()
    station.push(config, data_of(config))
    assert Station(station.folder, station.far, status="hovering").diff() == Exit.OK


def test_without_a_provider_id_the_hub_cannot_be_read(station: Station, capsys: Capture) -> None:
    station.configure(('provider_id = "DE-ABC"\n', ""))
    assert station.diff("--hub", "hubject") == Exit.CONFIGURATION
    assert "hubs.hubject.provider_id is not configured" in capsys.readouterr().err


def test_a_hub_that_is_not_configured(station: Station, capsys: Capture) -> None:
    station.configure()
    assert station.diff("--hub", "plugsurfing") == Exit.CONFIGURATION
    assert "no hub plugsurfing is configured; there are: hubject" in capsys.readouterr().err


def test_a_refusal_is_told_with_what_the_hub_calls_it(station: Station, capsys: Capture) -> None:
    station.configure(("DE-ABC", "DE-XYZ"))
    assert station.diff() == Exit.FAILED
    error = capsys.readouterr().err
    assert error.startswith("hub hubject: Code 017")
    assert "The hub calls it " in error
