"""A stranger's Modbus master, mbpoll (Debian package mbpoll), against the station's pty and its TCP port."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roampost_sim.station import Station
from roampost_sim.station_file import StationPlan
from tests.sim.support import A_WHILE_S, TWO_UNITS

pytestmark = pytest.mark.system


@pytest.fixture
def mbpoll() -> str:
    found = shutil.which("mbpoll")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("mbpoll is missing; apt install mbpoll")
    return found or pytest.skip("mbpoll is missing; apt install mbpoll")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    async with Station(StationPlan.model_validate(TWO_UNITS), tmp_path) as running:
        yield running


async def polled(*command: str) -> list[str]:
    """The values that mbpoll prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(A_WHILE_S):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return [line.split()[1] for line in output.decode().splitlines() if line.startswith("[")]


async def test_mbpoll_reads_controller_and_meter_over_the_pty(mbpoll: str, station: Station) -> None:
    rtu = [mbpoll, "-m", "rtu", "-b", "9600", "-P", "none", "-0", "-1", "-o", "5"]
    link = station.address("bus")
    assert await polled(*rtu, "-a", "1", "-t", "4", "-r", "1000", "-c", "3", link) == ["6", "0", "1"]
    assert await polled(*rtu, "-a", "11", "-t", "3:float", "-B", "-r", "72", "-c", "1", link) == ["1"]


async def test_mbpoll_reads_inputs_and_switches_a_relay_over_tcp(mbpoll: str, station: Station) -> None:
    host, port = station.address("io").split(":")
    tcp = [mbpoll, "-m", "tcp", "-p", port, "-0", "-1", "-o", "5", "-a", "21"]
    assert await polled(*tcp, "-t", "1", "-r", "0", "-c", "4", host) == ["1", "0", "1", "0"]
    await polled(*tcp, "-t", "0", "-r", "2", host, "1")
    assert await polled(*tcp, "-t", "0", "-r", "0", "-c", "4", host) == ["0", "0", "1", "0"]
