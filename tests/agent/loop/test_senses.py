"""Readings and their age: the oldest source speaks for all, and a value is used while it is fresh."""

from dataclasses import replace

import pytest

from roampost.evse.energy import Guard
from roampost.evse.phase import Phase
from roampost.loop.faultline import FaultLine
from roampost.loop.senses import PLUG_DEBOUNCE_S, POWER_WAIT_S, Senses, Source
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot
from tests.agent.loop.rig import RCD


def senses(*, meter: bool = True) -> Senses:
    return Senses(
        Source("controller-1", 3.0, 0.0, lambda: None),
        Source("meter-1", 6.0, 0.0, lambda: "it did not answer") if meter else None,
        {"io": Source("io", 3.0, 0.0, lambda: None)},
        Guard(11_000),
    )


def look(at_s: float, pilot: Pilot = Pilot.A, *faults: str) -> ChargerReading:
    return ChargerReading(pilot, 16_000, None, None, True, frozenset(faults), at_s)


def test_the_source_that_is_too_old_for_longest_speaks() -> None:
    one = senses()
    one.take_charger(look(9))
    one.take_inputs("io", InputsReading((True,), 8), [FaultLine(RCD)])
    one.take_meter(MeterReading(12_000, 0, 2), may_rebase=True)
    assert one.latest(10).name == "meter-1"
    assert one.latest(10).late_s(10) == pytest.approx(2.0)
    one.take_meter(MeterReading(12_000, 0, 10), may_rebase=True)
    assert one.latest(10).late_s(10) <= 0


def test_a_register_is_believed_while_it_is_fresh() -> None:
    one = senses()
    assert one.meter_wh(1) is None
    assert not one.metered
    one.take_meter(MeterReading(12_000, 0, 2), may_rebase=True)
    assert one.meter_wh(8) == 12_000
    assert one.meter_wh(8.1) is None
    assert one.metered


def test_a_refused_reading_does_not_make_the_meter_fresh() -> None:
    one = senses()
    one.take_meter(MeterReading(12_000, 0, 2), may_rebase=False)
    one.take_meter(MeterReading(5, 0, 4), may_rebase=False)
    one.take_charger(look(20))
    one.take_inputs("io", InputsReading((True,), 20), [])
    assert one.meter_wh(4) == 12_000
    late = one.latest(20)
    assert one.why_late(late).startswith("meter-1 is not believed: register went from 12000 to 5 Wh")


def test_a_silent_source_is_told_with_its_last_failure() -> None:
    one = senses()
    assert one.why_late(one.latest(20)) == "controller-1 cannot be read"
    one.take_charger(look(20))
    one.take_inputs("io", InputsReading((True,), 20), [])
    assert one.why_late(one.latest(20)) == "meter-1 cannot be read: it did not answer"


def test_a_fault_line_beyond_the_module_is_never_healthy() -> None:
    one, line = senses(), FaultLine(replace(RCD, index=8))
    one.take_inputs("io", InputsReading((True,) * 8, 9), [line])
    one.take_charger(look(9))
    one.take_meter(MeterReading(12_000, 0, 9), may_rebase=True)
    late = one.latest(9)
    assert one.why_late(late) == "io cannot be read: it has 8 inputs, and RCD tripped is configured at 9"
    assert late.late_s(9) > 0


def test_without_a_meter_nothing_is_missed() -> None:
    one = senses(meter=False)
    one.take_charger(look(1))
    one.take_inputs("io", InputsReading((True,), 1), [])
    assert one.metered
    assert one.latest(2).late_s(2) <= 0
    assert one.meter_wh(2) is None


def test_a_plug_is_believed_after_two_samples_and_asks_for_the_second() -> None:
    one = senses()
    believed = []
    for at_s in (1.0, 1.25):
        one.take_charger(look(at_s, Pilot.B))
        believed.append((one.phase.believed, one.due_s()))
    assert believed == [(None, pytest.approx(1 + PLUG_DEBOUNCE_S)), (Phase.VEHICLE, None)]


def test_a_fault_of_the_pilot_leaves_the_phase_alone() -> None:
    one = senses()
    for at_s in (1.0, 1.5, 2.0):
        one.take_charger(look(at_s, Pilot.B))
    for at_s in (2.5, 3.0):
        one.take_charger(look(at_s, Pilot.E, "cp_diode"))
    assert one.phase.believed is Phase.VEHICLE
    assert one.troubles.believed == {"pilot_e", "cp_diode"}


def test_troubles_go_only_when_they_stay_away() -> None:
    one = senses()
    for at_s in (1.0, 1.5):
        one.take_charger(look(at_s, Pilot.B, "cp_diode"))
    for at_s in (2.0, 6.9):
        one.take_charger(look(at_s, Pilot.B))
        assert one.troubles.believed == {"cp_diode"}
    one.take_charger(look(7.0, Pilot.B))
    assert one.troubles.believed == frozenset()


def test_the_meter_is_asked_out_of_turn_only_just_after_the_contactor_closed() -> None:
    one = senses()
    one.take_meter(MeterReading(12_000, 0, 1), may_rebase=True)
    asked = []
    for at_s, closed in ((1.0, False), (2.0, True), (2.0 + POWER_WAIT_S - 0.1, True), (2.0 + POWER_WAIT_S, True)):
        one.take_charger(replace(look(at_s, Pilot.C), permitted_ma=16_000, contactor_closed=closed))
        asked.append(one.awaits_power)
    assert asked == [False, True, True, False]
