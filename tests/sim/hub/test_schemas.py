"""Every rule of the schemas is broken once; right messages pass."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from roampost_sim.hub import check
from roampost_sim.hub.schemas import SCHEMAS
from tests.sim.hub.messages import (
    CARD,
    CONTRACT,
    EVSE,
    VALID,
    Body,
    at,
    authorize,
    card,
    cdr,
    end,
    error,
    progress,
    start,
    status,
    stop,
)

OPENAPI = Path(__file__).parents[4] / "shared/spec/oicp-2.3-cpo.openapi.json"
NOTIFY, RECORD = "ChargingNotifications", "ChargeDetailRecord"


@pytest.mark.parametrize(("operation", "body"), [(name, body) for name, bodies in VALID.items() for body in bodies])
def test_a_right_message_passes(operation: str, body: Body) -> None:
    assert check(operation, body) == []


REQUIRED = {
    "PushEvseStatus": (status((EVSE, "Available")), ["ActionType", "OperatorEvseStatus"]),
    "AuthorizeStart": (authorize(), ["OperatorID", "Identification"]),
    "AuthorizeStop": (stop(), ["OperatorID", "SessionID", "Identification"]),
    f"{NOTIFY}/Start": (start(), ["SessionID", "EvseID", "OperatorID", "ChargingStart"]),
    f"{NOTIFY}/Progress": (progress(), ["SessionID", "EvseID", "OperatorID", "ChargingStart", "EventOccurred"]),
    f"{NOTIFY}/End": (end(), ["SessionID", "EvseID", "OperatorID", "ChargingEnd"]),
    f"{NOTIFY}/Error": (error(), ["SessionID", "EvseID", "OperatorID", "ErrorType"]),
    RECORD: (
        cdr(),
        [
            "SessionID",
            "EvseID",
            "Identification",
            "ChargingStart",
            "ChargingEnd",
            "SessionStart",
            "SessionEnd",
            "ConsumedEnergy",
        ],
    ),
}


@pytest.mark.parametrize(
    ("schema", "name"), [(schema, name) for schema, (_, names) in REQUIRED.items() for name in names]
)
def test_a_mandatory_field_that_is_missing_is_named(schema: str, name: str) -> None:
    body = {key: value for key, value in REQUIRED[schema][0].items() if key != name}
    assert f"{name[0].lower()}{name[1:]}: must not be null" in check(schema.partition("/")[0], body)


@pytest.mark.parametrize("schema", REQUIRED)
def test_an_unknown_field_is_refused(schema: str) -> None:
    body = REQUIRED[schema][0] | {"Surprise": 1}
    assert check(schema.partition("/")[0], body) == ["surprise: is not a known field"]


def without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}


def identified(**identification: Any) -> Body:
    return authorize(Identification=identification)


LONG = "x" * 251
REFUSED: list[tuple[str, str, Any, str]] = [
    # one row for each rule: its name, operation, body, and a part of the first sentence
    ("no object", RECORD, [], "one JSON object"),
    ("unknown action", "PushEvseStatus", status((EVSE, "Available"), action="replace"), "actionType: must be one of"),
    ("EvseNotFound", "PushEvseStatus", status((EVSE, "EvseNotFound")), "evseStatus: must be one of"),
    ("small letters", "PushEvseStatus", status((EVSE, "available")), "evseStatusRecord[0].evseStatus: must be one of"),
    ("empty update", "PushEvseStatus", status(), "must not be empty"),
    ("EvseID", "PushEvseStatus", status(("DE*ABC*1", "Available")), "evseStatusRecord[0].evseID: must match"),
    ("EvseID, line feed", "PushEvseStatus", status((EVSE + "\n", "Available")), "evseID: must match"),
    ("EvseID, long", "PushEvseStatus", status(("DE*ABC*E" + "1" * 31, "Available")), "evseID: must match"),
    ("OperatorName", "PushEvseStatus", status((EVSE, "Available"), OperatorName="n" * 101), "at most 100"),
    ("record list", "PushEvseStatus", status(EvseStatusRecord={}), "evseStatusRecord: must be of type array"),
    ("OperatorID", "AuthorizeStart", authorize(OperatorID="DE*AB"), "operatorID: must match"),
    ("OperatorID, DIN", "AuthorizeStart", authorize(OperatorID="+49536"), "operatorID: must match"),
    ("no medium", "AuthorizeStart", identified(), "exactly one kind"),
    ("two media", "AuthorizeStart", identified(**card(), PlugAndChargeIdentification={"EvcoID": CONTRACT}), "exactly"),
    ("null medium", "AuthorizeStart", identified(RFIDMifareFamilyIdentification=None), "must be of type object"),
    ("RFID", "AuthorizeStart", identified(RFIDIdentification={"UID": CARD, "RFID": "nfc"}), "not a known field"),
    ("remote", "AuthorizeStart", identified(RemoteIdentification={"EvcoID": CONTRACT}), "not a known field"),
    ("PIN", "AuthorizeStart", identified(QRCodeIdentification={"EvcoID": CONTRACT}), "pIN: must not be null"),
    ("EvcoID", "AuthorizeStart", identified(PlugAndChargeIdentification={"EvcoID": "DE"}), "evcoID: must match"),
    ("UID, 10 digits", "AuthorizeStart", authorize("044A2DAA85"), "uID: must match"),
    ("UID, small", "AuthorizeStart", authorize("deadbeef"), "uID: must match"),
    ("UID, 21 digits", "AuthorizeStart", authorize("A" * 21), "uID: must match"),
    ("partner session, long", "AuthorizeStart", authorize(CPOPartnerSessionID=LONG), "at most 250 characters"),
    ("partner session, empty", "AuthorizeStart", authorize(CPOPartnerSessionID=""), "at least 1 characters"),
    ("product", "AuthorizeStart", authorize(PartnerProductID="p" * 51), "at most 50 characters"),
    ("null", "AuthorizeStart", authorize(EvseID=None), "evseID: must be of type string"),
    ("SessionID", "AuthorizeStop", stop("no-guid"), "sessionID: must match"),
    ("SessionID, not hexadecimal", "AuthorizeStop", stop("z2688855-7f00-0002-6d8e-48d883f6abb6"), "must match"),
    ("Type", NOTIFY, start(Type="Begin"), "type: must be one of Start, Progress, End, Error"),
    ("no Type", NOTIFY, without(start(), "Type"), "type: must be one of"),
    ("no offset", NOTIFY, start(ChargingStart="2026-06-01T12:00:00"), "must carry a UTC offset"),
    ("a date only", NOTIFY, start(ChargingStart="2026-06-01"), "must be an ISO 8601 date-time"),
    ("a week date", NOTIFY, start(ChargingStart="2026-W22-1T12:00:00+02:00"), "must be an ISO 8601 date-time"),
    ("no such day", NOTIFY, start(ChargingStart="2026-02-30T12:00:00+01:00"), "must be an ISO 8601 date-time"),
    ("a clock never set", NOTIFY, start(ChargingStart="1970-01-01T00:01:00+00:00"), "the clock was not set"),
    ("a number for a time", NOTIFY, start(ChargingStart=1_780_000_000), "must be of type string"),
    ("a field of another type", NOTIFY, start(ChargingEnd=at(2)), "chargingEnd: is not a known field"),
    ("meter as text", NOTIFY, start(MeterValueStart="10.1"), "must be of type number"),
    ("meter as true", NOTIFY, start(MeterValueStart=True), "must be of type number"),
    ("meter below zero", NOTIFY, start(MeterValueStart=-0.001), "must be at least 0"),
    ("meter of 10 GWh", NOTIFY, start(MeterValueStart=10_000_001), "must be at most"),
    ("four places", NOTIFY, start(MeterValueStart=0.1234), "at most 3 decimal places"),
    ("binary noise", NOTIFY, start(MeterValueStart=0.1 + 0.2), "at most 3 decimal places"),
    ("nothing to tell", NOTIFY, without(progress(), "ConsumedEnergyProgress"), "ChargingDuration or Consumed"),
    ("watt-hours told", NOTIFY, progress(ConsumedEnergyProgress=2500), "must be at most 1000"),
    ("broken milliseconds", NOTIFY, progress(ChargingDuration=1.5), "must be of type integer"),
    ("negative duration", NOTIFY, progress(ChargingDuration=-1), "must be at least 0"),
    ("endless duration", NOTIFY, progress(ChargingDuration=10**10), "must be at most"),
    ("meter values as a list", NOTIFY, progress(MeterValueInBetween=[1.0]), "must be of type object"),
    ("meter values, name", NOTIFY, progress(MeterValueInBetween={"MeterValues": []}), "meterValues: must not be null"),
    ("energy below zero", NOTIFY, end(ConsumedEnergy=-1), "must be at least 0"),
    ("ErrorType", NOTIFY, error(ErrorType="Broken"), "errorType: must be one of"),
    ("error text", NOTIFY, error(ErrorAdditionalInfo=LONG), "at most 250 characters"),
    ("RFID kind", RECORD, cdr(Identification={"RFIDIdentification": {"UID": CARD, "RFID": "x"}}), "must be one of"),
    ("two media in a CDR", RECORD, cdr(Identification=card() | {"RemoteIdentification": {"EvcoID": CONTRACT}}), "one"),
    ("energy in four places", RECORD, cdr(ConsumedEnergy=5.0001), "at most 3 decimal places"),
    ("energy without end", RECORD, cdr(ConsumedEnergy=float("inf")), "must be a finite number"),
    ("energy as text", RECORD, cdr(ConsumedEnergy="5"), "must be of type number"),
    (
        "eleven signed values",
        RECORD,
        cdr(SignedMeteringValues=[{"SignedMeteringValue": "a", "MeteringStatus": "Progress"}] * 11),
        "at most 10 entries",
    ),
    (
        "long signed value",
        RECORD,
        cdr(SignedMeteringValues=[{"SignedMeteringValue": "a" * 3001, "MeteringStatus": "End"}]),
        "at most 3000 characters",
    ),
    ("HubProviderId", RECORD, cdr(HubProviderId="DE-8EO"), "hubProviderId: is not a known field"),
    ("provider", RECORD, cdr(HubProviderID="DE8E"), "hubProviderID: must match"),
    ("public key", RECORD, cdr(CalibrationLawVerificationInfo={"PublicKey": "k" * 1001}), "at most 1000"),
]


@pytest.mark.parametrize(("operation", "body", "sentence"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_broken_rule_is_told(operation: str, body: Any, sentence: str) -> None:
    told = check(operation, body)
    assert told
    assert sentence in told[0]


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(check("AuthorizeStart", authorize("x", EvseID="y", CPOPartnerSessionID=""))) == 3


def test_checking_leaves_the_message_as_it_is() -> None:
    body = cdr(Surprise=1)
    before = deepcopy(body)
    check(RECORD, body)
    assert body == before


def _members(schema: Body, types: Body) -> set[str]:
    named = schema.get("$ref")
    return set((types[named.rsplit("/", 1)[1]] if named else schema)["properties"])


@pytest.mark.skipif(not OPENAPI.exists(), reason=f"{OPENAPI.name} is not beside the project")
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_fields_are_those_of_the_hubs_own_document(name: str) -> None:
    types = json.loads(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]
    theirs = types["eRoaming" + name.replace("ChargingNotifications/", "ChargingNotification")]
    assert set(SCHEMAS[name]["properties"]) == _members(theirs, types)
    assert set(theirs["required"]) <= set(SCHEMAS[name]["required"])
