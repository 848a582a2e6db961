"""What the panel shows is what the polls brought: values, ages, and the last failure of each device."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from roampost.control.readings import Readings
from roampost.loop.pace import Pace
from roampost.site.panel import Panel
from roampost_drivers.errors import DriverError, LineDown, NoAnswer, UnitResting
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot
from tests.agent.loop.rig import HandClock
from tests.agent.site.place import Place
from tests.agent.site.test_hands import PEER


class Site:
    """A place whose devices say what the test lets them say."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        tilt = 'input = 1\n[[evse.fault]]\nname = "tilt"\nkind = "tilt"\ndevice = "io"\ninput = 2\n'
        self.place = Place(folder, self.clock, replace=[("input = 1\n", tilt)])
        self.panel = Panel(self.place.config, self.place.station, self.place.hardware, self.clock)

    async def poll(self, pace: Pace[Any], said: object) -> None:
        """One poll that brings a reading, or raises."""

        async def answer() -> object:
            if isinstance(said, DriverError):
                raise said
            return said

        asked: Callable[[], Awaitable[object]] = answer
        pace._poll = asked
        await pace._once()

    async def charger(self, said: object) -> None:
        await self.poll(self.place.hardware.charger_paces["controller-1"], said)

    async def meter(self, said: object) -> None:
        await self.poll(self.place.hardware.meter_paces["meter-1"], said)

    async def inputs(self, *said: bool) -> None:
        await self.poll(self.place.hardware.inputs_paces["io"], InputsReading(said, self.clock.now_s))

    async def shown(self) -> Readings:
        """As the command answers it."""
        return Readings.from_json(await self.panel.commands()["readings"]({}, PEER))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    yield made
    made.place.close()


async def test_before_the_first_reading_nothing_is_told_as_if_it_were_one(site: Site) -> None:
    shown = await site.shown()
    (evse,) = shown.evses
    assert evse.controller.says is None
    assert evse.meter is not None
    assert evse.meter.energy_wh is None
    assert [(line.contact, line.energised, line.device.age_s) for line in evse.fault_lines] == 2 * [(None, None, None)]
    assert not evse.controller.device.answers
    assert [(one.name, one.error) for one in shown.readers] == [("front", "/dev/ttyACM0 has not been opened yet.")]
    assert [one.name for one in shown.lines] == ["rs485", "io"]
    assert shown.at_ms == site.clock.wall_ms()


async def test_every_value_is_shown_as_it_came_with_its_age(site: Site) -> None:
    now_s = site.clock.now_s
    await site.charger(ChargerReading(Pilot.C, 16_000, 13_000, 32_000, True, frozenset({"rcm", "cp_diode"}), now_s))
    site.clock.now_s += 1.5
    await site.meter(MeterReading(1_204_310, 7_360, site.clock.now_s))
    (evse,) = (await site.shown()).evses
    says, meter = evse.controller.says, evse.meter
    assert says is not None
    assert (says.pilot, says.permitted_ma, says.offered_ma, says.cable_limit_ma) == ("C", 16_000, 13_000, 32_000)
    assert (says.contactor_closed, says.faults) == (True, ("cp_diode", "rcm"))
    assert (evse.controller.device.age_s, evse.controller.device.answers) == (1.5, True)
    assert meter is not None
    assert (meter.energy_wh, meter.power_w, meter.device.age_s, meter.refused) == (1_204_310, 7_360, 0.0, None)


async def test_a_device_that_fails_keeps_its_reading_growing_old_and_its_error_stays_after_it(site: Site) -> None:
    await site.meter(MeterReading(1_000, None, site.clock.now_s))
    site.clock.now_s += 4
    await site.meter(NoAnswer("Unit 11 did not answer within 0.30 s."))
    site.clock.now_s += 1
    (evse,) = (await site.shown()).evses
    assert evse.meter is not None
    assert evse.meter.energy_wh == 1_000
    device = evse.meter.device
    assert (device.age_s, device.answers) == (5.0, False)
    assert (device.last_error, device.error_age_s) == ("Unit 11 did not answer within 0.30 s.", 1.0)
    await site.meter(MeterReading(1_000, None, site.clock.now_s))
    (evse,) = (await site.shown()).evses
    assert evse.meter is not None
    assert evse.meter.device.answers
    assert evse.meter.device.last_error == "Unit 11 did not answer within 0.30 s."


async def test_a_unit_that_is_left_alone_is_shown_with_the_cause(site: Site) -> None:
    for said in (NoAnswer("Unit 11 did not answer within 0.30 s."), UnitResting("Unit 11 is left alone.")):
        await site.meter(said)
    (evse,) = (await site.shown()).evses
    assert evse.meter is not None
    assert evse.meter.device.last_error == "Unit 11 did not answer within 0.30 s."


async def test_what_failed_before_the_first_reading_is_forgotten_with_it(site: Site) -> None:
    await site.charger(LineDown("/dev/ttyUSB0 has not been opened yet."))
    (evse,) = (await site.shown()).evses
    assert evse.controller.device.last_error == "/dev/ttyUSB0 has not been opened yet."
    await site.charger(ChargerReading(Pilot.A, 0, 0, None, None, frozenset(), site.clock.now_s))
    (evse,) = (await site.shown()).evses
    assert evse.controller.device.last_error is None


async def test_a_register_that_is_not_believed_is_shown_and_said_so(site: Site) -> None:
    for energy_wh in (5_000, 4_000):
        site.clock.now_s += 1
        await site.place.look(Pilot.C, energy_wh=energy_wh)
        await site.meter(MeterReading(energy_wh, 0, site.clock.now_s))
    (evse,) = (await site.shown()).evses
    assert evse.meter is not None
    assert (evse.meter.energy_wh, evse.meter.refused) == (4_000, site.place.loop.senses.refusal)


async def test_a_fault_line_is_told_by_its_contact_and_its_latch(site: Site) -> None:
    async def contacts(*inputs: bool) -> list[tuple[str, int, str | None, bool]]:
        for _ in range(8):
            await site.inputs(*inputs)
            site.clock.now_s += 0.5
        (evse,) = (await site.shown()).evses
        return [(line.name, line.input, line.contact, line.latched) for line in evse.fault_lines]

    assert await contacts(True, True) == [("rcd", 1, "healthy", False), ("tilt", 2, "healthy", False)]
    assert await contacts(False, False) == [("rcd", 1, "faulty", False), ("tilt", 2, "faulty", True)]
    assert await contacts(True, True) == [("rcd", 1, "healthy", False), ("tilt", 2, "healthy", True)]
    assert await contacts(True) == [("rcd", 1, "healthy", False), ("tilt", 2, None, True)]
