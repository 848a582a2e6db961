"""An RTU line on a manual clock: how long everything takes, who answers, and each fault alone."""

from collections.abc import Callable

import pytest

from roampost_sim.clock import ManualClock
from roampost_sim.devices.sdm630 import Sdm630, Sdm630Plan
from roampost_sim.devices.waveshare8 import Waveshare8, Waveshare8Plan
from roampost_sim.wire.faults import FaultKind
from roampost_sim.wire.rtu import LineSettings, RtuLine
from tests.sim.support import Collector, framed

READ_SERIAL = framed("0B 03 FC 00 00 02")
SERIAL = framed("0B 03 04 00 00 00 2A")
RELAY_ON = framed("15 05 00 00 FF 00")


def line(
    settings: LineSettings | None = None, turnaround_ms: int = 0, settle: Callable[[], None] = lambda: None
) -> tuple[RtuLine, Collector]:
    clock = ManualClock()
    port = Collector(clock)
    rtu = RtuLine(port, settings or LineSettings(), clock, settle)
    meter = Sdm630Plan(line="bus", unit=11, serial=42, turnaround_ms=turnaround_ms)
    rtu.units = [Sdm630(meter, clock.now), Waveshare8(Waveshare8Plan(line="bus", unit=21, turnaround_ms=0))]
    return rtu, port


def relays_of(rtu: RtuLine) -> list[bool]:
    module = rtu.units[1]
    assert isinstance(module, Waveshare8)
    return module.relays


# Times of whole exchanges at turnaround 0 (ms), from the document's table: they count the silence before and
# after; the line adds the one before, the master keeps the other.
@pytest.mark.parametrize(
    ("settings", "silence_ms", "two_registers_ms"),
    [
        (LineSettings(9600), 3.646, 25.0),
        (LineSettings(19200), 1.823, 12.5),
        (LineSettings(38400), 1.750, 7.9),
        (LineSettings(115200), 1.750, 5.0),
        (LineSettings(9600, "E", 1), 4.010, 27.5),
        (LineSettings(9600, "N", 2), 4.010, 27.5),
        (LineSettings(19200, "O", 1), 2.005, 13.7),
    ],
)
async def test_an_exchange_takes_its_time_on_the_wire(
    settings: LineSettings, silence_ms: float, two_registers_ms: float
) -> None:
    rtu, port = line(settings)
    await rtu.exchange(READ_SERIAL)
    [(at_s, reply)] = port.pieces
    assert reply == SERIAL
    assert settings.silence_s * 1000 == pytest.approx(silence_ms, abs=0.001)
    assert (at_s + settings.silence_s) * 1000 == pytest.approx(two_registers_ms, abs=0.06)


async def test_the_turnaround_of_the_unit_comes_on_top() -> None:
    rtu, port = line()
    slow, slow_port = line(turnaround_ms=30)
    await rtu.exchange(READ_SERIAL)
    await slow.exchange(READ_SERIAL)
    assert slow_port.pieces[0][0] - port.pieces[0][0] == pytest.approx(0.030)


async def test_a_write_takes_effect_when_the_request_is_through_and_before_the_reply() -> None:
    seen: list[tuple[float, bool]] = []
    rtu, port = line(settle=lambda: seen.append((port.clock.now(), relays_of(rtu)[0])))
    await rtu.exchange(RELAY_ON)
    request_s = rtu.settings.wire_s(8) + rtu.settings.silence_s
    assert [relay for _, relay in seen] == [False, True]
    assert [at_s for at_s, _ in seen] == pytest.approx([request_s, request_s])
    assert port.pieces[0][0] == pytest.approx(request_s + rtu.settings.wire_s(8))


async def test_unknown_units_and_units_without_power_are_silent() -> None:
    rtu, port = line()
    await rtu.exchange(framed("0C 03 FC 00 00 02"))
    rtu.units[0].powered = False
    await rtu.exchange(READ_SERIAL)
    assert port.pieces == []


async def test_a_broadcast_is_obeyed_and_not_answered() -> None:
    rtu, port = line()
    await rtu.exchange(framed("00 05 00 00 FF 00"))
    assert (relays_of(rtu)[0], port.pieces) == (True, [])


async def faulty(kind: FaultKind, delay_s: float = 0.5) -> list[tuple[float, bytes]]:
    """Pieces of one exchange with the fault, timed from when the reply would have come without it."""
    healthy, port = line()
    await healthy.exchange(READ_SERIAL)
    rtu, faulty_port = line()
    rtu.faults.switch_on(kind, unit=11, delay_s=delay_s)
    await rtu.exchange(READ_SERIAL)
    return [(round(at_s - port.pieces[0][0], 6), piece) for at_s, piece in faulty_port.pieces]


async def test_each_fault_does_one_thing() -> None:
    assert await faulty(FaultKind.SILENT) == []
    assert await faulty(FaultKind.LATE, 0.8) == [(0.8, SERIAL)]
    assert await faulty(FaultKind.NOISE) == [(0.0, b"\x00" + SERIAL)]
    assert await faulty(FaultKind.BAD_CRC) == [(0.0, SERIAL[:-1] + bytes([SERIAL[-1] ^ 0xFF]))]
    assert await faulty(FaultKind.SPLIT, 0.01) == [(0.0, SERIAL[:4]), (0.01, SERIAL[4:])]


async def test_an_echo_comes_before_everything() -> None:
    rtu, port = line()
    rtu.faults.switch_on(FaultKind.ECHO)
    await rtu.exchange(READ_SERIAL)
    assert [piece for _, piece in port.pieces] == [READ_SERIAL, SERIAL]
    assert port.pieces[0][0] == 0.0


async def test_a_silent_unit_does_not_do_what_it_did_not_hear() -> None:
    rtu, _ = line()
    rtu.faults.switch_on(FaultKind.SILENT, unit=21)
    await rtu.exchange(RELAY_ON)
    assert not relays_of(rtu)[0]


async def test_a_fault_hits_its_unit_only_and_as_often_as_it_was_told() -> None:
    rtu, port = line()
    rtu.faults.switch_on(FaultKind.SILENT, unit=11, times=2)
    for _ in range(3):
        await rtu.exchange(READ_SERIAL)
    assert [piece for _, piece in port.pieces] == [SERIAL]
    rtu.faults.switch_on(FaultKind.SILENT, unit=11)
    await rtu.exchange(RELAY_ON)
    assert port.pieces[-1][1] == RELAY_ON
    rtu.faults.switch_off(FaultKind.SILENT, unit=11)
    await rtu.exchange(READ_SERIAL)
    assert port.pieces[-1][1] == SERIAL


async def test_an_exception_is_five_bytes() -> None:
    rtu, port = line()
    await rtu.exchange(framed("0B 04 00 13 00 02"))
    assert port.pieces[0][1] == framed("0B 84 02")
