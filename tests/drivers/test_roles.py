"""What a role does over time: boards that are swapped, meters on bad lines, devices behind TCP."""

import struct
from collections.abc import Callable
from dataclasses import replace

import pytest

from roampost_drivers.bus import Bus
from roampost_drivers.charger import LEARN_AGAIN_S, build_charger
from roampost_drivers.device import Device
from roampost_drivers.devicefile import Catalog, parse
from roampost_drivers.errors import DriverError, ForeignAnswer, NoAnswer, Nonsense, Refused, UnitResting
from roampost_drivers.inputs import build_inputs
from roampost_drivers.meter import build_meter
from roampost_drivers.roles import Charger, Inputs, Meter, Pilot, WithoutAgent
from tests.drivers.conftest import MakeSlave
from tests.drivers.gateways import Gateway
from tests.drivers.lines import owned, quick, until
from tests.drivers.slaves import LateReply, Slave, Units, crc, fields, honest
from tests.drivers.test_devicefile import GARO

CATALOG = Catalog.load()


def hasty(key: str, timeout_ms: int = 250) -> Device:
    """A shipped device without its pauses, for tests that are not about them."""
    device = CATALOG.device(key)
    return replace(device, link=replace(device.link, pause_ms=0, timeout_ms=timeout_ms))


class Board:
    """An EVSE-DIN from its manual's facts; old firmware refuses what it does not have."""

    def __init__(self, firmware: int = 18, configuration: int = 0, state: int = 2) -> None:
        self.registers = {1000: 0, 1001: 0, 1002: state, 1003: 32, 1004: 0, 1005: firmware, 1006: 1, 1007: 0}
        self.registers |= {1008: 0, 1009: 0, 2000: 6, 2005: configuration}
        self.last = 1006 if firmware <= 15 else 2017
        self.asked: list[tuple[int, int]] = []

    def __call__(self, slave: Slave, request: bytes) -> None:
        _, function, address, count = fields(request)
        self.asked.append((address, count))
        if address + count - 1 > self.last:
            slave.send(crc(bytes((request[0], function | 0x80, 2))))
            return
        if function == 16:
            self.registers[address] = int.from_bytes(request[7:9], "big")
        slave.send(honest(request, lambda unit, function, at: self.registers[at]))


async def test_a_board_that_is_swapped_behind_a_silence_is_learnt_again(make_slave: MakeSlave) -> None:
    units = Units(unit1=Board(firmware=18, configuration=0x80))
    slave = make_slave(units)
    async with owned(quick(slave.pty.port)) as bus:
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        await charger.permit(16_000)
        assert (await charger.poll()).permitted_ma == 16_000
        del units.alive[1]
        with pytest.raises(NoAnswer):
            await charger.poll()
        new = Board(firmware=14)
        units.alive[1] = new
        await charger.permit(16_000)
        reading = await charger.poll()
    assert new.registers[1000] == 16
    assert reading.permitted_ma == 16_000
    assert reading.contactor_closed is None


async def test_old_firmware_is_never_asked_for_what_it_lacks(make_slave: MakeSlave) -> None:
    board = Board(firmware=15)
    slave = make_slave(board)
    async with owned(quick(slave.pty.port)) as bus:
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        for _ in range(5):
            assert (await charger.poll()).pilot is Pilot.B
        assert bus.health.counters.refused == 0
    assert set(board.asked) == {(1000, 7)}


async def test_a_unit_of_current_that_changes_while_running_is_noticed(make_slave: MakeSlave) -> None:
    board = Board()
    slave = make_slave(board)
    now_s = 1000.0
    async with owned(quick(slave.pty.port)) as bus:
        bus.now = lambda: now_s
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        await charger.poll()
        board.registers |= {1000: 1600, 2005: 0x80}
        with pytest.raises(Nonsense, match="1600 A cannot be"):
            await charger.poll()
        assert (await charger.poll()).permitted_ma == 16_000
        board.registers |= {1000: 16, 2005: 0}
        assert (await charger.poll()).permitted_ma == 160
        now_s += LEARN_AGAIN_S + 1
        assert (await charger.poll()).permitted_ma == 16_000


async def test_forbidding_is_tried_while_the_unit_rests_and_permitting_is_not(make_slave: MakeSlave) -> None:
    slave = make_slave(Units())
    async with owned(quick(slave.pty.port), rests_s=(60.0,)) as bus:
        charger: Charger = build_charger(hasty("evse-din"), bus, 1, "left")
        with pytest.raises(NoAnswer):
            await charger.poll()
        with pytest.raises(UnitResting):
            await charger.permit(16_000)
        with pytest.raises(NoAnswer):
            await charger.permit(0)
    assert [request[1] for request in slave.requests] == [3, 16]


async def test_a_default_that_the_device_does_not_keep_is_told(make_slave: MakeSlave) -> None:
    board = Board()

    def forgetful(slave: Slave, request: bytes) -> None:
        board(slave, request)
        board.registers[2000] = 6

    slave = make_slave(forgetful)
    async with owned(quick(slave.pty.port)) as bus:
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        assert await charger.is_commissioned() is False
        with pytest.raises(Nonsense, match="did not keep default_current = 0"):
            await charger.commission()


