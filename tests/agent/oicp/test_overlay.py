"""The overlay is worth having: it refuses what the hub's OpenAPI file lets through."""

import json
from typing import Any

import pytest

from roampost.hubs.oicp.encode import Sayable, request_for
from tests.agent.oicp import samples
from tests.agent.oicp.openapi import needs_openapi, schema_errors
from tests.agent.oicp.overlay import problems

STATUS = "eRoamingPushEvseStatus"
PROGRESS = "eRoamingChargingNotificationProgress"
CDR = "eRoamingChargeDetailRecord"
ERROR = "eRoamingChargingNotificationError"
ENERGIES = ("MeterValueStart", "MeterValueEnd", "ConsumedEnergy", "ConsumedEnergyProgress")
# Without values in between, whose places a test could not keep.
MESSAGES: dict[str, Sayable] = {
    STATUS: samples.STATUS,
    "eRoamingAuthorizeStart": samples.LATE,
    PROGRESS: samples.PROGRESS.model_copy(update={"meters_between_wh": ()}),
    CDR: samples.CDR,
    ERROR: samples.ERROR,
}
ONE = {"RFIDMifareFamilyIdentification": {"UID": samples.UID}}
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown key": (CDR, {"Flag": "look"}, "Flag is not known"),
    "empty Identification": (CDR, {"Identification": {}}, "Identification has not exactly one medium"),
    "two identifications": (
        CDR,
        {"Identification": ONE | {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}},
        "Identification has not exactly one medium",
    ),
    "negative energy": (CDR, {"ConsumedEnergy": "-1.000"}, "ConsumedEnergy is not plausible"),
    "watt-hours": (CDR, {"ConsumedEnergy": "30541.000"}, "ConsumedEnergy is more than 1000 kWh"),
    "float artefact": (
        CDR,
        {"ConsumedEnergy": "30.541000000000004"},
        "ConsumedEnergy has not exactly three places",
    ),
    "naive date-time": (CDR, {"ChargingStart": "2026-09-21T16:13:20"}, "ChargingStart is not like"),
    "Zulu instead of an offset": (CDR, {"ChargingStart": "2026-09-21T14:13:20Z"}, "ChargingStart is not like"),
    "a contract where only a card may be": (
        "eRoamingAuthorizeStart",
        {"Identification": {"RemoteIdentification": {"EvcoID": samples.CONTRACT}}},
        "Identification is for remote starts only",
    ),
    "no duration but seconds": (PROGRESS, {"ChargingDuration": -300}, "ChargingDuration is no whole number"),
    "meter values in between without their list": (CDR, {"MeterValueInBetween": {}}, "MeterValueInBetween is not"),
    "no signed values in a list for them": (CDR, {"SignedMeteringValues": []}, "SignedMeteringValues is not a list"),
    "signed values out of order": (
        CDR,
        {
            "SignedMeteringValues": [
                {"SignedMeteringValue": "e", "MeteringStatus": "End"},
                {"SignedMeteringValue": "s", "MeteringStatus": "Start"},
            ]
        },
        "SignedMeteringValues is out of order",
    ),
    "an over-long signed value": (
        CDR,
        {"SignedMeteringValues": [{"SignedMeteringValue": "e" * 3001, "MeteringStatus": "End"}]},
        "SignedMeteringValues SignedMeteringValue is no text of 1 to 3000",
    ),
    "an over-long key": (
        CDR,
        {"CalibrationLawVerificationInfo": {"PublicKey": "k" * 1001}},
        "CalibrationLawVerificationInfo PublicKey is longer than 1000",
    ),
    "an over-long product": (CDR, {"PartnerProductID": "x" * 51}, "PartnerProductID is no text of 1 to 50"),
    "an empty full load": (
        STATUS,
        {"ActionType": "fullLoad", "OperatorEvseStatus": {"OperatorID": "DE*ABC", "EvseStatusRecord": []}},
        "OperatorEvseStatus EvseStatusRecord is not a list of records",
    ),
    "an EVSE twice": (
        STATUS,
        {
            "ActionType": "fullLoad",
            "OperatorEvseStatus": {
                "OperatorID": "DE*ABC",
                "EvseStatusRecord": [
                    {"EvseID": "DE*ABC*E1", "EvseStatus": "Available"},
                    {"EvseID": "DEABCE1", "EvseStatus": "Occupied"},
                ],
            },
        },
        "OperatorEvseStatus EvseStatusRecord names an EVSE twice",
    ),
    "several changes in one push": (
        STATUS,
        {
            "OperatorEvseStatus": {
                "OperatorID": "DE*ABC",
                "EvseStatusRecord": [
                    {"EvseID": "DE*ABC*E1", "EvseStatus": "Available"},
                    {"EvseID": "DE*ABC*E2", "EvseStatus": "Occupied"},
                ],
            },
        },
        "an update is not one record",
    ),
    "over-long text": (ERROR, {"ErrorAdditionalInfo": "x" * 251}, "ErrorAdditionalInfo is no text of 1 to 250"),
}


def spoilt(name: str, change: dict[str, Any]) -> str:
    document: dict[str, Any] = json.loads(request_for(MESSAGES[name], samples.OPERATOR, samples.BERLIN)[1])
    for energy in ENERGIES:
        if energy in document:
            document[energy] = f"{document[energy]:.3f}"
    document.update(change)
    return number_energies(json.dumps(document))


def number_energies(text: str) -> str:
    """Energies are kept as text until here, so that their places survive."""
    for energy in ENERGIES:
        head, found, tail = text.partition(f'"{energy}": "')
        if found:
            number, _, rest = tail.partition('"')
            text = f'{head}"{energy}": {number}{rest}'
    return text


@pytest.mark.parametrize("case", CASES)
def test_the_overlay_refuses(case: str) -> None:
    name, change, wrong = CASES[case]
    found = problems(name, spoilt(name, change))
    assert len(found) == 1
    assert found[0].startswith(wrong)


@needs_openapi
@pytest.mark.parametrize("case", CASES)
def test_the_hubs_schema_lets_it_through(case: str) -> None:
    name, change, _ = CASES[case]
    assert schema_errors(name, spoilt(name, change)) == []


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_not_spoilt_passes(name: str) -> None:
    assert problems(name, spoilt(name, {})) == []


def test_a_missing_field_is_named() -> None:
    document = json.loads(spoilt(ERROR, {}))
    del document["OperatorID"]
    assert problems(ERROR, json.dumps(document)) == ["OperatorID is missing"]
