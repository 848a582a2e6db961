"""A car: it wants energy, obeys the current that the pilot announces, and changes its mind with a delay.

Between two calls of `draw` nothing about the car changes, so a ramp is integrated exactly, whatever the step.
"""

from pydantic import Field

from roampost_sim.devices.evse_din import Vehicle
from roampost_sim.plan import Plan

LEAST_MA = 6000  # IEC 61851: below 6 A (10 % duty cycle) nobody charges


class CarPlan(Plan):
    power_w: float = Field(default=7360.0, gt=0)
    phases: int = Field(default=1, ge=1, le=3)
    wants_wh: float | None = Field(default=None, gt=0)
    ramp_w_per_s: float | None = Field(default=None, gt=0)
    reacts_s: float = Field(default=0.5, ge=0)
    ventilation: bool = False
    diode_ok: bool = True


class Car:
    def __init__(self, plan: CarPlan) -> None:
        self.plan = plan
        self.power_w = 0.0
        self.taken_wh = 0.0
        self.paused = False
        self.pilot_shorted = False
        self._ready = False
        self._changed_its_mind_s: float | None = None

    @property
    def full(self) -> bool:
        return self.plan.wants_wh is not None and self.taken_wh >= self.plan.wants_wh

    @property
    def wants_energy(self) -> bool:
        return not (self.paused or self.full)

    @property
    def vehicle(self) -> Vehicle:
        """What the car's side of the pilot says."""
        if self.pilot_shorted:
            return Vehicle.FAILURE
        if not self._ready:
            return Vehicle.CONNECTED
        return Vehicle.READY_WITH_VENTILATION if self.plan.ventilation else Vehicle.READY

    def respond(self, now_s: float, announced_ma: int) -> None:
        """Closes or opens its switch to state C, `reacts_s` after there was a reason."""
        should = self.wants_energy and announced_ma >= LEAST_MA
        if should == self._ready:
            self._changed_its_mind_s = None
            return
        if self._changed_its_mind_s is None:
            self._changed_its_mind_s = now_s
        if now_s >= self._changed_its_mind_s + self.plan.reacts_s:
            self._ready, self._changed_its_mind_s = should, None

    def draw(self, seconds: float, available_w: float) -> float:
        """Energy (Wh) taken during the time, with so much power on offer; 0 W on offer cuts at once."""
        wanted_w = min(self.plan.power_w, available_w) if self._ready and self.wants_energy else 0.0
        if wanted_w == 0 or self.plan.ramp_w_per_s is None:
            self.power_w = wanted_w
            return self._take(wanted_w * seconds / 3600)
        return self._take(self._ramp(seconds, wanted_w, self.plan.ramp_w_per_s))

    def _ramp(self, seconds: float, wanted_w: float, rate: float) -> float:
        ramping_s = min(seconds, abs(wanted_w - self.power_w) / rate)
        before_w = self.power_w
        up = 1 if wanted_w > before_w else -1
        self.power_w = wanted_w if ramping_s < seconds else before_w + up * rate * ramping_s
        trapezoid = (before_w + before_w + up * rate * ramping_s) / 2 * ramping_s
        return (trapezoid + wanted_w * (seconds - ramping_s)) / 3600

    def _take(self, energy_wh: float) -> float:
        if self.plan.wants_wh is not None:
            energy_wh = min(energy_wh, self.plan.wants_wh - self.taken_wh)
        self.taken_wh += energy_wh
        if not self.wants_energy:
            self.power_w = 0.0
        return energy_wh