def test_a_charger_says_what_it_does_without_an_agent() -> None:
    charger = build_charger(CATALOG.device("evse-din"), Bus(quick("/nowhere")), 1, "left")
    assert charger.without_agent == WithoutAgent(keeps_set_point=True, default_set_point=True)
    assert charger.name == "left"


class GrowingMeter:
    """An SDM630 whose energy grows by 1 Wh with each request; every other register holds a plausible float too."""

    def __init__(self) -> None:
        self.energy_wh = 100_000

    def register(self, _unit: int, _function: int, address: int) -> int:
        number = {0x48: self.energy_wh / 1000, 0x34: 7000.0}.get(address & ~1, 50.0)
        words: tuple[int, int] = struct.unpack(">2H", struct.pack(">f", number))
        return words[address & 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_billing_value_is_right_however_late_replies_are(make_slave: MakeSlave, seed: int) -> None:
    timeout_s, settle_s = 0.03, 0.02
    meter = GrowingMeter()
    late = LateReply(seed, (timeout_s, 6 * (timeout_s + settle_s)), meter.register)

    def grow(slave: Slave, request: bytes) -> None:
        meter.energy_wh += 1
        late(slave, request)

    slave = make_slave(grow)
    good = 0
    async with owned(quick(slave.pty.port, settle_s=settle_s)) as bus:
        role: Meter = build_meter(hasty("sdm630", timeout_ms=int(timeout_s * 1000)), bus, 1, "m")
        for _ in range(40):
            before_wh = meter.energy_wh
            try:
                reading = await role.poll(confirm=True)
            except DriverError:
                continue
            assert before_wh < reading.energy_wh <= meter.energy_wh
            good += 1
    assert good > 3


class OneEnergyBehind:
    """Answers each read of the energy with the answer to the one before; all else at once."""

    def __init__(self, meter: GrowingMeter, grows_wh: int) -> None:
        self._meter = meter
        self._grows_wh = grows_wh
        self._kept: bytes | None = None

    def __call__(self, slave: Slave, request: bytes) -> None:
        reply = honest(request, self._meter.register)
        if fields(request)[2:] != (0x48, 4):
            slave.send(reply)
            return
        if self._kept is not None:
            slave.send(self._kept)
        self._kept = reply
        self._meter.energy_wh += self._grows_wh


@pytest.mark.parametrize(("confirm", "energy_wh"), [(False, 100_000), (True, 100_010)])
async def test_an_answer_that_is_one_read_late_shows_only_when_it_is_confirmed(
    make_slave: MakeSlave, confirm: bool, energy_wh: int
) -> None:
    # Without confirming, the answer to the first poll is taken for the second's: 100 000 Wh, and 100 005 is true.
    slave = make_slave(OneEnergyBehind(GrowingMeter(), grows_wh=5))
    async with owned(quick(slave.pty.port)) as bus:
        meter = build_meter(hasty("sdm630"), bus, 1, "m")
        with pytest.raises(NoAnswer):
            await meter.poll(confirm=confirm)
        assert (await meter.poll(confirm=confirm)).energy_wh == energy_wh


async def test_a_late_answer_that_lies_too_far_back_is_not_believed(make_slave: MakeSlave) -> None:
    slave = make_slave(OneEnergyBehind(GrowingMeter(), grows_wh=500))
    async with owned(quick(slave.pty.port)) as bus:
        meter = build_meter(hasty("sdm630"), bus, 1, "m")
        with pytest.raises(NoAnswer):
            await meter.poll(confirm=True)
        with pytest.raises(ForeignAnswer, match="two reads of the energy disagree: 100000 Wh, then 101000 Wh"):
            await meter.poll(confirm=True)


@pytest.mark.parametrize("key", ["sdm630", "waveshare-8ch"])
async def test_meters_and_inputs_are_read_over_tcp_too(key: str) -> None:
    meter = GrowingMeter()
    async with Gateway(registers=meter.register) as gateway, owned(gateway.link) as bus:
        if key == "sdm630":
            reading = await build_meter(hasty(key, 5000), bus, 1, "m").poll(confirm=True)
            assert (reading.energy_wh, reading.power_w) == (100_000, 7000)
        else:
            module: Inputs = build_inputs(hasty(key, 5000), bus, 1, "di")
            assert len((await module.poll()).inputs) == 8


def mode3(state: str) -> Callable[[int, int, int], int]:
    """A charger of the kind that tells its state as text and takes its current as a float."""
    text = state.ljust(10, "\0").encode()
    current = struct.pack(">f", 16.0)

    def register(_unit: int, _function: int, address: int) -> int:
        data, first = (text, 1201) if address < 1210 else (current, 1210)
        at = 2 * (address - first)
        return int.from_bytes(data[at : at + 2], "big")

    return register


async def test_a_charger_from_a_sites_own_file_works_without_python() -> None:
    device = parse(GARO, "garo", "garo.toml")
    async with Gateway(registers=mode3("C2")) as gateway, owned(gateway.link) as bus:
        charger = build_charger(device, bus, 255, "right")
        reading = await charger.poll()
        await charger.permit(10_000)
    assert (reading.pilot, reading.permitted_ma, reading.contactor_closed) == (Pilot.C, 16_000, None)
    assert gateway.requests[-1] == bytes.fromhex("FF 10 04BA 0002 04 41200000")


PHOENIX = """
title = "Phoenix EV-CC Basic as a site would write it down"
source = "manual 106377_en_04"
[link]
transports = ["rtu"]
[[row]]
name = "status"
address = 24000
fc = 4
type = "str"
length = 1
[[row]]
name = "errors"
address = 24025
fc = 4
type = "u16"
[[row]]
name = "release"
address = 20000
fc = 1
type = "bit"
[[row]]
name = "maximum_current"
address = 22000
type = "u16"
unit = "A"
[[row]]
name = "life"
address = 3328
type = "u16"
[charger]
[charger.pilot]
row = "status"
match = "first"
states = { A = "A", B = "B", C = "C", D = "D", E = "E", F = "F" }
[charger.set_point]
row = "maximum_current"
function = 6
[charger.release]
row = "release"
function = 5
[charger.keep_alive]
row = "life"
value = 0x55AA
every_s = 5
function = 6
[charger.faults]
row = "errors"
bits = { 11 = "contactor" }
[charger.without_agent]
keeps_set_point = true
default_set_point = false
"""


class Phoenix:
    """A controller with a release coil beside its set point."""

    def __init__(self) -> None:
        self.values = {(4, 24000): 0x4332, (4, 24025): 0x0800, (1, 20000): 0, (3, 22000): 16}
        self.written: list[str] = []

    def __call__(self, slave: Slave, request: bytes) -> None:
        _, function, address, value = fields(request)
        if function in (5, 6):
            self.written.append(f"{function}:{address}={value:X}")
            self.values[{5: 1, 6: 3}[function], address] = value and (1 if function == 5 else value)
        slave.send(honest(request, lambda unit, function, at: self.values[function, at]))


async def test_a_charger_with_a_release_coil_and_a_watchdog_to_feed(make_slave: MakeSlave) -> None:
    device, box = parse(PHOENIX, "phoenix", "phoenix.toml"), Phoenix()
    slave = make_slave(box)
    now_s = 100.0
    async with owned(quick(slave.pty.port)) as bus:
        bus.now = lambda: now_s
        charger = build_charger(device, bus, 1, "left")
        reading = await charger.poll()
        assert (reading.pilot, reading.permitted_ma, reading.faults) == (Pilot.C, 0, frozenset({"contactor"}))
        await charger.permit(10_000)
        assert (await charger.poll()).permitted_ma == 10_000
        now_s += 5.0
        assert (await charger.poll()).permitted_ma == 10_000
        await charger.permit(0)
        assert (await charger.poll()).permitted_ma == 0
    assert box.written == ["6:3328=55AA", "6:22000=A", "5:20000=FF00", "6:3328=55AA", "5:20000=0"]


async def test_a_set_point_that_is_read_back_elsewhere(make_slave: MakeSlave) -> None:
    text = GARO.replace("[charger]", '[[row]]\nname = "order"\naddress = 5004\ntype = "u16"\nunit = "mA"\n[charger]')
    device = parse(
        text.replace('row = "limit"', 'row = "limit"\nwritten = "order"\nmaximum_ma = 63000'), "keba", "keba.toml"
    )
    async with Gateway(registers=mode3("B1")) as gateway, owned(gateway.link) as bus:
        await build_charger(device, bus, 255, "right").permit(16_000)
    assert gateway.requests == [bytes.fromhex("FF 10 138C 0001 02 3E80")]


async def test_what_is_offered_beyond_what_is_permitted_makes_the_unit_be_looked_up(make_slave: MakeSlave) -> None:
    board = Board(configuration=0x80)
    slave = make_slave(board)
    async with owned(quick(slave.pty.port)) as bus:
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        await charger.permit(16_000)
        board.registers |= {2005: 0, 1000: 16, 1001: 16}
        assert (await charger.poll()).permitted_ma == 160
        assert (await charger.poll()).permitted_ma == 16_000


async def test_a_refused_poll_makes_the_board_be_learnt_again(make_slave: MakeSlave) -> None:
    units = Units(unit1=Board(firmware=18))
    slave = make_slave(units)
    async with owned(quick(slave.pty.port)) as bus:
        charger = build_charger(hasty("evse-din"), bus, 1, "left")
        await charger.poll()
        units.alive[1] = Board(firmware=12)
        with pytest.raises(Refused):
            await charger.poll()
        assert (await charger.poll()).contactor_closed is None
        await until(lambda: bus.health.counters.refused == 1)
