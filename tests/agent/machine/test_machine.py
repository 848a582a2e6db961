"""Random days at a station with everything real but the wires' two ends."""

from hypothesis import HealthCheck, settings

from tests.agent.machine.machine import Machine

SMALL = settings(
    max_examples=10,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestSmall = Machine.TestCase
TestSmall.settings = SMALL
