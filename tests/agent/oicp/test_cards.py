"""The list of cards is read whatever surrounds a UID, and nothing that is no list is taken for one."""

import json
import sys
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Answer, Arrival, CardList, Verdict
from roampost.hubs.oicp.cards import LIST_MAX_BYTES, read_cards
from tests.agent.oicp.openapi import own_schema_errors

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
MIFARE = "RFIDMifareFamilyIdentification"
DONE = {"Code": "000", "Description": "Success"}


def document(*identifications: object, **more: object) -> dict[str, Any]:
    """Two providers, the second without a card."""
    records = [{"Identification": one} for one in identifications]
    providers = [
        {"ProviderID": "DE-8EO", "AuthenticationDataRecord": records},
        {"ProviderID": "DE-ICE", "AuthenticationDataRecord": []},
    ]
    data = {"OperatorID": "DE*ABC", "ProviderAuthenticationData": providers}
    return {"AuthenticationData": data, "StatusCode": DONE} | more


def found(answer: object, status: int = 200, headers: dict[str, str] | None = None) -> CardList | Answer:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return read_cards(status, headers or {}, body, now=NOW)


def uids_of(body: bytes) -> frozenset[str]:
    listed = found(body)
    assert isinstance(listed, CardList)
    return listed.uids


def uids(answer: object) -> set[str]:
    listed = found(answer)
    assert isinstance(listed, CardList)
    return set(listed.uids)


def test_cards_of_all_providers_in_both_spellings_and_no_contracts() -> None:
    answer = document(
        {MIFARE: {"UID": "044A2DAA856280"}},
        {"RFIDIdentification": {"UID": "DEADBEEF", "RFID": "mifareCls", "EvcoID": "DE-DCB-C12345678-X"}},
        {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "HashedPIN": {"Value": "x"}}},
        {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C12345678-X"}},
    )
    assert own_schema_errors("authentication-data.json", json.dumps(answer)) == []
    assert uids(answer) == {"044A2DAA856280", "DEADBEEF"}


def test_every_provider_is_read() -> None:
    answer = document({MIFARE: {"UID": "044A2DAA856280"}})
    providers = answer["AuthenticationData"]["ProviderAuthenticationData"]
    providers[1]["AuthenticationDataRecord"] = [{"Identification": {MIFARE: {"UID": "DEADBEEF"}}}]
    assert uids(answer) == {"044A2DAA856280", "DEADBEEF"}


def test_lower_case_and_duplicates_are_one_card() -> None:
    listed = [{MIFARE: {"UID": uid}} for uid in ("deadbeef", "DEADBEEF", " DeadBeef ")]
    assert uids(document(*listed)) == {"DEADBEEF"}


@pytest.mark.parametrize(
    "odd",
    [
        None,
        17,
        [],
        "DEADBEEF",
        {MIFARE: None},
        {MIFARE: "DEADBEEF"},
        {MIFARE: ["DEADBEEF"]},
        {MIFARE: {"UID": None}},
        {MIFARE: {"UID": 12345678}},
        {MIFARE: {"UID": "DEADBEEF00"}},
        {MIFARE: {"UID": "no hex!!"}},
        {MIFARE: {"UID": {"UID": "DEADBEEF"}}},
        {"UID": "DEADBEEF"},
        {"NewMedium": {"UID": "DEADBEEF"}},
    ],
)
def test_what_is_malformed_is_passed_over(odd: object) -> None:
    assert uids(document(odd, {MIFARE: {"UID": "044A2DAA856280"}}, odd)) == {"044A2DAA856280"}


@pytest.mark.parametrize(
    "answer",
    [
        document({MIFARE: {"UID": "DEADBEEF"}, "RFIDIdentification": None, "RemoteIdentification": None}, Added=[{}]),
        document({"rfidmifarefamilyidentification": {"uid": "DEADBEEF"}}, StatusCode=None),
        document({MIFARE: {"UID": "DEADBEEF", "New": {"x": 1}}}, StatusCode={"code": 0}),
        document({MIFARE: {"UID": "DEADBEEF"}}, Result="true"),
        {
            "AUTHENTICATIONDATA": {
                "PROVIDERAUTHENTICATIONDATA": [
                    None,
                    "x",
                    {"AUTHENTICATIONDATARECORD": [{"IDENTIFICATION": {MIFARE.upper(): {"UID": "DEADBEEF"}}}]},
                    {"AuthenticationDataRecord": None},
                ]
            }
        },
    ],
)
def test_a_list_in_any_dress(answer: object) -> None:
    assert uids(answer) == {"DEADBEEF"}


