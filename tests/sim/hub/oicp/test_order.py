"""What counts as out of order inside one session."""

import pytest

from roampost_sim.hub.oicp.order import disorder
from roampost_sim.hub.oicp.state import Session
from tests.sim.hub.oicp.messages import CARD, EVSE, GUID, Body, at, cdr, end, error, progress, start

LATER = progress(EventOccurred=at(30), ConsumedEnergyProgress=4.0)


def session(*told: Body) -> Session:
    return Session(GUID, "DE*ABC", EVSE, CARD, None, (), 0.0, list(told))


@pytest.mark.parametrize(
    "told",
    [
        [start(), progress(), LATER, end(), cdr()],
        [start(), start(), end(), end(), cdr()],
        [error(), start(), error(), end(), error(), cdr()],
        [end(ChargingEnd=at(2), ConsumedEnergy=0)],
        [start(), end(PenaltyTimeStart=at(40)), cdr()],
        [cdr()],
    ],
    ids=["whole", "answers lost", "errors anywhere", "never charged", "penalty time", "record only"],
)
def test_an_honest_session_is_in_order(told: list[Body]) -> None:
    for i, body in enumerate(told):
        assert disorder(session(*told[:i]), body) == []


@pytest.mark.parametrize(
    ("told", "body", "violation"),
    [
        ([start()], start(MeterValueStart=10.5), "order: Start after Start"),
        ([start(), end()], start(), "order: Start after End"),
        ([start(), end()], progress(EventOccurred=at(50), ConsumedEnergyProgress=6), "order: Progress after End"),
        ([start(), end()], end(ChargingEnd=at(41)), "order: End after End"),
        ([], progress(), "order: Progress before Start"),
        ([start(), LATER], progress(ConsumedEnergyProgress=4.5), "order: Progress EventOccurred is before Progress"),
        ([start(), LATER], progress(EventOccurred=at(35)), "order: Progress tells less energy than Progress"),
        ([start(), LATER], end(ConsumedEnergy=3.9), "order: End tells less energy than Progress"),
        ([start(), end()], cdr(ConsumedEnergy=4.9), "order: CDR tells less energy than End"),
        ([start(), LATER], cdr(), "cdr-before-end"),
        ([start()], end(ChargingStart=at(2)), "mismatch: ChargingStart"),
        ([start()], end(PenaltyTimeStart=at(39)), "order: PenaltyTimeStart is before ChargingEnd"),
    ],
)
def test_a_disorder_is_named(told: list[Body], body: Body, violation: str) -> None:
    assert [found for found in disorder(session(*told), body) if found.startswith(violation)]
