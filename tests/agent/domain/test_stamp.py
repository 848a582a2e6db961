"""What two moments say of the time between them."""

import pytest

from roampost.domain.stamp import Stamp, elapsed_s
from tests.agent.evse.makers import at


def stamp(boot: str, mono_ms: int, wall_ms: int, *, trusted: bool = True) -> Stamp:
    return Stamp(boot=boot, mono_ms=mono_ms, wall_ms=wall_ms, trusted=trusted)


@pytest.mark.parametrize(
    ("now", "gone_s"),
    [
        (stamp("b1", 160_000, 0, trusted=False), 150.0),  # within a boot the wall clock does not matter
        (stamp("b2", 5_000, at(70).wall_ms), 60.0),
        (stamp("b2", 5_000, at(70).wall_ms, trusted=False), None),
        (stamp("b2", 5_000, at(9).wall_ms), None),
    ],
)
def test_the_time_between_two_moments(now: Stamp, gone_s: float | None) -> None:
    assert elapsed_s(at(10), now) == gone_s


def test_what_was_stamped_before_synchronization_tells_nothing_of_another_boot() -> None:
    assert elapsed_s(at(10).model_copy(update={"trusted": False}), stamp("b2", 5_000, at(70).wall_ms)) is None


def test_a_later_moment_is_of_the_same_boot_and_as_sure() -> None:
    assert at(10).later(2.5) == at(12.5)
