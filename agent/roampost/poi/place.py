"""Where it is: address and coordinates are right by themselves, and agree with each other."""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from roampost.domain.poi import Address, Coordinates, EvsePoi
from roampost.poi.countries import BY_ALPHA2, BY_ALPHA3, Country
from roampost.poi.finding import Finding, error, hint, warning

# Four places are about 10 m of latitude, three are 100 m.
_FEWEST_PLACES, _GOOD_PLACES = 4, 5
_MOST_LATITUDE = 90
# About two kilometres, in degrees.
_FAR = 0.02


def place(poi: EvsePoi) -> Iterator[Finding]:
    country = BY_ALPHA3.get(poi.address.country or "")
    yield from _country(poi.address)
    yield from _postal_code(poi.address, country)
    yield from _time_zone(poi.address)
    for field, point in (("coordinates", poi.coordinates), ("entrance", poi.entrance)):
        if point is not None:
            yield from _point(field, point, country)
    yield from _apart(poi)


def _country(address: Address) -> Iterator[Finding]:
    code = address.country
    if not code or re.fullmatch("[A-Z]{3}", code):
        return
    known = BY_ALPHA2.get(code.upper()) or BY_ALPHA3.get(code.upper())
    name = f'"{known.alpha3}"' if known else 'its three letters of ISO 3166-1, such as "DEU"'
    yield error("address.country", f"{code!r} is not a country code of three capital letters.", f"Write {name}.")


def _postal_code(address: Address, country: Country | None) -> Iterator[Finding]:
    code = address.postal_code
    if country is not None and code and not country.is_postal_code(code):
        yield warning(
            "address.postal_code",
            f"{code!r} does not look like a postal code of {country.name}.",
            "Correct it, or address.country.",
        )


def _time_zone(address: Address) -> Iterator[Finding]:
    if not address.time_zone:
        return
    try:
        ZoneInfo(address.time_zone)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        yield error(
            "address.time_zone",
            f"{address.time_zone!r} is no time zone of this system.",
            'Write one such as "Europe/Berlin", or leave it out: that of [station] is taken.',
        )


def _point(field: str, point: Coordinates, country: Country | None) -> Iterator[Finding]:
    latitude, longitude = point.latitude, point.longitude
    if abs(latitude) > _MOST_LATITUDE:
        yield error(field, f"There is no latitude of {latitude}.", "Latitude is from -90 to 90; are the two swapped?")
    elif latitude == longitude == 0:
        yield warning(field, "0, 0 is in the sea off Africa.", "Write where the station is.")
    elif country is not None and not country.holds(latitude, longitude):
        swapped = country.holds(longitude, latitude)
        yield warning(
            field,
            f"{latitude}, {longitude} is not in {country.name}.",
            "Latitude and longitude are swapped." if swapped else "Correct the coordinates, or address.country.",
        )
    else:
        yield from _exactness(field, point)


def _exactness(field: str, point: Coordinates) -> Iterator[Finding]:
    # The exponent is a letter only for infinity and NaN, which are no degrees.
    places = min(-int(one.as_tuple().exponent) for one in (point.latitude, point.longitude))
    advice = 'Give six places; zeros at the end count when the number is in quotes: "52.480000".'
    if places < _FEWEST_PLACES:
        yield warning(field, f"It has {max(places, 0)} decimal places: drivers are sent to another street.", advice)
    elif places < _GOOD_PLACES:
        yield hint(field, f"It has {places} decimal places, which is about 10 m.", advice)


def _apart(poi: EvsePoi) -> Iterator[Finding]:
    here, there = poi.coordinates, poi.entrance
    if here is None or there is None:
        return
    if max(abs(here.latitude - there.latitude), abs(here.longitude - there.longitude) / 2) > _FAR:
        yield warning("entrance", "It is kilometres away from coordinates.", "Correct one of them.")