@pytest.mark.parametrize(
    "answer",
    [
        document(),
        document(AuthenticationData={"OperatorID": "DE*ABC", "ProviderAuthenticationData": []}),
        document(AuthenticationData=None),
    ],
)
def test_a_list_may_be_empty(answer: object) -> None:
    assert uids(answer) == set()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"StatusCode": {"Code": "000"}}',
        b'{"Result": true, "StatusCode": {"Code": "000"}}',
        b'{"Identification": {"RFIDMifareFamilyIdentification": {"UID": "DEADBEEF"}}}',
        b'{"AuthenticationData": ',
        b'{"AuthenticationData": null}',
        b'{"AuthenticationData": null, "StatusCode": null}',
        b'{"AuthenticationData": [], "StatusCode": {"Code": "000"}}',
        b'{"AuthenticationData": "later", "StatusCode": {"Code": "000"}}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"AuthenticationData": ' + b"9" * 5_000 + b"}",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_list_keeps_the_old_one(answer: bytes) -> None:
    refused = found(answer, headers={"Process-ID": "p-1"})
    assert isinstance(refused, Answer)
    assert (refused.verdict, refused.arrival, refused.hub_reference) == (Verdict.RETRY, Arrival.NO, "p-1")
    assert refused.text == "The hub's answer holds no list of cards."


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, "017", Verdict.HOLD),
        (200, "210", Verdict.HOLD),
        (200, "001", Verdict.RETRY),
        (200, 22, Verdict.REJECT),
        (401, "017", Verdict.HOLD),
        (404, "300", Verdict.HOLD),
        (429, "000", Verdict.RETRY),
        (503, "000", Verdict.RETRY),
    ],
)
def test_a_refusal_is_told_by_the_table(status: int, code: object, verdict: Verdict) -> None:
    refused = found(document({MIFARE: {"UID": "DEADBEEF"}}, StatusCode={"Code": code}), status)
    assert isinstance(refused, Answer)
    assert (refused.verdict, refused.http_status) == (verdict, status)


@pytest.mark.parametrize("result", [False, "false", " FALSE "])
def test_a_list_that_its_hub_calls_a_failure_is_none(result: object) -> None:
    assert isinstance(found(document({MIFARE: {"UID": "DEADBEEF"}}, Result=result)), Answer)


def test_a_list_that_is_too_long_is_said_to_be() -> None:
    refused = read_cards(200, {}, None, now=NOW)
    assert isinstance(refused, Answer)
    assert refused.verdict is Verdict.RETRY
    assert "16 MiB" in refused.text


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger's own memory would be counted")
def test_a_long_list_costs_little_more_than_its_bytes() -> None:
    many = [{MIFARE: {"UID": f"{number:014X}"}, "QRCodeIdentification": None} for number in range(100_000)]
    body = json.dumps(document(*many)).encode()
    assert len(body) < LIST_MAX_BYTES
    tracemalloc.start()
    try:
        listed = found(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(listed, CardList)
    assert len(listed.uids) == 100_000
    assert peak < 4 * len(body)


@pytest.mark.parametrize("filling", [b"{},", b"[],", b'"ab",', b"0,"])
def test_a_long_answer_full_of_nothing_does_not_fill_the_memory(filling: bytes) -> None:
    inner = filling * (2_000_000 // len(filling))
    body = b'{"AuthenticationData":{"ProviderAuthenticationData":[{"AuthenticationDataRecord":[' + inner + b"0]}]}}"
    tracemalloc.start()
    try:
        answer = found(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(answer, Answer)
    assert peak < len(body)


def test_a_list_in_its_shortest_words_is_read_however_long() -> None:
    records = b",".join(
        b'{"Identification":{"RFIDIdentification":{"UID":"%08X"}}}' % number for number in range(30_000)
    )
    data = b'{"AuthenticationData":{"ProviderAuthenticationData":[{"AuthenticationDataRecord":[' + records + b"]}]}}"
    assert len(uids_of(data)) == 30_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("AuthenticationData", "ProviderAuthenticationData", "AuthenticationDataRecord"))
            | st.sampled_from(("Identification", MIFARE, "UID", "StatusCode", "Code")),
            inner,
        )
    ),
    max_leaves=15,
)


@given(st.integers(100, 999), st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_answer_raises_or_invents_a_card(status: int, body: bytes) -> None:
    answer = found(body, status)
    if isinstance(answer, CardList):
        assert 200 <= status < 300
        assert b"AuthenticationData" in body
        assert answer.uids == frozenset()
