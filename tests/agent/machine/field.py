"""The field on paper: a car, a charging controller, a meter and fault inputs at each EVSE, as they really are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from roampost.loop.evse_loop import EvseLoop
from roampost_drivers.errors import NoAnswer
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot
from tests.agent.loop.rig import PaperCharger
from tests.agent.machine.site import STALE_S

FULL_POWER_W, IDLE_POWER_W = 7_200, 60
TOLD_AGAIN_S = 15.0  # a controller that was deaf is told again within the keeper's longest pause


class FieldCharger(PaperCharger):
    """on_disk_ma tells what the store's file permits; every permission beyond it is remembered."""

    def __init__(self, on_disk_ma: Callable[[], int], now_s: Callable[[], float]) -> None:
        super().__init__()
        self.too_early: list[tuple[float, int, int]] = []
        self.silent = False
        self._on_disk_ma = on_disk_ma
        self._now_s = now_s
        self._heard_s = 0.0

    async def permit(self, current_ma: int) -> None:
        allowed_ma = self._on_disk_ma() if current_ma else 0
        if current_ma > allowed_ma:
            self.too_early.append((self._now_s(), current_ma, allowed_ma))
        if self.deaf or self.silent:
            self._heard_s = self._now_s() + TOLD_AGAIN_S
            raise NoAnswer("it did not answer within 0.3 s")
        self.set_ma = current_ma

    def out_of_hand(self) -> bool:
        """Whether it cannot be told, or could not lately."""
        return self.deaf or self.silent or self._now_s() < self._heard_s


@dataclass
class Bay:
    """One EVSE. register_wh is what really went through; off_wh is what the meter shows beside it."""

    evse_id: str
    charger: FieldCharger
    pilot: Pilot = Pilot.A
    power_w: int = FULL_POWER_W
    register_wh: int = 12_000
    off_wh: int = 0
    silent: str = ""
    inputs: list[bool] = field(default_factory=lambda: [True, True, True])
    drawn: dict[str, int] = field(default_factory=dict)  # by our own session ID
    _rest_ws: int = 0  # watt-seconds that the register does not show yet

    @property
    def flows(self) -> bool:
        return self.pilot in (Pilot.C, Pilot.D) and self.charger.set_ma > 0

    def flow(self, seconds: float, session_id: str | None) -> None:
        """Let energy flow for so long, on this session's account."""
        if not self.flows:
            return
        self._rest_ws += round(self.power_w * seconds)
        energy_wh, self._rest_ws = divmod(self._rest_ws, 3_600)
        self.register_wh += energy_wh
        if session_id is not None:
            self.drawn[session_id] = self.drawn.get(session_id, 0) + energy_wh

    def show(self, loop: EvseLoop, inputs: InputsReading, now_s: float) -> None:
        """Every device that answers is read once."""
        self.charger.silent = "charger" in self.silent
        if "inputs" not in self.silent:
            loop.take_inputs("io", inputs)
        if "meter" not in self.silent:
            power_w = self.power_w if self.flows else 0
            loop.take_meter(MeterReading(self.register_wh + self.off_wh, power_w, now_s))
        if "charger" not in self.silent:
            set_ma = self.charger.set_ma
            conducts = self.pilot in (Pilot.C, Pilot.D) and set_ma > 0
            loop.take_charger(ChargerReading(self.pilot, set_ma, set_ma, 32_000, conducts, frozenset(), now_s))
        loop.tick()

    def heal(self) -> None:
        self.charger.deaf = False
        self.silent = ""
        self.off_wh = 0
        self.inputs[:] = [True, True, True]


def inputs_of(bays: list[Bay], now_s: float) -> InputsReading:
    """One module has the lines of all EVSEs."""
    return InputsReading((*(one for bay in bays for one in bay.inputs), True, True), now_s)


LONG_STEP_S = STALE_S * 0.75
CLOSE_STEP_S = 1.0
