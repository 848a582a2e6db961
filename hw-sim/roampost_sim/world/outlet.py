"""One EVSE as electricity sees it: controller, contactor, meter, and the car that is plugged in, if any.

The contactor is closed only while the controller's relay asks for it and no protective device has tripped; the
protective devices need no software for that. Energy flows only through a closed contactor into a car that draws.
"""

from collections.abc import Callable
from typing import Any

from roampost_sim.devices.evse_din import EvseDin, Pilot, Vehicle
from roampost_sim.devices.sdm630 import Sdm630
from roampost_sim.record import Record
from roampost_sim.world.car import Car

LETTERS = {
    Vehicle.ABSENT: "A",
    Vehicle.CONNECTED: "B",
    Vehicle.READY: "C",
    Vehicle.READY_WITH_VENTILATION: "D",
    Vehicle.FAILURE: "E",
}
MOST_ROUNDS = 8  # car and controller answer each other; they settle in two or three


class Outlet:
    def __init__(self, name: str, controller: EvseDin, meter: Sdm630 | None, record: Record, voltage_v: float) -> None:
        self.name, self.controller, self.meter = name, controller, meter
        self.car: Car | None = None
        self.tripped_by: Callable[[], bool] = lambda: False
        self.welded = False
        self.contactor_closed = False
        self.pilot = "A"
        self.announced_ma = 0
        self._record = record
        self._voltage_v = voltage_v
        self._then_s: float | None = None

    def note(self, event: str, **fields: Any) -> None:
        """Every event of an EVSE carries the energy: the true one, and what the meter's register shows."""
        energy = {}
        if self.meter:
            energy = {"energy_wh": round(self.meter.energy_wh, 3), "register_wh": self.meter.register_wh}
        self._record.add(event, evse=self.name, **fields, **energy)

    @property
    def live(self) -> bool:
        """Voltage at the socket. A protective device that tripped cuts even a welded contactor off."""
        return self.contactor_closed and not self.tripped_by()

    def plug(self, car: Car, name: str | None) -> None:
        self.car = car
        self.note("plugged", car=name)

    def unplug(self) -> None:
        self.car = None
        self.note("unplugged")

    def settle(self, now_s: float) -> None:
        """Lets the time since the last call pass, then lets car, controller and contactor come to rest."""
        was_full = self.car is not None and self.car.full
        self._flow(0.0 if self._then_s is None else now_s - self._then_s)
        self._then_s = now_s
        if self.car is not None and self.car.full and not was_full:
            self.note("car_full", taken_wh=round(self.car.taken_wh, 3))
        for _ in range(MOST_ROUNDS):
            if not self._round(now_s):
                break
        self._flow(0.0)
        if self.meter:
            self.meter.refresh()

    def _flow(self, seconds: float) -> None:
        if self.car is None:
            self._meter(0.0, 0.0, 1)
            return
        phases = self.car.plan.phases
        announced_w = self.announced_ma / 1000 * self._voltage_v * phases
        energy_wh = self.car.draw(seconds, announced_w if self.live else 0.0)
        self._meter(energy_wh, self.car.power_w, phases)

    def _meter(self, energy_wh: float, power_w: float, phases: int) -> None:
        if self.meter:
            self.meter.integrate(energy_wh, phases)
            self.meter.flow(power_w, phases)

    def _round(self, now_s: float) -> bool:
        before = (self.pilot, self.announced_ma, self.contactor_closed)
        if self.car:
            self.car.respond(now_s, self.controller.announced_ma)
        vehicle = self.car.vehicle if self.car else Vehicle.ABSENT
        self.controller.sense(vehicle, self.car.plan.diode_ok if self.car else True)
        self._see_pilot(vehicle)
        self._move_contactor()
        return before != (self.pilot, self.announced_ma, self.contactor_closed)

    def _see_pilot(self, vehicle: Vehicle) -> None:
        letter = self._letter(vehicle)
        if letter in "BCD":
            letter += "2" if self.controller.pilot is Pilot.PWM else "1"
        announced_ma = self.controller.announced_ma
        if (letter, announced_ma) != (self.pilot, self.announced_ma):
            before, self.pilot, self.announced_ma = self.pilot, letter, announced_ma
            self.note("pilot", before=before, pilot=letter, announced_ma=announced_ma)

    def _letter(self, vehicle: Vehicle) -> str:
        if not self.controller.powered:
            return "E"  # IEC 61851: 0 V, no supply
        return "F" if self.controller.pilot is Pilot.OFF else LETTERS[vehicle]

    def _move_contactor(self) -> None:
        wanted = self.controller.relay and not self.tripped_by()
        closed = wanted or (self.contactor_closed and self.welded)
        if closed != self.contactor_closed:
            self.contactor_closed = closed
            self.note("contactor_closed" if closed else "contactor_opened")
