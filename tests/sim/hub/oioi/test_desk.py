"""What is wrong with a request as such: address, method, key, JSON, the name of the call, partner."""

import json

import pytest

from roampost_sim.hub.oioi import OioiHub
from tests.sim.hub.oioi.messages import CARD, status, verify
from tests.sim.hub.operator import OioiOperator

PATH = "/api/v4/request"


async def violation(hub: OioiHub) -> str:
    await hub.wait_for(lambda: bool(hub.record))
    (told,) = hub.violations
    return told


@pytest.mark.parametrize("key", [None, "", "operators-sandbox", "Operators-Sandbox-Key", "cl\xe9"])
async def test_another_key_is_refused(oioi_hub: OioiHub, key: str | None) -> None:
    answer = await OioiOperator(oioi_hub, key).call("rfid-verify", verify())
    assert (answer.status, answer.code) == (401, "210")
    assert await violation(oioi_hub) == "refused 210: API key is not valid"


async def test_a_key_without_its_word_is_refused(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    oioi_operator.headers = {"Authorization": oioi_hub.settings.api_key}
    assert (await oioi_operator.call("rfid-verify", verify())).status == 401


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is not JSON"),
        (b"\xff", "the body is not UTF-8"),
        (b"[" * 100_000, "the body is nested too deeply"),
        (b"[]", "the body must be one JSON object"),
        (b"{}", "exactly one property"),
        (b'{"rfid-verify": {"rfid": "DEADBEEF"}, "session-post": {}}', "exactly one property"),
        (b'{"rfid-verify": {}, "rfid-verify": {}}', "a key is there twice"),
        (b'{"station-get-by-center-radius": {}}', "exactly one property"),
        (b'{"rfid-verify": NaN}', "NaN is no number"),
    ],
)
async def test_a_body_that_is_no_call_is_refused(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, body: bytes, words: str
) -> None:
    answer = await oioi_operator.send("POST", PATH, body)
    assert (answer.status, answer.code) == (400, "230")
    told = await violation(oioi_hub)
    assert told.startswith("schema ")
    assert words in told
    assert (oioi_hub.record[0].operation, oioi_hub.record[0].means) == (None, None)


async def test_an_error_says_why_in_words_of_its_own(oioi_operator: OioiOperator) -> None:
    body = (await oioi_operator.post({})).json()
    assert body["error"] == body["result"]["message"]


async def test_another_address_is_no_hub(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    assert (await oioi_operator.send("POST", "/api/v3/request", b"{}")).status == 404
    assert await violation(oioi_hub) == f"path: /api/v3/request is not {PATH}"


async def test_another_method_is_refused(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    assert (await oioi_operator.send("PUT", PATH, b"{}")).status == 405
    assert await violation(oioi_hub) == "method: PUT instead of POST"


async def test_another_content_type_is_refused(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    body = json.dumps({"rfid-verify": verify()}).encode()
    assert (await oioi_operator.send("POST", PATH, body, "text/plain")).code == "230"
    assert await violation(oioi_hub) == "schema content-type: application/json is expected"


async def test_a_field_that_is_wrong_is_told(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    answer = await oioi_operator.call("rfid-verify", verify("dead"))
    assert (answer.status, answer.code) == (400, "230")
    assert (await violation(oioi_hub)).startswith("schema rfid-verify.rfid: must match")


async def test_a_partner_that_is_not_ours_is_refused(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    answer = await oioi_operator.call("connector-post-status", status(**{"partner-identifier": "other"}))
    assert (answer.status, answer.code, oioi_hub.statuses) == (200, "211", {})
    assert await violation(oioi_hub) == "refused 211: other"


async def test_an_answer_has_no_process_id(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    answer = await oioi_operator.call("rfid-verify", verify())
    await oioi_hub.wait_for(lambda: bool(oioi_hub.record))
    assert ("Process-ID" in answer.headers, oioi_hub.record[0].process_id) == (False, None)


async def test_a_line_of_the_record(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    await oioi_operator.call("rfid-verify", verify())
    await oioi_hub.wait_for(lambda: bool(oioi_hub.record))
    file = oioi_hub.settings.record_file
    assert file is not None
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "t": 1000.0,
        "event": "request",
        "operation": "rfid-verify",
        "http_status": 200,
        "code": "000",
        "process_id": None,
        "processed": True,
        "delivered": True,
        "fault": None,
        "violations": [],
        "means": {"what": "authorize", "user": "04…80"},
        "rfid": "04…80",
    }
    assert CARD not in line
