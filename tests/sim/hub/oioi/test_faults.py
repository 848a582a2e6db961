"""What OIOI's faults say in its own words: result codes, and every way to write one."""

from typing import Any

import pytest

from roampost_sim.hub.faults import FaultError
from roampost_sim.hub.oioi import OioiHub
from tests.sim.hub.meeting import met
from tests.sim.hub.oioi.messages import verify
from tests.sim.hub.operator import OioiOperator


@pytest.mark.parametrize(
    ("kind", "http_status", "code"), [("http_401", 401, "210"), ("http_403", 403, "220"), ("http_404", 404, "180")]
)
async def test_codes_under_an_http_error(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, kind: str, http_status: int, code: str
) -> None:
    answer = await met(oioi_hub, oioi_operator, kind)
    assert (answer.status, answer.code, oioi_hub.record[0].code) == (http_status, code, code)
    assert answer.json()["error"]


SPELLED = [
    ("011", "number", 11),
    ("011", "text", "011"),
    ("011", "bare", "11"),
    ("000", "bare", "0"),
    ("100", "text", "100"),
    ("181", "number", 181),
]


@pytest.mark.parametrize(("code", "spelling", "written"), SPELLED)
async def test_any_code_instead_of_processing(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, code: str, spelling: str, written: Any
) -> None:
    answer = await met(oioi_hub, oioi_operator, "refused", code=code, spelling=spelling)
    assert (answer.status, answer.json()["result"]["code"]) == (200, written)
    assert oioi_hub.record[0].code == code


@pytest.mark.parametrize("http_status", [400, 401, 403, 404])
async def test_a_code_under_any_http_status(oioi_hub: OioiHub, oioi_operator: OioiOperator, http_status: int) -> None:
    answer = await met(oioi_hub, oioi_operator, "refused", code="191", http_status=http_status)
    assert (answer.status, answer.code) == (http_status, "191")


@pytest.mark.parametrize(("code", "spelling", "written"), SPELLED)
async def test_another_code_in_the_place_of_the_one_that_was_meant(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, code: str, spelling: str, written: Any
) -> None:
    answer = await met(oioi_hub, oioi_operator, "spelled", code=code, spelling=spelling)
    assert answer.json()["result"]["code"] == written
    assert oioi_hub.record[0].code == code


async def test_the_same_code_written_otherwise_keeps_the_rest_of_the_answer(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    oioi_hub.fault("spelled", spelling="text")
    body = (await oioi_operator.call("rfid-verify", verify())).json()
    assert (body["result"]["code"], body["evco-id"]) == ("000", "DE-8EO-CAA856280-X")


async def test_an_answer_that_is_other_json(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    answer = await met(oioi_hub, oioi_operator, "garbage", form="wrong_json")
    assert answer.json() == ["result", 0]


async def test_nulls_where_fields_are_optional(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    body = (await met(oioi_hub, oioi_operator, "nulls")).json()
    assert (body["evco-id"], body["result"]) == (None, {"code": 0, "message": None})


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("wrong_case", {}, "There is no fault 'wrong_case'"),
        ("refused", {"spelling": "roman"}, "spelling must be one of number, text, bare"),
        ("refused", {"http_status": 500}, "http_status must be one of 200"),
        ("refused", {"code": 100}, "code must be like '100'"),
    ],
)
async def test_a_fault_that_oioi_has_not_is_refused(
    oioi_hub: OioiHub, kind: str, parameters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(FaultError, match=sentence):
        oioi_hub.fault(kind, **parameters)
    with pytest.raises(FaultError, match="There is no operation 'PushEvseStatus'; there are station-post"):
        oioi_hub.fault("hang", operation="PushEvseStatus")
