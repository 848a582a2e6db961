"""Every answer of the hub in the dress of its schema, and in those in which live hubs have been seen."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from roampost.hubs.base import Answer, CardList, Decision, Verdict
from roampost.hubs.hostile import safe_text
from roampost.hubs.oicp.answers import About, clean_uid, read
from roampost.hubs.oicp.authorization import decide
from roampost.hubs.oicp.cards import read_cards
from roampost.hubs.oicp.readback import Page, read_page, read_statuses
from roampost.hubs.oicp.verdicts import Kind, judge
from tests.agent.oicp.openapi import needs_openapi, own_schema_errors, schema_errors
from tests.agent.oicp.samples import HUB_SESSION, UID

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ABOUT = About("rp-1", HUB_SESSION)
DONE = {"Code": "000", "Description": "Success", "AdditionalInfo": "None"}
ACKNOWLEDGEMENT: dict[str, Any] = {
    "Result": True,
    "StatusCode": DONE,
    "SessionID": HUB_SESSION,
    "CPOPartnerSessionID": "rp-1",
    "EMPPartnerSessionID": "emp-1",
}
AUTHORIZATION: dict[str, Any] = {
    "SessionID": HUB_SESSION,
    "CPOPartnerSessionID": "rp-1",
    "EMPPartnerSessionID": "emp-1",
    "ProviderID": "DE-8EO",
    "AuthorizationStatus": "Authorized",
    "StatusCode": DONE,
    "AuthorizationStopIdentifications": [{"RFIDMifareFamilyIdentification": {"UID": "044A2DAA856281"}}],
}
CARDS: dict[str, Any] = {
    "AuthenticationData": {
        "OperatorID": "DE*ABC",
        "ProviderAuthenticationData": [
            {
                "ProviderID": "DE-8EO",
                "AuthenticationDataRecord": [{"Identification": {"RFIDMifareFamilyIdentification": {"UID": UID}}}],
            }
        ],
    },
    "StatusCode": DONE,
}
PAGE: dict[str, Any] = {
    "content": [{"EvseID": "DE*ABC*E1", "Address": {"City": "Berlin"}}],
    "number": 0,
    "size": 1000,
    "totalElements": 1,
    "numberOfElements": 1,
    "first": True,
    "last": True,
    "totalPages": 1,
    "StatusCode": DONE,
}
STATUSES: dict[str, Any] = {
    "EvseStatuses": {
        "OperatorEvseStatus": [
            {
                "OperatorID": "DE*ABC",
                "OperatorName": "Stadtwerke",
                "EvseStatusRecord": [{"EvseID": "DE*ABC*E1", "EvseStatus": "Available"}],
            }
        ]
    },
    "StatusCode": DONE,
}
Dress = Callable[[Any], Any]


def _keys(spelt: Callable[[str], str]) -> Dress:
    def dress(value: Any) -> Any:
        if isinstance(value, dict):
            return {spelt(key): dress(item) for key, item in value.items()}
        return [dress(item) for item in value] if isinstance(value, list) else value

    return dress


def _extra(value: Any) -> Any:
    """New fields, and old ones that are not used spelt out as null."""
    if isinstance(value, dict):
        dressed = {key: _extra(item) for key, item in value.items()}
        return dressed | {"AddedLater": {"a": [1, None]}, "QRCodeIdentification": None, "validationErrors": None}
    return [_extra(item) for item in value] if isinstance(value, list) else value


def _numbers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers_as_text(item) for item in value]
    return str(value) if isinstance(value, int) else value


def _nulls(value: Any) -> Any:
    """Everything optional is null."""
    optional = {"Description", "AdditionalInfo", "EMPPartnerSessionID", "CPOPartnerSessionID", "ProviderID"}
    more = {"OperatorName", "first", "number", "size", "totalElements", "numberOfElements", "Address"}
    if isinstance(value, dict):
        return {key: None if key in optional | more else _nulls(item) for key, item in value.items()}
    return [_nulls(item) for item in value] if isinstance(value, list) else value


def _numeric_code(value: Any) -> Any:
    return value | {"StatusCode": {"Code": 0}}


DRESSES: dict[str, Dress] = {
    "as the schema has it": lambda value: value,
    "lower case": _keys(str.lower),
    "upper case": _keys(str.upper),
    "camel case": _keys(lambda key: key[:1].lower() + key[1:]),
    "extra fields": _extra,
    "nulls": _nulls,
    "numbers as text": _numbers_as_text,
    "a numeric code": _numeric_code,
}
dressed = pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)


def sent(document: Any, dress: Dress) -> bytes:
    return json.dumps(dress(document)).encode()


@dressed
@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_acknowledgement(kind: Kind, dress: Dress) -> None:
    body = sent(ACKNOWLEDGEMENT, dress)
    answer = judge(kind, 200, {}, body, maybe_arrived=False, now=NOW, about=ABOUT)
    assert (answer.verdict, answer.code) == (Verdict.DELIVERED, "000")


@dressed
@pytest.mark.parametrize("asked", [About("rp-1"), ABOUT], ids=["start", "stop"])
def test_an_authorization(asked: About, dress: Dress) -> None:
    found = decide(asked, 200, {}, sent(AUTHORIZATION, dress))
    assert (found.decision, found.hub_session_id, found.stop_uids) == (Decision.YES, HUB_SESSION, ("044A2DAA856281",))


@dressed
def test_a_refused_authorization(dress: Dress) -> None:
    no = AUTHORIZATION | {"AuthorizationStatus": "NotAuthorized", "SessionID": None}
    assert decide(About("rp-1"), 200, {}, sent(no, dress)).decision is Decision.NO


@dressed
def test_the_list_of_cards(dress: Dress) -> None:
    assert read_cards(200, {}, sent(CARDS, dress), now=NOW) == CardList(frozenset({UID}))


@dressed
def test_a_page_of_evse_data(dress: Dress) -> None:
    page = read_page(200, {}, sent(PAGE, dress), number=0, now=NOW)
    assert isinstance(page, Page)
    assert page.last
    assert [one["evseid"] for one in page.records] == ["DE*ABC*E1"]


@dressed
def test_statuses(dress: Dress) -> None:
    assert read_statuses(200, {}, sent(STATUSES, dress), now=NOW) == {"DEABCE1": "Available"}


@needs_openapi
@pytest.mark.parametrize(
    ("document", "schema"),
    [
        (ACKNOWLEDGEMENT, "eRoamingAcknowledgment"),
        (AUTHORIZATION, "eRoamingAuthorizationStart"),
        (AUTHORIZATION, "eRoamingAuthorizationStop"),
    ],
)
def test_the_plain_dress_is_the_hubs_schema(document: Any, schema: str) -> None:
    if schema == "eRoamingAuthorizationStop":
        document = {key: value for key, value in document.items() if key != "AuthorizationStopIdentifications"}
    assert schema_errors(schema, json.dumps(document)) == []


@pytest.mark.parametrize(
    ("document", "schema"),
    [(CARDS, "authentication-data.json"), (PAGE, "evse-data.json"), (STATUSES, "evse-statuses.json")],
)
def test_where_the_hub_publishes_no_schema_the_plain_dress_is_the_proses(document: Any, schema: str) -> None:
    assert own_schema_errors(schema, json.dumps(document)) == []


@pytest.mark.parametrize("body", [b"", None, b"<html>", b"{", b"[]", b"[" * 100_000, b" " * 100_000])
def test_what_cannot_be_read_is_nothing(body: bytes | None) -> None:
    assert not read(body).is_json
    assert isinstance(read_page(200, {}, body, number=0, now=NOW), Answer)
    assert isinstance(read_statuses(200, {}, body, now=NOW), Answer)


def test_ids_of_sessions_are_kept_to_compare_and_never_in_words() -> None:
    said = read(json.dumps(ACKNOWLEDGEMENT | {"message": f"of {HUB_SESSION} and {UID}"}).encode())
    assert (said.session_id, said.partner_session_id) == (HUB_SESSION, "rp-1")
    assert UID not in said.words
    assert safe_text(UID) == "…"


@pytest.mark.parametrize(("given", "uid"), [(" deadbeef ", "DEADBEEF"), ("DEADBEE", None), (17, None), (None, None)])
def test_a_uid_is_upper_case_or_none(given: object, uid: str | None) -> None:
    assert clean_uid(given) == uid


@pytest.mark.parametrize(
    "personal",
    [
        "DE-8EO-CAB12XYZ9-X",
        "de8eocab12xyz9x",
        "DE*8EO*K9XYZ1*5",
        "DE-8EO-K9XYZ1-X",
        "04:4A:2D:AA",
        "04-4a-2d-aa-85-62-80",
        "eva.maria+car@mail.example.org",
        "eva@localhost",
    ],
)
def test_a_driver_is_not_named_in_what_a_hub_says(personal: str) -> None:
    assert safe_text(f"no contract for {personal}.") == "no contract for …."


def test_what_a_hub_says_has_nothing_that_is_not_seen() -> None:
    text = "".join(map(chr, range(0x300)))
    assert "".join(safe_text(one) for one in text).isprintable()


@pytest.mark.parametrize("text", ["DE*ABC*E12345*1 is not known", "EVSE DE*ABC*E840*6487", "Evco: no, at 12:30:15"])
def test_what_names_nobody_stays_legible(text: str) -> None:
    assert safe_text(text) == text
