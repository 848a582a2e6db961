"""A contact that bounces, a wire that breaks, a latch that stays."""

from dataclasses import replace

import pytest

from roampost.loop.faultline import FaultLine
from tests.agent.loop.rig import RCD, TILT


def sampled(line: FaultLine, *samples: tuple[float, bool]) -> FaultLine:
    for at_s, energised in samples:
        line.sample(energised, at_s)
    return line


@pytest.mark.parametrize(("closed_is_healthy", "energised"), [(True, False), (False, True)])
def test_the_sense_of_a_contact(closed_is_healthy: bool, energised: bool) -> None:
    rule = replace(RCD, closed_is_healthy=closed_is_healthy)
    assert sampled(FaultLine(rule), (0, energised), (0.1, energised)).active
    assert not sampled(FaultLine(rule), (0, not energised), (0.1, not energised)).active


def test_a_bounce_is_no_fault() -> None:
    assert not sampled(FaultLine(RCD), (0, True), (1, False), (1.05, True), (1.2, True)).counts


def test_a_fault_is_raised_after_its_debounce_and_cleared_when_stable() -> None:
    line = sampled(FaultLine(RCD), (0, True), (1, False))
    assert line.due_s() == pytest.approx(1.1)
    assert sampled(line, (1.1, False)).counts
    assert sampled(line, (2, True), (6.9, True)).counts
    assert not sampled(line, (7, True)).counts


def test_a_line_that_was_not_read_is_unsettled_and_a_first_fault_too() -> None:
    line = FaultLine(RCD)
    assert line.unsettled
    assert sampled(line, (0, False)).unsettled
    assert not sampled(line, (0.1, False)).unsettled


def test_a_latch_outlives_its_fault_until_it_is_acknowledged() -> None:
    line = sampled(FaultLine(TILT), (0, False), (0.1, False))
    assert not line.acknowledge()
    sampled(line, (1, True), (6, True))
    assert line.counts
    assert not line.active
    assert line.acknowledge()
    assert not line.counts


def test_a_recovered_latch_counts_before_the_first_sample() -> None:
    assert FaultLine(TILT, latch=True).counts


def test_news_is_told_once_for_every_time() -> None:
    line = sampled(FaultLine(RCD), (0, False), (0.1, False))
    assert [line.news(), line.news()] == [True, False]
    sampled(line, (1, True), (6, True))
    assert not line.news()
    assert sampled(line, (7, False), (7.5, False)).news()
