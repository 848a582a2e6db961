"""Random days at a station with everything real but the two ends of the wires, the same in every run: 10,000 steps with
hubs of one protocol, and as long again where another protocol is spoken, alone or beside it.
"""

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.agent.machine.machine import BothMachine, FreeMachine, Machine, OioiMachine
from tests.agent.machine.oioi import wire

OICP_STEPS, OICP_PARTS = 10_000, 16
STEPS, PARTS = 4_000, 8
# A walk that fails is not shrunk: that takes longer than a test may. With its seed it can be walked again.
HOW = settings(
    max_examples=4,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
OICP_DAYS = {
    "eRoamingAuthorizeStart",
    "eRoamingPushEvseStatus",
    "eRoamingChargingNotificationStart",
    "eRoamingChargingNotificationProgress",
    "eRoamingChargingNotificationEnd",
    "eRoamingChargeDetailRecord",
}
OIOI_DAYS = {wire.STATUS, wire.STATION, wire.VERIFY, wire.STARTED, wire.PROGRESS, wire.RECORD}
# Where each hub has half of the charges.
BOTH_DAYS = {"eRoamingAuthorizeStart", "eRoamingChargeDetailRecord", wire.VERIFY, wire.RECORD}


def walk(machine: type[Machine], number: int, steps: int) -> None:
    """Walk until so many steps were made; a walk may be shorter than it could be."""
    machine.steps, machine.met = 0, Counter()
    for more in count():
        run_state_machine_as_test(seed(100 * number + more)(machine), settings=HOW)
        if machine.steps >= steps:
            break


@pytest.mark.parametrize("machine", [Machine, BothMachine])
def test_a_few_days_break_nothing(machine: type[Machine]) -> None:
    walk(machine, 0, 100)


@pytest.mark.system
@pytest.mark.parametrize("number", range(1, OICP_PARTS + 1))
def test_no_day_breaks_anything(number: int) -> None:
    machine = FreeMachine if number % 4 == 0 else Machine
    walk(machine, number, OICP_STEPS // OICP_PARTS)
    assert set(machine.met) >= OICP_DAYS


@pytest.mark.system
@pytest.mark.parametrize("number", range(1, PARTS + 1))
def test_no_day_breaks_anything_with_oioi(number: int) -> None:
    walk(OioiMachine, 100 + number, STEPS // PARTS)
    assert set(OioiMachine.met) >= OIOI_DAYS


@pytest.mark.system
@pytest.mark.parametrize("number", range(1, PARTS + 1))
def test_no_day_breaks_anything_with_both(number: int) -> None:
    walk(BothMachine, 200 + number, STEPS // PARTS)
    assert set(BothMachine.met) >= BOTH_DAYS
