"""A whole station, composed from its file: opens every port, wires every contact, lets time pass.

`do` is the one way to act on it. What is read or written over a line is preceded by `settle`, so that every
answer shows the world at that moment.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from roampost_sim.clock import Clock, SystemClock
from roampost_sim.devices.evse_din import EvseDin
from roampost_sim.devices.sdm630 import Sdm630
from roampost_sim.devices.twn4_port import Twn4Port
from roampost_sim.devices.waveshare8 import Waveshare8
from roampost_sim.record import Record, Sink
from roampost_sim.station_file import EvsePlan, RtuLinePlan, StationPlan, load_station
from roampost_sim.wire.pty import PtyPort
from roampost_sim.wire.rtu import RtuLine
from roampost_sim.wire.tcp import TcpLine
from roampost_sim.wire.unit import Unit
from roampost_sim.world.contact import ContactPlan, FaultContact
from roampost_sim.world.outlet import Outlet
from roampost_sim.world.person import Person


class Station:
    def __init__(
        self, plan: StationPlan, directory: Path, *sinks: Sink, clock: Clock | None = None, ticking: bool = True
    ) -> None:
        """`directory` is where relative links go. Without `ticking` time passes only by `pass_time` and traffic."""
        self.plan = plan
        self.directory = directory
        self.clock = clock or SystemClock()
        self.record = Record(self.clock, *sinks)
        self.persons: list[Person] = []
        self._ticking = ticking
        self._later: list[tuple[float, Callable[[], None]]] = []
        self.ports: dict[str, PtyPort | TcpLine] = {}
        self.lines = {name: self._line(name) for name in plan.lines}
        self.readers = {name: self._reader(name) for name in plan.readers}
        self.outlets = {name: self._outlet(name, evse) for name, evse in plan.evses.items()}
        self.contacts = {name: self._contact(contact) for name, contact in plan.contacts.items()}
        for outlet in self.outlets.values():
            outlet.tripped_by = self._tripped_by(outlet.name)
        self._wire_modules()

    @classmethod
    def from_file(
        cls, file: Path, directory: Path, *sinks: Sink, clock: Clock | None = None, ticking: bool = True
    ) -> Self:
        """PlanError when the file is wrong."""
        return cls(load_station(file), directory, *sinks, clock=clock, ticking=ticking)

    async def __aenter__(self) -> Self:
        try:
            await self._open_ports()
        except BaseException:
            await self._close_ports()
            raise
        self.serving = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.serving.cancel()
        await asyncio.wait({self.serving})
        await self._close_ports()
        if error is None and not self.serving.cancelled():
            self.serving.result()

    def settle(self) -> None:
        """Lets the world catch up with the clock."""
        now_s = self.clock.now()
        self._settle_outlets(now_s)
        due = [act for at_s, act in self._later if at_s <= now_s]
        if due:
            self._later = [(at_s, act) for at_s, act in self._later if at_s > now_s]
            for act in due:
                act()
            self._settle_outlets(now_s)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self._later.append((self.clock.now() + seconds, act))

    async def pass_time(self, seconds: float, step_s: float | None = None) -> None:
        """Sleeps on the station's clock in steps and settles after each: how a manual clock moves the world."""
        until_s = self.clock.now() + seconds
        while (left_s := until_s - self.clock.now()) > 1e-9:
            await self.clock.sleep(min(left_s, step_s or self.plan.tick_s))
            self.settle()

    async def plug_port(self, name: str) -> str:
        """Opens a line or reader; gives where it is found."""
        await self.ports[name].plug()
        if name in self.readers:
            self.readers[name].reader.power_up()
        return self.ports[name].address

    def address(self, name: str) -> str:
        """The link of a serial port, or host:port."""
        return self.ports[name].address

    async def _open_ports(self) -> None:
        for name in self.ports:
            await self.plug_port(name)
        self.record.add(
            "station_started",
            name=self.plan.name,
            ports={name: port.address for name, port in self.ports.items()},
        )
        self.settle()

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            for line in self.lines.values():
                if isinstance(line, RtuLine):
                    group.create_task(line.run())
            for reader in self.readers.values():
                group.create_task(reader.run())
            if self._ticking:
                group.create_task(self._tick())

    async def _close_ports(self) -> None:
        for port in self.ports.values():
            await port.unplug()

    async def _tick(self) -> None:
        while True:
            await self.clock.sleep(self.plan.tick_s)
            self.settle()

    def _settle_outlets(self, now_s: float) -> None:
        for outlet in self.outlets.values():
            outlet.settle(now_s)

    # Composition

    def _pty(self, name: str, link: str) -> PtyPort:
        port = self.ports[name] = PtyPort(self.directory / link)
        return port

    def _line(self, name: str) -> RtuLine | TcpLine:
        plan = self.plan.lines[name]
        if isinstance(plan, RtuLinePlan):
            return RtuLine(self._pty(name, plan.link), plan.settings, self.clock, self.settle)
        line = self.ports[name] = TcpLine(plan.host, plan.port, self.clock, self.settle)
        return line

    def _reader(self, name: str) -> Twn4Port:
        plan = self.plan.readers[name]
        return Twn4Port(plan, self._pty(name, plan.link), self.clock, self.settle)

    def _outlet(self, name: str, plan: EvsePlan) -> Outlet:
        def on_set_point(current_ma: int) -> None:
            self.outlets[name].note("set_point_written", current_ma=current_ma)

        controller = EvseDin(plan.controller, self.clock.now, on_set_point)
        self._attach(plan.controller.line, controller)
        meter = None
        if plan.meter:
            meter = Sdm630(plan.meter, self.clock.now, self.plan.voltage_v)
            self._attach(plan.meter.line, meter)
        return Outlet(name, controller, meter, self.record, self.plan.voltage_v)

    def _attach(self, line: str, unit: Unit) -> None:
        self.lines[line].units.append(unit)

    def _contact(self, plan: ContactPlan) -> FaultContact:
        if plan.mirrors is None:
            return FaultContact(plan)
        mirrored = self.outlets[plan.mirrors]
        return FaultContact(plan, lambda: mirrored.contactor_closed)

    def _tripped_by(self, evse: str) -> Callable[[], bool]:
        protective = [contact for contact in self.contacts.values() if evse in contact.plan.opens]
        return lambda: any(contact.tripped for contact in protective)

    def _wire_modules(self) -> None:
        for name, plan in self.plan.modules.items():
            module = Waveshare8(plan)
            self._attach(plan.line, module)
            for contact in self.contacts.values():
                if contact.plan.module == name:
                    module.wire(contact.plan.input, lambda contact=contact: contact.closed)  # type: ignore[misc]
