"""What `roampost readings` answers: the latest look at every device, as it came, with its age."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Literal

from roampost.clock import Clock
from roampost.config.model import Config
from roampost.config.model import Evse as EvseConfig
from roampost.control.protocol import Peer
from roampost.control.readings import (
    ControllerNow,
    ControllerSays,
    DeviceNow,
    EvseReadings,
    FaultLineNow,
    LineNow,
    MeterNow,
    ReaderNow,
    Readings,
)
from roampost.loop.evse_loop import EvseLoop
from roampost.loop.faultline import FaultLine, LineRule
from roampost.loop.pace import Pace
from roampost.site.hardware import Hardware
from roampost.site.station import Station
from roampost_drivers.bus import Bus
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading


class Panel:
    """Asks no device: it shows what the polls have brought."""

    def __init__(self, config: Config, station: Station, hardware: Hardware, clock: Clock) -> None:
        self._config = config
        self._station = station
        self._hardware = hardware
        self._clock = clock

    def commands(self) -> dict[str, Callable[[Mapping[str, Any], Peer], Awaitable[object]]]:
        return {"readings": self._answer}

    async def _answer(self, arguments: Mapping[str, Any], peer: Peer) -> object:
        return self.readings().to_json()

    def readings(self) -> Readings:
        hardware = self._hardware
        return Readings(
            at_ms=self._clock.wall_ms(),
            evses=tuple(self._evse(one) for one in self._config.evse),
            readers=tuple(ReaderNow(name, reader.fault) for name, reader in hardware.readers.items()),
            lines=tuple(_line(name, bus) for name, bus in hardware.buses.items()),
        )

    def _evse(self, one: EvseConfig) -> EvseReadings:
        loop = self._station.loops[one.id]
        meter = None if one.meter is None else self._meter(self._hardware.meter_paces[one.meter], loop)
        pace = self._hardware.charger_paces[one.charger]
        controller = ControllerNow(self._device(pace, pace.reading), _says(pace.reading))
        return EvseReadings(one.id, controller, meter, tuple(self._fault_lines(loop)))

    def _meter(self, pace: Pace[MeterReading], loop: EvseLoop) -> MeterNow:
        found, refused = pace.reading, loop.senses.refusal
        device = self._device(pace, found)
        if found is None:
            return MeterNow(device, None, None, refused)
        return MeterNow(device, found.energy_wh, found.power_w, refused)

    def _fault_lines(self, loop: EvseLoop) -> Iterator[FaultLineNow]:
        for name, lines in loop.lines.items():
            pace = self._hardware.inputs_paces[name]
            device = self._device(pace, pace.reading)
            for line in lines:
                yield _fault_line(line, device, pace.reading)

    def _device(self, pace: Pace[Any], reading: ChargerReading | MeterReading | InputsReading | None) -> DeviceNow:
        now_s, failure = self._clock.mono_s(), pace.failure
        return DeviceNow(
            name=pace.name,
            age_s=None if reading is None else round(now_s - reading.taken_s, 3),
            answers=pace.error is None,
            last_error=None if failure is None else failure.text,
            error_age_s=None if failure is None else round(now_s - failure.at_s, 3),
        )


def _says(found: ChargerReading | None) -> ControllerSays | None:
    if found is None:
        return None
    return ControllerSays(
        pilot=found.pilot.value,
        permitted_ma=found.permitted_ma,
        offered_ma=found.offered_ma,
        cable_limit_ma=found.cable_limit_ma,
        contactor_closed=found.contactor_closed,
        faults=tuple(sorted(found.faults)),
    )


def _fault_line(line: FaultLine, device: DeviceNow, reading: InputsReading | None) -> FaultLineNow:
    rule = line.rule
    inputs = () if reading is None else reading.inputs
    energised = inputs[rule.index] if rule.index < len(inputs) else None
    return FaultLineNow(rule.name, device, rule.index + 1, energised, _contact(rule, energised), line.latch)


def _contact(rule: LineRule, energised: bool | None) -> Literal["healthy", "faulty"] | None:
    if energised is None:
        return None
    return "healthy" if energised is rule.closed_is_healthy else "faulty"


def _line(name: str, bus: Bus) -> LineNow:
    health = bus.health
    seen = health.counters
    return LineNow(name, health.fault, seen.requests, seen.timeouts, seen.foreign, seen.refused, seen.opened)
