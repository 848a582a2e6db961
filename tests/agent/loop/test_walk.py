"""Random walks over a running EVSE: no order of events may break what `proofs` says."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.agent.loop.walker import FreeWalker, Walker

WALKS = settings(
    max_examples=200,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestWalk = Walker.TestCase
TestWalk.settings = settings(WALKS, max_examples=50)
TestFreeWalk = FreeWalker.TestCase
TestFreeWalk.settings = settings(WALKS, max_examples=40)


@pytest.mark.slow
def test_more_walks() -> None:
    run_state_machine_as_test(Walker, settings=WALKS)
