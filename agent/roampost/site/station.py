"""From recovered records and hardware to running EVSEs."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pydantic import ValidationError

from roampost.clock import Clock
from roampost.config.model import Config
from roampost.config.model import Evse as EvseConfig
from roampost.domain.messages import Calibration, ErrorKind, ProgressMessage
from roampost.evse.effect import AskStart, AskStop
from roampost.evse.evse import Evse
from roampost.evse.step import Rules
from roampost.loop.doors import Doors
from roampost.loop.evse_loop import EvseLoop
from roampost.loop.faultline import FaultLine, LineRule
from roampost.loop.patience import Timing
from roampost.loop.permit import UNSEEN_S, PermitKeeper
from roampost.loop.senses import Senses, Source
from roampost.site.hardware import Builder, Hardware
from roampost.site.ledger import Ledger
from roampost.site.recovery import away_s, close_left, guard_of, starting
from roampost.store.changes import EvseRow, Recovered
from roampost.store.errors import StoreUnusable
from roampost.supervise.supervisor import Supervisor

KEEPER_TURN_S = 20.0
# Three polls may fail before a reading is too old, however slow the pace.
POLLS_TO_STALE = 3
_ERRORS = {"connector": ErrorKind.CONNECTOR, "critical": ErrorKind.CRITICAL, "none": None}


class _HasError(Protocol):
    @property
    def error(self) -> str | None: ...


@dataclass(slots=True)
class Station:
    """The EVSEs of the site, by EvseID, and the keepers of their permissions."""

    loops: dict[str, EvseLoop]
    keepers: dict[str, PermitKeeper]

    def start(self, tasks: Supervisor, builder: Builder) -> None:
        for name, keeper in self.keepers.items():
            tasks.start(f"permit {name}", keeper.run, beat=builder.beats[f"permit {name}"])


class StationBuilder:
    """Makes the loops; `ask` is called with a loop and its question."""

    def __init__(
        self,
        config: Config,
        builder: Builder,
        hardware: Hardware,
        ledger: Ledger,
        clock: Clock,
        ask: Callable[[EvseLoop, AskStart | AskStop], None],
        *,
        stalled: Callable[[], bool],
        progress: Callable[[str, ProgressMessage], None] = lambda _hub, _message: None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._config = config
        self._builder = builder
        self._hardware = hardware
        self._ledger = ledger
        self._clock = clock
        self._ask = ask
        self._stalled = stalled
        self._progress = progress
        self._new_id = new_id

    def build(self, recovered: Recovered) -> Station:
        known = {row.evse_id: _record(row) for row in recovered.evses}
        station = Station({}, {})
        for one in self._config.evse:
            self._add(station, one, known.pop(one.id, None))
        for left in known.values():
            close_left(left, self._ledger.write, self._clock.stamp())
        return station

    def _add(self, station: Station, one: EvseConfig, before: Evse | None) -> None:
        now = self._clock.stamp()
        evse = starting(one.id, before, now)
        keeper = self._keeper(one) if one.control == "permit" else None
        if keeper is not None:
            station.keepers[one.charger] = keeper
        lines = _fault_lines(one, evse.faults)
        absent_s = None if before is None else away_s(before, now)
        loop = EvseLoop(
            evse,
            rules_of(one, self._builder.charger_limit_ma(one.charger)),
            timing_of(one, falls_back=self._hardware.chargers[one.charger].without_agent.watchdog_s is not None),
            senses=self._senses(one, lines, evse, absent_s),
            lines=lines,
            keeper=keeper,
            doors=Doors(
                self._ledger.write,
                lambda question: self._ask(station.loops[one.id], question),
                self._hardware.charger_paces[one.charger].seen_by,
                self._hardware.meter_paces[one.meter].by if one.meter is not None else lambda _at_s: None,
                self._stalled,
                self._progress,
            ),
            clock=self._clock,
            absent_s=absent_s,
            new_id=self._new_id,
        )
        station.loops[one.id] = loop
        self._attach(one, loop)

    def _keeper(self, one: EvseConfig) -> PermitKeeper:
        return PermitKeeper(
            self._hardware.chargers[one.charger],
            now_s=self._clock.mono_s,
            hurry=self._hardware.charger_paces[one.charger].hurry,
            beat=self._builder.beat(f"permit {one.charger}", KEEPER_TURN_S),
            unseen_s=max(UNSEEN_S, POLLS_TO_STALE * self._config.devices[one.charger].poll_ms / 1000),
        )

    def _attach(self, one: EvseConfig, loop: EvseLoop) -> None:
        self._hardware.charger_paces[one.charger].attach(loop.take_charger, loop.tick)
        if one.meter is not None:
            self._hardware.meter_paces[one.meter].attach(loop.take_meter, loop.tick)
        for device in loop.lines:
            pace = self._hardware.inputs_paces[device]
            pace.attach(partial(loop.take_inputs, device), loop.tick)
            loop.hurry_inputs[device] = pace.seen_by

    def _senses(self, one: EvseConfig, lines: dict[str, list[FaultLine]], evse: Evse, absent_s: float | None) -> Senses:
        charger = self._source(one, one.charger, self._hardware.charger_paces[one.charger])
        meter = None if one.meter is None else self._source(one, one.meter, self._hardware.meter_paces[one.meter])
        inputs = {name: self._source(one, name, self._hardware.inputs_paces[name]) for name in lines}
        return Senses(charger, meter, inputs, guard_of(evse, one.max_power_w, self._clock.mono_s(), absent_s))

    def _source(self, one: EvseConfig, name: str, pace: "_HasError") -> Source:
        limit_s = max(one.stale_after_ms, POLLS_TO_STALE * self._config.devices[name].poll_ms) / 1000
        return Source(name, limit_s, self._clock.mono_s(), lambda: pace.error)


def rules_of(one: EvseConfig, charger_limit_ma: int) -> Rules:
    """What the configuration says about the sessions of an EVSE."""
    law = one.calibration
    return Rules(
        limit_ma=min(one.max_current_a * 1000, charger_limit_ma),
        zero_energy_record=one.zero_energy == "cdr",
        penalty_after_s=one.penalty_after_s,
        calibration=None if law is None else Calibration.model_validate(law.model_dump()),
    )


def timing_of(one: EvseConfig, *, falls_back: bool) -> Timing:
    """What the configuration says about the patience of an EVSE."""
    return Timing(
        one.grace_s,
        one.plug_wait_s,
        one.resume_within_s,
        falls_back=falls_back,
        idle_end_s=one.idle_end_s,
        free=one.authorization == "free",
    )


def _record(row: EvseRow) -> Evse:
    try:
        return Evse.model_validate_json(row.context)
    except ValidationError:
        raise StoreUnusable(
            f"the database's record of {row.evse_id} cannot be read by this version of Roampost; "
            "install the version that wrote it, or move the database away when no session is open"
        ) from None


def _fault_lines(one: EvseConfig, faults: tuple[str, ...]) -> dict[str, list[FaultLine]]:
    lines: dict[str, list[FaultLine]] = {}
    for fault in one.fault:
        rule = LineRule(
            name=fault.name,
            text=f"fault line {fault.name} ({fault.kind.replace('_', ' ')})",
            index=fault.input - 1,
            closed_is_healthy=fault.contact == "nc",
            debounce_s=fault.debounce_ms / 1000,
            clear_after_s=fault.clear_after_ms / 1000,
            stops=fault.stops,
            latched=fault.latched,
            error=_ERRORS[fault.hub],
        )
        lines.setdefault(fault.device, []).append(FaultLine(rule, latch=fault.latched and fault.name in faults))
    return lines
