"""Which fault meets which request, without any network."""

from typing import Any

import pytest

from roampost_sim.hub.faults import FaultError, FaultPlan, Stage, make
from roampost_sim.hub.oicp.faults import KINDS


def test_a_fault_counts_its_requests() -> None:
    plan = FaultPlan()
    plan.add(make(KINDS, "hang", None, None, {}), 2)
    assert [plan.take("AuthorizeStart") is not None for _ in range(3)] == [True, True, False]


def test_a_fault_of_one_operation_leaves_the_others_alone() -> None:
    plan = FaultPlan()
    plan.add(make(KINDS, "hang", "AuthorizeStart", None, {}), 1)
    assert plan.take("PushEvseStatus") is None
    assert plan.take("AuthorizeStart") is not None


def test_the_first_of_several_acts_alone_and_the_next_follows() -> None:
    plan = FaultPlan()
    plan.add(make(KINDS, "hang", None, None, {}), 1)
    second = plan.add(make(KINDS, "reset", None, None, {}), None)
    kinds = [fault.kind for fault in (plan.take("X"), plan.take("X"), plan.take("X")) if fault]
    assert kinds == ["hang", "reset", "reset"]
    plan.remove(second)
    assert plan.take("X") is None


def test_a_fault_of_whole_connections_meets_no_request() -> None:
    plan = FaultPlan()
    plan.add(make(KINDS, "refuse", None, 5, {}), None)
    assert (plan.take("X"), plan.socket_fault()) == (None, "refuse")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_set_with_its_defaults(kind: str) -> None:
    plan = FaultPlan()
    plan.add(make(KINDS, kind, None, None, {}), None)
    (told,) = plan.as_json()
    assert (told["kind"], told["requests_left"]) == (kind, None)
    assert set(KINDS[kind].defaults) <= set(told)


@pytest.mark.parametrize(
    ("kind", "operation", "seconds", "parameters", "sentence"),
    [
        ("explode", None, None, {}, "There is no fault 'explode'"),
        ("refuse", "AuthorizeStart", None, {}, "cannot be limited to an operation"),
        ("hang", None, None, {"delay_ms": 5}, "has no parameter 'delay_ms'; it has: none"),
        ("hang", None, 0, {}, "seconds must be a number above 0"),
        ("hang", None, True, {}, "seconds must be a number above 0"),
        ("slow", None, None, {"delay_ms": "5"}, "delay_ms must be like 1000"),
        ("hang", None, float("nan"), {}, "seconds must be a number above 0"),
        ("redirect", None, None, {"location": "/a\r\nSet-Cookie: b"}, "location must be like '/elsewhere'"),
        ("slow", None, None, {"delay_ms": -5}, "delay_ms must be like 1000"),
        ("garbage", None, None, {"form": "emoji"}, "form must be one of text"),
        ("refused", None, None, {"code": 22}, "code must be like '022'"),
        ("http_5xx", None, None, {"status": 200}, "status must be one of 503"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_a_sentence(
    kind: str, operation: str | None, seconds: float | None, parameters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(FaultError, match=sentence.replace("(", r"\(")):
        make(KINDS, kind, operation, seconds, parameters)


@pytest.mark.parametrize(("kind", "requests"), [("hang", 0), ("hang", True), ("refuse", 1)])
def test_a_number_of_requests_that_makes_no_sense_is_refused(kind: str, requests: int) -> None:
    with pytest.raises(FaultError):
        FaultPlan().add(make(KINDS, kind, None, None, {}), requests)


def test_only_connections_and_answers_are_stages() -> None:
    assert {kind for kind, known in KINDS.items() if known.stage is Stage.SOCKET} == {
        "refuse",
        "tls_foreign",
        "tls_expired",
    }
