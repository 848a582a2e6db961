"""What OICP 2.3 refuses of EVSE data, beyond what every hub wants: its mandatory fields, lengths and spellings.

The names are the configuration's; lengths and patterns are those of the schemas of PushEvseData.
"""

import re
from collections.abc import Iterator, Sequence

from roampost.config.identifiers import is_operator_id
from roampost.domain.poi import CalibrationLaw, EvsePoi, Facility, Text
from roampost.poi.fields import BY_NAME, FIELDS, Need, is_filled, missing, value_of
from roampost.poi.finding import Finding, error, warning

_WHO = "OICP hubs"
_INSISTED = tuple(one for one in FIELDS if one.need is Need.INSISTED)
# Fewest and most characters; what is missing or empty is told as that.
_LENGTHS = {
    "station_id": (1, 50),
    "manufacturer": (1, 50),
    "image_url": (1, 200),
    "sub_operator": (1, 100),
    "clearing_house_id": (1, 20),
    "address.city": (1, 50),
    "address.street": (2, 100),
    "address.house_number": (1, 10),
    "address.postal_code": (1, 10),
    "address.region": (1, 50),
    "address.floor": (1, 5),
    "address.parking_spot": (1, 5),
}
# Schemas InfoTextType and ChargingPoolID.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2,3}(-[a-zA-Z]{4})?)?(-x-[a-zA-Z0-9]{1,8})?")
_MOST_TEXT = 150
_POOL_ID = re.compile(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9*]{1,30}")
_PER_KILO = 1000
_MOST_KW = 999


def against(evses: Sequence[EvsePoi]) -> Iterator[tuple[str, Finding]]:
    """By EVSE: each has its own record."""
    for poi in evses:
        yield from ((poi.evse_id, found) for found in _of_one(poi))


def _of_one(poi: EvsePoi) -> Iterator[Finding]:
    yield from (missing(field, _WHO) for field in _INSISTED if not is_filled(poi, field))
    yield from _lengths(poi)
    for field, texts in (("names", poi.names), ("info", poi.info), ("directions", poi.directions)):
        yield from _texts(field, texts)
    yield from _english_first(poi.info)
    yield from _whole_numbers(poi)
    yield from _identifiers(poi)
    yield from _promises(poi)


def _lengths(poi: EvsePoi) -> Iterator[Finding]:
    for name, (fewest, most) in _LENGTHS.items():
        value = value_of(poi, BY_NAME[name])
        if isinstance(value, str) and value and not fewest <= len(value) <= most:
            span = f"{fewest} to {most} characters"
            yield error(name, f"It has {len(value)} characters.", f"It has {span}, or is left out.")


def _texts(field: str, texts: tuple[Text, ...]) -> Iterator[Finding]:
    for one in texts:
        if not _LANGUAGE.fullmatch(one.lang):
            yield error(
                field, f"{one.lang!r} is not a language.", 'Write it as in ISO 639, small letters: "en", "de", "de-AT".'
            )
        if len(one.text) > _MOST_TEXT:
            yield error(
                f"{field}.{one.lang}", f"It has {len(one.text)} characters.", f"It has 1 to {_MOST_TEXT} characters."
            )


def _english_first(info: tuple[Text, ...]) -> Iterator[Finding]:
    if info and info[0].lang.partition("-")[0] != "en":
        yield warning("info", "Its first language is not English.", "Put en = ... first; the others follow.")


def _whole_numbers(poi: EvsePoi) -> Iterator[Finding]:
    for number, facility in enumerate(poi.facilities, start=1):
        yield from _power(f"facilities[{number}].power_kw", facility)
    if poi.max_capacity_wh is not None and round(poi.max_capacity_wh / _PER_KILO) < 1:
        yield error("max_capacity_kwh", "It is less than 1.", "Correct it; leave it out where there is no battery.")


def _power(field: str, facility: Facility) -> Iterator[Finding]:
    # Less than a watt is told as wrong everywhere.
    if facility.power_w >= 1 and not 1 <= round(facility.power_w / _PER_KILO) <= _MOST_KW:
        told = f"{facility.power_w / _PER_KILO:g} kW cannot be told."
        yield error(field, told, "It is from 1 to 999 kW.")


def _identifiers(poi: EvsePoi) -> Iterator[Finding]:
    if poi.pool_id and not _POOL_ID.fullmatch(poi.pool_id):
        yield error("pool_id", f"{poi.pool_id!r} is not a pool ID.", "It is like an EvseID with P for E: DE*ABC*P1.")
    if poi.hub_operator_id and not is_operator_id(poi.hub_operator_id):
        yield error("hub_operator_id", f"{poi.hub_operator_id!r} is not an OperatorID.", "Write one such as DE*ABC.")


def _promises(poi: EvsePoi) -> Iterator[Finding]:
    if poi.calibration_law is CalibrationLaw.EXTERNAL:
        yield warning(
            "calibration_law",
            '"external" promises signed meter values in every billing record.',
            'Without a meter that signs them, records are refused (022): write "local" or "none".',
        )
