"""Every rule of the schemas is broken once; right messages pass."""

from copy import deepcopy
from typing import Any

import pytest

from roampost_sim.hub.oicp import check, poi_schema
from roampost_sim.hub.oicp.schemas import ANSWERS, SCHEMAS
from tests.sim.hub.oicp.messages import (
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
    evse_data,
    price,
    product,
    progress,
    push_data,
    push_prices,
    push_products,
    start,
    status,
    stop,
)
from tests.sim.hub.oicp.openapi import complaints, needs_document, type_name, types

NOTIFY, RECORD = "ChargingNotifications", "ChargeDetailRecord"


@pytest.mark.parametrize(("operation", "body"), [(name, body) for name, bodies in VALID.items() for body in bodies])
def test_a_right_message_passes(operation: str, body: Body) -> None:
    assert check(operation, body) == []


REQUIRED = {
    "PushEvseStatus": (status((EVSE, "Available")), ["ActionType", "OperatorEvseStatus"]),
    "AuthorizeStart": (authorize(), ["OperatorID", "Identification"]),
    "AuthorizeStop": (stop(), ["OperatorID", "SessionID", "Identification"]),
    "PushEvseData": (push_data(evse_data()), ["ActionType", "OperatorEvseData"]),
    "PullAuthenticationData": ({"OperatorID": "DE*ABC"}, ["OperatorID"]),
    "PushPricingProductData": (push_products(product()), ["ActionType", "PricingProductData"]),
    "PushEVSEPricing": (push_prices(price("AC3")), ["ActionType", "EVSEPricing"]),
    "PullEvseData": (VALID["PullEvseData"][0], ["ProviderID", "GeoCoordinatesResponseFormat"]),
    "PullEvseStatusByOperatorID": (VALID["PullEvseStatusByOperatorID"][0], ["ProviderID", "OperatorID"]),
    "PullEvseStatusByID": (VALID["PullEvseStatusByID"][0], ["ProviderID", "EvseID"]),
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


def poi(**more: Any) -> Body:
    return push_data(evse_data(**more))


def facility(**more: Any) -> Body:
    return poi(ChargingFacilities=[{"PowerType": "AC_3_PHASE", "Power": 22} | more])


def address(**more: Any) -> Body:
    return poi(Address=evse_data()["Address"] | more)


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
    ("empty data", "PushEvseData", push_data(action="update"), "evseDataRecord: must not be empty"),
    ("no operator's name", "PushEvseData", push_data(OperatorName=""), "at least 1 characters"),
    ("power in parts", "PushEvseData", facility(Power=22.5), "power: must be of type integer"),
    ("power in watts", "PushEvseData", facility(Power=22_000), "power: must be at most 999"),
    ("amperes", "PushEvseData", facility(Amperage=100), "amperage: must be at most 99"),
    ("power type", "PushEvseData", facility(PowerType="AC"), "powerType: must be one of"),
    ("charging mode", "PushEvseData", facility(ChargingModes=["Mode_5"]), "chargingModes[0]: must be one of"),
    ("no facility", "PushEvseData", poi(ChargingFacilities=[]), "at least 1 entries"),
    ("plug", "PushEvseData", poi(Plugs=["Type 2"]), "plugs[0]: must be one of"),
    ("no plug", "PushEvseData", poi(Plugs=[]), "at least 1 entries"),
    ("plug twice", "PushEvseData", poi(Plugs=["CHAdeMO", "CHAdeMO"]), "must not hold an entry twice"),
    ("phone with spaces", "PushEvseData", poi(HotlinePhoneNumber="+49 30 1234"), "hotlinePhoneNumber: must match"),
    ("phone without plus", "PushEvseData", poi(HotlinePhoneNumber="004930123456"), "hotlinePhoneNumber: must match"),
    ("language", "PushEvseData", poi(ChargingStationNames=[{"lang": "English", "value": "x"}]), "lang: must match"),
    ("country of two", "PushEvseData", address(Country="DE"), "country: must match"),
    ("street of one", "PushEvseData", address(Street="A"), "at least 2 characters"),
    ("time zone", "PushEvseData", address(TimeZone="Europe/Berlin"), "timeZone: must match"),
    ("no position", "PushEvseData", poi(GeoCoordinates={}), "exactly one kind"),
    ("position", "PushEvseData", poi(GeoCoordinates={"Google": {"Coordinates": "52 13"}}), "coordinates: must match"),
    ("dynamic info", "PushEvseData", poi(DynamicInfoAvailable=True), "must be one of"),
    ("said by the hub", "PushEvseData", poi(lastUpdate=at(0)), "lastUpdate: is not a known field"),
    ("ChargingStationID", "PushEvseData", poi(ChargingStationID="S"), "chargingStationID: is not a known field"),
    ("pool", "PushEvseData", poi(ChargingPoolID="DE*ABC*E1"), "chargingPoolID: must match"),
    (
        "opening",
        "PushEvseData",
        poi(OpeningTimes=[{"Period": [{"begin": "9:00", "end": "18:00"}], "on": "Monday"}]),
        "begin: must match",
    ),
    ("currency", "PushPricingProductData", push_products(product(ProductPriceCurrency="€")), "must match"),
    ("unit", "PushPricingProductData", push_products(product(ReferenceUnit="KWH")), "must be one of"),
    ("price below zero", "PushPricingProductData", push_products(PricingDefaultPrice=-1), "must be at least 0"),
    ("no products", "PushPricingProductData", push_products(action="insert"), "must not be empty"),
    ("no prices", "PushEVSEPricing", push_prices(action="insert"), "eVSEPricing: must not be empty"),
    ("price of nothing", "PushEVSEPricing", push_prices(price()), "at least 1 entries"),
    ("101 EVSEs", "PullEvseStatusByID", {"ProviderID": "DE-ABC", "EvseID": [EVSE] * 101}, "at most 100 entries"),
    ("code", "Acknowledgement", {"Result": True, "StatusCode": {"Code": "0"}}, "code: must be one of"),
    ("result as text", "Acknowledgement", {"Result": "true", "StatusCode": {"Code": "000"}}, "of type boolean"),
    (
        "null in an answer",
        "Acknowledgement",
        {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": None},
        "type",
    ),
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


# The document leaves the pull operations out.
DOCUMENTED = [name for name in SCHEMAS if not name.startswith("Pull")]


@needs_document
@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_fields_are_those_of_the_hubs_own_document(name: str) -> None:
    theirs = types()[type_name(name)]
    assert set(SCHEMAS[name]["properties"]) == set(theirs["properties"])
    assert set(theirs["required"]) <= set(SCHEMAS[name]["required"])


@needs_document
@pytest.mark.parametrize(
    ("ours", "name", "left_out"),
    [
        (poi_schema.RECORD, "EvseDataRecord", {"deltaType", "lastUpdate"}),
        (ANSWERS["Acknowledgement"], "eRoamingAcknowledgment", set()),
    ],
    ids=["EvseDataRecord", "Acknowledgement"],
)
def test_the_fields_of_a_part_are_those_of_the_hubs_own_document(ours: Body, name: str, left_out: set[str]) -> None:
    theirs = types()[name]
    assert set(ours["properties"]) == set(theirs["properties"]) - left_out
    assert set(ours["required"]) == set(theirs["required"])


@needs_document
@pytest.mark.parametrize(("operation", "body"), [(name, body) for name in DOCUMENTED for body in VALID.get(name, [])])
def test_what_passes_here_passes_the_hubs_own_document(operation: str, body: Body) -> None:
    assert complaints(type_name(operation), body) == []


@needs_document
@pytest.mark.parametrize("body", VALID[NOTIFY], ids=lambda body: str(body["Type"]))
def test_a_notification_passes_the_hubs_own_document_by_its_type(body: Body) -> None:
    assert complaints(type_name(f"{NOTIFY}/{body['Type']}"), body) == []
