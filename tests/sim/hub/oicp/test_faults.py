"""What OICP's faults say in its own words, and those of its proxy."""

import pytest

from roampost_sim.hub.oicp import SandboxHub
from tests.sim.hub.meeting import met
from tests.sim.hub.operator import Operator


@pytest.mark.parametrize(
    ("kind", "http_status", "words"),
    [
        ("http_403", 403, b"403 Forbidden"),
        ("http_408", 408, b"408 Request Time-out"),
        ("http_400_certificate", 400, b"SSL certificate error"),
    ],
)
async def test_pages_of_the_proxy(
    hub: SandboxHub, operator: Operator, kind: str, http_status: int, words: bytes
) -> None:
    answer = await met(hub, operator, kind)
    assert (answer.status, answer.headers["Content-Type"]) == (http_status, "text/html")
    assert words in answer.body


@pytest.mark.parametrize(("kind", "http_status", "code"), [("http_401", 401, "017"), ("http_404", 404, "300")])
async def test_codes_under_an_http_error(
    hub: SandboxHub, operator: Operator, kind: str, http_status: int, code: str
) -> None:
    answer = await met(hub, operator, kind)
    assert (answer.status, answer.code) == (http_status, code)


async def test_any_code_with_result_false(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "refused", code="210")
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, "210")


async def test_an_answer_that_is_other_json(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "garbage", form="wrong_json")
    assert answer.json() == ["Result", True]


async def test_nulls_where_fields_are_optional(hub: SandboxHub, operator: Operator) -> None:
    body = (await met(hub, operator, "nulls")).json()
    assert (body["Result"], body["SessionID"], body["StatusCode"]["AdditionalInfo"]) == (True, None, None)
    assert body["StatusCode"]["Code"] == "000"


async def test_names_of_the_wrong_case(hub: SandboxHub, operator: Operator) -> None:
    body = (await met(hub, operator, "wrong_case")).json()
    assert (body["result"], body["statusCode"]["code"], "Result" in body) == (True, "000", False)
