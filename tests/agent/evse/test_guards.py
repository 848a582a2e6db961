"""Boot table, meter guard, debounce, phases: the decisions that come before the table."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.domain.messages import ErrorKind
from roampost.evse.boot import FirstLook, decide
from roampost.evse.debounce import Debounce
from roampost.evse.energy import DISPLAY_STEP_WH, REBASE_AFTER, Guard
from roampost.evse.event import Kind
from roampost.evse.phase import Phase, device_troubles, phase_of, trouble_of
from roampost_drivers.roles import ChargerReading, Pilot
from tests.agent.evse.makers import at, session


@pytest.mark.parametrize(
    ("vehicle", "charged", "left_ma", "found_ma", "absent_s", "kind"),
    [
        (False, True, 16_000, 16_000, 5.0, Kind.NO_VEHICLE),
        (False, False, 0, 0, None, Kind.NO_VEHICLE),
        (True, True, 16_000, 16_000, 5.0, Kind.RESUMED),
        (True, True, 16_000, 16_000, None, Kind.RESUMED),
        (True, True, 16_000, 16_000, 901.0, Kind.LOST),
        (True, True, 16_000, 6_000, 5.0, Kind.LOST),
        (True, True, 16_000, 0, 5.0, Kind.LOST),
        (True, True, 0, 0, 5.0, Kind.RESUMED),
        (True, False, 16_000, 0, 5.0, Kind.RESUMED),
    ],
)
def test_the_boot_table(
    vehicle: bool, charged: bool, left_ma: int, found_ma: int, absent_s: float | None, kind: Kind
) -> None:
    one = session(charging_start=at(15) if charged else None)
    found, why = decide(one, FirstLook(vehicle, left_ma, found_ma, absent_s), 900)
    assert found is kind
    assert why


def test_a_charger_with_a_watchdog_of_its_own_is_not_taken_for_restarted() -> None:
    look = FirstLook(True, 16_000, 0, 5.0, falls_back=True)
    assert decide(session(charging_start=at(15)), look, 900)[0] is Kind.RESUMED


def test_the_meter_guard_takes_what_the_connection_can_carry() -> None:
    guard, why = Guard(11_000).look(12_000, 0, may_rebase=False)
    guard, why = guard.look(12_030, 10, may_rebase=False)
    assert why is None
    assert guard.last_wh == 12_030


def test_a_coarse_meter_may_stand_still_and_jump() -> None:
    guard, _ = Guard(3_600).look(12_000, 0, may_rebase=False)
    for second in range(0, 90, 10):
        guard, why = guard.look(12_000, second, may_rebase=False)
        assert why is None
    guard, why = guard.look(12_000 + 90 + DISPLAY_STEP_WH, 90, may_rebase=False)
    assert why is None


@pytest.mark.parametrize("energy_wh", [0, 11_999, 12_000 + 31 + DISPLAY_STEP_WH, 99_999_999])
def test_an_impossible_step_is_refused_and_forgotten(energy_wh: int) -> None:
    guard, _ = Guard(11_000).look(12_000, 0, may_rebase=False)
    guard, why = guard.look(energy_wh, 10, may_rebase=False)
    assert why is not None
    assert str(energy_wh) in why
    assert guard.last_wh == 12_000
    assert guard.look(12_010, 12, may_rebase=False)[1] is None


def test_a_new_meter_is_believed_only_without_session() -> None:
    guard, _ = Guard(11_000).look(12_000, 0, may_rebase=True)
    for turn in range(1, REBASE_AFTER):
        guard, why = guard.look(5, turn, may_rebase=True)
        assert why is not None
    held, why = guard.look(5, 9, may_rebase=False)
    assert why is not None
    taken, why = guard.look(5, 9, may_rebase=True)
    assert why is None
    assert (held.last_wh, taken.last_wh) == (12_000, 5)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0, 60)), max_size=30))
def test_what_the_guard_believes_never_falls(steps: list[tuple[int, float]]) -> None:
    guard, now_s, believed = Guard(22_000), 0.0, -math.inf
    for energy_wh, wait_s in steps:
        now_s += wait_s
        guard, why = guard.look(energy_wh, now_s, may_rebase=False)
        if why is None:
            assert energy_wh >= believed
            believed = energy_wh


def test_a_bounce_is_not_believed_and_a_change_is_after_its_time() -> None:
    wait = {"A": 0.1, "C": 0.3}.__getitem__
    pilot = Debounce.of("A", 0.0).sample("C", 1.0, wait)
    assert pilot.believed == "A"
    assert pilot.due_s(wait) == pytest.approx(1.3)
    assert pilot.sample("A", 1.2, wait).sample("A", 1.4, wait).due_s(wait) is None
    assert pilot.sample("C", 1.29, wait).believed == "A"
    assert pilot.sample("C", 1.3, wait).believed == "C"


def reading(pilot: Pilot, permitted_ma: int = 16_000, closed: bool | None = True, **more: object) -> ChargerReading:
    faults: frozenset[str] = frozenset(more.get("faults", ()))  # type: ignore[call-overload]  # strings
    return ChargerReading(pilot, permitted_ma, permitted_ma, 32_000, closed, faults, 1.0)


@pytest.mark.parametrize(
    ("one", "power_w", "before", "phase"),
    [
        (reading(Pilot.A, 0, False), 0, None, Phase.NONE),
        (reading(Pilot.B), 0, None, Phase.VEHICLE),
        (reading(Pilot.C), 7_000, None, Phase.ENERGY),
        (reading(Pilot.D), None, None, Phase.ENERGY),
        (reading(Pilot.C, 0), 7_000, None, Phase.VEHICLE),
        (reading(Pilot.C, closed=False), 7_000, None, Phase.VEHICLE),
        (reading(Pilot.C), 20, Phase.VEHICLE, Phase.VEHICLE),
        (reading(Pilot.C), 20, Phase.ENERGY, Phase.ENERGY),
        (reading(Pilot.C, closed=None), 7_000, None, Phase.ENERGY),
        (reading(Pilot.E), 0, Phase.VEHICLE, None),
        (reading(Pilot.F), 0, None, None),
    ],
)
def test_phases(one: ChargerReading, power_w: int | None, before: Phase | None, phase: Phase | None) -> None:
    assert phase_of(one, power_w, before) is phase


def test_a_shorted_pilot_is_a_matter_of_the_plug_and_the_rest_of_the_station() -> None:
    assert device_troubles(reading(Pilot.E)) == {"pilot_e"}
    assert trouble_of("pilot_e").error is ErrorKind.CONNECTOR
    assert trouble_of("pilot_f").error is ErrorKind.CRITICAL
    assert trouble_of("what nobody wrote down").error is ErrorKind.CRITICAL
