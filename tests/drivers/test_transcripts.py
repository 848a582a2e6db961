"""Every shipped device against its transcripts: the bytes asked must be equal, and so must what they come to mean."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from roampost_drivers.bus import Bus
from roampost_drivers.charger import ModbusCharger, build_charger
from roampost_drivers.devicefile import Catalog
from roampost_drivers.errors import ForeignAnswer, Nonsense, Refused
from roampost_drivers.inputs import build_inputs
from roampost_drivers.meter import build_meter
from roampost_drivers.roles import ChargerReading, Pilot
from tests.drivers.lines import owned, quick
from tests.drivers.slaves import crc
from tests.drivers.transcripts import FOLDER, Playback, load

CATALOG = Catalog.load()


@asynccontextmanager
async def played(name: str) -> AsyncIterator[Bus]:
    """A bus whose device plays the transcript to its end."""
    device = Playback(name)
    try:
        async with owned(quick(device.pty.port, timeout_s=5.0)) as bus:
            yield bus
        assert device.done()
    finally:
        device.pty.vanish()


def charger(bus: Bus) -> ModbusCharger:
    return build_charger(CATALOG.device("evse-din"), bus, 1, "left")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_transcript_names_its_source_and_its_frames_are_sound(path: Path) -> None:
    exchanges = load(path.stem)
    assert exchanges
    if not path.stem.startswith("twn4"):
        assert all(crc(frame[:-2]) == frame for exchange in exchanges for frame in exchange)


READINGS = {
    "evse-din-charging": (Pilot.C, 16000, 16000, 32000, True, frozenset()),
    "evse-din-idle": (Pilot.A, 32000, 0, 5000, False, frozenset()),
    "evse-din-faults": (Pilot.F, 0, 0, 32000, False, frozenset({"cp_diode", "rcd_check"})),
    "evse-din-old-firmware": (Pilot.B, 10000, 10000, 32000, None, frozenset()),
}


@pytest.mark.parametrize("name", READINGS)
async def test_a_charger_is_read_as_its_transcript_says(name: str) -> None:
    async with played(name) as bus:
        reading = await charger(bus).poll()
    pilot, permitted_ma, offered_ma, cable_limit_ma, closed, faults = READINGS[name]
    wanted = ChargerReading(pilot, permitted_ma, offered_ma, cable_limit_ma, closed, faults, taken_s=reading.taken_s)
    assert reading == wanted


@pytest.mark.parametrize(
    ("name", "unit", "pilot", "permitted_ma", "faults"),
    [("idle", 2, Pilot.A, 0, frozenset()), ("derating", 1, Pilot.C, 16_000, frozenset({"derating"}))],
)
async def test_a_box_whose_state_and_set_point_lie_in_unlike_tables(
    name: str, unit: int, pilot: Pilot, permitted_ma: int, faults: frozenset[str]
) -> None:
    async with played(f"heidelberg-ec-{name}") as bus:
        reading = await build_charger(CATALOG.device("heidelberg-ec"), bus, unit, "box").poll()
    assert reading == ChargerReading(pilot, permitted_ma, None, None, None, faults, reading.taken_s)


async def test_a_box_takes_no_more_than_its_maximum() -> None:
    async with played("heidelberg-ec-permit") as bus:
        await build_charger(CATALOG.device("heidelberg-ec"), bus, 1, "box").permit(32_000)


async def test_a_board_that_counts_in_hundredths_is_read_and_set_so() -> None:
    async with played("evse-din-hundredths") as bus:
        board = charger(bus)
        assert (await board.poll()).permitted_ma == 16000
        await board.permit(15_500)


async def test_a_state_that_no_manual_knows_is_not_no_vehicle() -> None:
    async with played("evse-din-unknown-state") as bus:
        with pytest.raises(Nonsense, match='left: vehicle_state = "0" is no pilot state'):
            await charger(bus).poll()


async def test_permitting_and_forbidding() -> None:
    async with played("evse-din-permit") as bus:
        board = charger(bus)
        for current_ma in (16_000, 0, 32_999):
            await board.permit(current_ma)


@pytest.mark.parametrize("current_ma", [0, 5999])
async def test_below_the_least_current_charging_is_forbidden(current_ma: int) -> None:
    async with played("evse-din-forbid") as bus:
        await charger(bus).permit(current_ma)


async def test_the_safe_default_is_written_once() -> None:
    async with played("evse-din-commission") as bus:
        board = charger(bus)
        assert await board.commission() is True
        assert await board.commission() is False


async def test_a_refusal_is_raised_and_not_a_reading() -> None:
    async with played("evse-din-exception") as bus:
        with pytest.raises(Refused, match="exception 2"):
            await charger(bus).poll()


async def test_a_meter_is_read() -> None:
    async with played("sdm630-poll") as bus:
        reading = await build_meter(CATALOG.device("sdm630"), bus, 1, "m").poll()
    assert (reading.energy_wh, reading.power_w) == (12_345_678, 7246)


async def test_a_billing_value_is_read_twice() -> None:
    async with played("sdm630-confirm") as bus:
        reading = await build_meter(CATALOG.device("sdm630"), bus, 1, "m").poll(confirm=True)
    assert reading.energy_wh == 12_345_680


@pytest.mark.parametrize(("name", "error"), [("sdm630-disagree", ForeignAnswer), ("sdm630-nan", Nonsense)])
async def test_a_doubtful_energy_is_no_reading(name: str, error: type[Exception]) -> None:
    async with played(name) as bus:
        with pytest.raises(error):
            await build_meter(CATALOG.device("sdm630"), bus, 1, "m").poll(confirm=True)


@pytest.mark.parametrize(("name", "active"), [("waveshare-8ch-none", set()), ("waveshare-8ch-1-and-6", {1, 6})])
async def test_inputs_are_counted_from_one(name: str, active: set[int]) -> None:
    async with played(name) as bus:
        reading = await build_inputs(CATALOG.device("waveshare-8ch"), bus, 1, "di").poll()
    assert reading.inputs == tuple(number in active for number in range(1, 9))


async def test_refused_inputs_are_no_reading() -> None:
    async with played("waveshare-8ch-exception") as bus:
        with pytest.raises(Refused, match="exception 1"):
            await build_inputs(CATALOG.device("waveshare-8ch"), bus, 1, "di").poll()


@pytest.mark.parametrize("build", [build_charger, build_meter, build_inputs])
async def test_a_device_cannot_play_a_role_that_its_file_does_not_give_it(build: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="twn4"):
        build(CATALOG.device("twn4"), Bus(quick("/nowhere")), 1, "x")
