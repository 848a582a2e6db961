"""From the configuration to opened lines and paced devices: who polls what, how often, for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from roampost.clock import Clock
from roampost.config.model import Config, Line, RtuLine
from roampost.loop.pace import Pace
from roampost.supervise.supervisor import Supervisor
from roampost.supervise.watchdog import Beat, Watchdog
from roampost_drivers.bus import Bus
from roampost_drivers.charger import build_charger
from roampost_drivers.device import Device
from roampost_drivers.inputs import build_inputs
from roampost_drivers.line.links import Link, RtuLink, TcpLink
from roampost_drivers.meter import build_meter
from roampost_drivers.rfid.reader import build_reader
from roampost_drivers.roles import Charger, ChargerReading, InputsReading, MeterReading, TagReader

# A turn of a bus owner is at most a time-out and its drain; of a poll, a few of them in the queue.
BUS_TURN_S = 10.0
POLL_TURN_S = 20.0


@dataclass(slots=True)
class Hardware:
    """Everything that touches a wire; the keys are the names of the configuration."""

    buses: dict[str, Bus]
    chargers: dict[str, Charger]
    readers: dict[str, TagReader]
    charger_paces: dict[str, Pace[ChargerReading]]
    meter_paces: dict[str, Pace[MeterReading]]
    inputs_paces: dict[str, Pace[InputsReading]]

    def errors(self) -> list[tuple[str, str | None]]:
        """Every polled device with its last failure, None while it answers."""
        chargers = [(name, pace.error) for name, pace in self.charger_paces.items()]
        meters = [(name, pace.error) for name, pace in self.meter_paces.items()]
        return chargers + meters + [(name, pace.error) for name, pace in self.inputs_paces.items()]

    def start(self, tasks: Supervisor, beats: dict[str, Beat]) -> None:
        """Give every owner and every poll to the supervisor."""
        for name, bus in self.buses.items():
            tasks.start(f"line {name}", bus.run, beat=beats[f"line {name}"])
        for paces in (self.charger_paces, self.meter_paces, self.inputs_paces):
            for name, pace in paces.items():
                tasks.start(f"poll {name}", pace.run, beat=beats[f"poll {name}"])


def link_of(line: Line) -> Link:
    """How a configured line is reached."""
    if isinstance(line, RtuLine):
        return RtuLink(str(line.port), line.baud, line.parity, line.stop_bits, settle_s=line.settle_ms / 1000)
    return TcpLink(line.host, line.port)


def patient(device: Device, line: Line) -> Device:
    """The device with the time-out of its line, where the line has one."""
    if line.timeout_ms is None:
        return device
    return replace(device, link=replace(device.link, timeout_ms=line.timeout_ms))


class Builder:
    """Builds the hardware of one configuration; `beats` grows with every loop that the watchdog knows."""

    def __init__(self, config: Config, devices: Mapping[str, Device], clock: Clock, watchdog: Watchdog) -> None:
        self._config = config
        self._devices = devices
        self._now_s = clock.mono_s
        self._watchdog = watchdog
        self.beats: dict[str, Beat] = {}

    def build(self) -> Hardware:
        """Open nothing yet: the loops do."""
        buses = {
            name: Bus(link_of(line), now=self._now_s, beat=self.beat(f"line {name}", BUS_TURN_S))
            for name, line in self._config.lines.items()
        }
        built = Hardware(buses, {}, {}, {}, {}, {})
        for name in self._config.devices:
            self._device(built, name)
        for name, reader in self._config.readers.items():
            built.readers[name] = build_reader(self._devices[reader.type], str(reader.port), name)
        return built

    def beat(self, name: str, within_s: float) -> Callable[[], None]:
        """Register a loop at the watchdog."""
        self.beats[name] = self._watchdog.loop(name, within_s=within_s)
        return self.beats[name]

    def charger_limit_ma(self, name: str) -> int:
        """What this charging controller can be set to at most: more would never be read back."""
        charger = self._devices[self._config.devices[name].type].charger
        assert charger is not None
        return charger.set_point.maximum_ma

    def _device(self, built: Hardware, name: str) -> None:
        settings = self._config.devices[name]
        bus = built.buses[settings.line]
        interval_s = settings.poll_ms / 1000
        beat = self.beat(f"poll {name}", POLL_TURN_S)
        pace = partial(Pace, name, interval_s=interval_s, now_s=self._now_s, beat=beat)
        device = patient(self._devices[settings.type], self._config.lines[settings.line])
        if device.charger is not None:
            charger = build_charger(device, bus, settings.unit, name)
            built.chargers[name] = charger
            built.charger_paces[name] = pace(poll=charger.poll, ahead=True)
        elif device.meter is not None:
            meter = build_meter(device, bus, settings.unit, name)
            # Every reading may become the one that is billed: each is confirmed by a second read of another length.
            built.meter_paces[name] = pace(poll=partial(meter.poll, confirm=True))
        elif device.inputs is not None:
            built.inputs_paces[name] = pace(poll=build_inputs(device, bus, settings.unit, name).poll)
