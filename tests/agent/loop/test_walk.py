"""Random walks over a running EVSE: no order of events may break what `proofs` says."""

from hypothesis import HealthCheck, settings

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
TestWalk.settings = WALKS
TestFreeWalk = FreeWalker.TestCase
TestFreeWalk.settings = settings(WALKS, max_examples=70)
