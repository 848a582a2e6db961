"""Random days at a station with everything real but the two ends of the wires: 10,000 steps, the same in every run."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.agent.machine.machine import FreeMachine, Machine

STEPS = 10_000
PARTS = 16
# A walk that fails is not shrunk: that takes longer than a test may. With its seed it can be walked again.
HOW = settings(
    max_examples=4,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
EVERY_DAY = {
    "eRoamingAuthorizeStart",
    "eRoamingPushEvseStatus",
    "eRoamingChargingNotificationStart",
    "eRoamingChargingNotificationProgress",
    "eRoamingChargingNotificationEnd",
    "eRoamingChargeDetailRecord",
}


def walk(machine: type[Machine], number: int, steps: int) -> None:
    """Walk until so many steps were made; a walk may be shorter than it could be."""
    machine.steps, machine.met = 0, Counter()
    for more in count():
        run_state_machine_as_test(seed(100 * number + more)(machine), settings=HOW)
        if machine.steps >= steps:
            break


def test_a_few_days_break_nothing() -> None:
    walk(Machine, 0, 200)


@pytest.mark.system
@pytest.mark.parametrize("number", range(1, PARTS + 1))
def test_no_day_breaks_anything(number: int) -> None:
    machine = FreeMachine if number % 4 == 0 else Machine
    walk(machine, number, STEPS // PARTS)
    assert set(machine.met) >= EVERY_DAY
