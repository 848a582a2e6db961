"""Reading what an OIOI hub sent: any spelling of a code, anything missing, anything too much."""

import json

import pytest
from hypothesis import given

from roampost.hubs.oioi.answers import EVCO_ID_MAX, Said, read
from tests.agent.oioi.schemas import ANSWERS, answer_problems
from tests.agent.oioi.test_verdicts import bodies


def code_in(document: object) -> str | None:
    return read(json.dumps(document).encode()).code


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"result": {"code": 0, "message": "Success."}}, "000"),
        ({"result": {"code": "0"}}, "000"),
        ({"result": {"code": "000"}}, "000"),
        ({"result": {"code": 11, "message": None}}, "011"),
        ({"result": {"code": "11"}, "surprise": {"result": 1}}, "011"),
        ({"result": {"code": "0181", "extra": []}}, "181"),
        ({"result": {"code": "00000"}}, "000"),
        ({"RESULT": {"Code": 181}}, "181"),
        ({"result": {"code": 181.0}}, "181"),
        ({"result": 181}, "181"),
        ({"result": "181"}, "181"),
        ({"code": 181, "message": "EVSE not found"}, "181"),
        ({"error": {"code": 181}}, "181"),
        ({"error": 181}, "181"),
        ({"error": "EVSE not found", "result": {"code": 181}}, "181"),
        ({"error": {"code": 181}, "result": {"code": 100}}, "181"),
        ({"error": None, "result": {"code": 0}}, "000"),
        ({"error": "", "result": {"code": 0}}, "000"),
        ({"error": {}, "result": {"code": 0}}, "000"),
        ({"error": {"code": 0}, "result": {"code": 0}}, "000"),
    ],
)
def test_a_code_is_found_in_any_dress(document: object, code: str) -> None:
    assert code_in(document) == code


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        "000",
        0,
        {"result": None},
        {"result": {}},
        {"result": {"code": None}},
        {"result": {"code": True}},
        {"result": {"code": []}},
        {"result": {"code": ""}},
        {"result": "Success."},
        {"result": {"message": "Success."}},
        {"result": {"code": float("nan")}},
        {"error": {"code": 0}},
        {"error": "no", "result": {"code": 0}},
        {"error": {"message": "no"}, "result": {"code": 0}},
        {"error": True, "result": {"code": 0}},
    ],
)
def test_what_has_no_code_or_contradicts_itself_is_no_success(document: object) -> None:
    assert code_in(document) is None


@pytest.mark.parametrize("body", [None, b"", b"\xff\xfe", b"{", b"[" * 100_000, b"9" * 10_000, b"<html>"])
def test_what_is_no_json_says_nothing(body: bytes | None) -> None:
    assert read(body) == Said()


@pytest.mark.parametrize("call", sorted(ANSWERS))
@pytest.mark.parametrize("code", [0, "0", "000", 181, "181"])
def test_the_documented_answer_of_each_call(call: str, code: object) -> None:
    body = json.dumps({"result": {"code": code, "message": "said"}}).encode()
    assert answer_problems(call, body) == []
    assert (read(body).code, read(body).words) == (str(code).zfill(3), "said")


@pytest.mark.parametrize(
    ("document", "evco_id"),
    [
        ({"evco-id": "DE*8PS*9DC4AE*X"}, "DE*8PS*9DC4AE*X"),
        ({"Evco-Id": " DE*8PS*9DC4AE*X\n"}, "DE*8PS*9DC4AE*X"),
        ({"rfid-verify": {"evco-id": "DE-8PS-C12345678-X"}}, "DE-8PS-C12345678-X"),
        ({"evco-id": None}, None),
        ({"evco-id": 7}, None),
        ({"evco-id": ""}, None),
        ({"evco-id": "two words"}, None),
        ({"evco-id": "x" * EVCO_ID_MAX}, "x" * EVCO_ID_MAX),
        ({"evco-id": "x" * (EVCO_ID_MAX + 1)}, None),
        ({"evco-id": "DE\x00"}, None),
    ],
)
def test_a_contract_is_read_where_it_is_one(document: dict[str, object], evco_id: str | None) -> None:
    assert read(json.dumps({"result": {"code": 0}, **document}).encode()).evco_id == evco_id


@given(bodies)
def test_nothing_is_too_odd_to_be_read(body: bytes | None) -> None:
    said = read(body)
    assert len(said.words) <= 200
    assert said.words.isprintable()
