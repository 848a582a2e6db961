"""What OIOI has no words for in EVSE data, and what it tells once for the EVSEs of a station. Pure.

The names are the configuration's. What is missing altogether every hub refuses, and is found without this package.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from roampost.domain.poi import Access, Authentication, EvsePoi, Payment, Service
from roampost.hubs.oioi.stations import PLUG
from roampost.poi.countries import BY_ALPHA3
from roampost.poi.fields import BY_NAME, value_of
from roampost.poi.finding import Finding, error, hint, warning

# What stands in the station and not in its connectors: as much of the field as is told there.
_ONCE: Mapping[str, Callable[[EvsePoi], object]] = {
    "names": lambda poi: poi.names[:1],
    "info": lambda poi: poi.info[:1],
    "directions": lambda poi: poi.directions[:1],
    "opening": lambda poi: None if poi.open_24_hours else poi.opening,
    "services": lambda poi: [one in (poi.services or ()) for one in (Service.RESERVATION, Service.ROOF)],
    "payment": lambda poi: Payment.NO_PAYMENT in (poi.payment or ()),
    "authentication": lambda poi: Authentication.PLUG_AND_CHARGE in (poi.authentication or ()),
    "access": lambda poi: poi.access in (Access.RESTRICTED, Access.TEST),
}
_WHOLE = (
    "address.country",
    "address.city",
    "address.street",
    "address.house_number",
    "address.postal_code",
    "address.floor",
    "coordinates",
    "hotline",
    "open_24_hours",
    "renewable",
)


def against(evses: Sequence[EvsePoi]) -> Iterator[tuple[str, Finding]]:
    """By EVSE. evses: all that are on the hub, so that those of one station can be held against each other."""
    for poi in evses:
        yield from ((poi.evse_id, found) for found in (*_country(poi), *_plugs(poi)))
    for station in _stations(evses):
        first, *others = sorted(station, key=lambda poi: poi.evse_id)
        for poi in others:
            yield from ((poi.evse_id, found) for found in _differences(first, poi))


def _stations(evses: Sequence[EvsePoi]) -> list[list[EvsePoi]]:
    found: dict[str, list[EvsePoi]] = {}
    for poi in evses:
        found.setdefault(poi.station_id or poi.evse_id, []).append(poi)
    return list(found.values())


def _country(poi: EvsePoi) -> Iterator[Finding]:
    code = poi.address.country or ""
    if re.fullmatch("[A-Z]{3}", code) and code not in BY_ALPHA3:
        yield error("address.country", f"OIOI hubs want two letters, and those of {code!r} are unknown.", "Correct it.")


def _plugs(poi: EvsePoi) -> Iterator[Finding]:
    plugs = poi.plugs or ()
    names = list(dict.fromkeys(PLUG[one] for one in plugs if one in PLUG))
    if plugs and not names:
        advice = f"Add the plug that drivers use, or take the EVSE off OIOI hubs; they know {', '.join(PLUG)}."
        yield error("plugs", f"OIOI hubs have no name for {', '.join(plugs)}.", advice)
    elif len(names) > 1:
        yield hint("plugs", f"OIOI hubs are told one plug of an EVSE: {names[0]}.", "Put the one first that counts.")


def _differences(first: EvsePoi, poi: EvsePoi) -> Iterator[Finding]:
    whole = (name for name in _WHOLE if value_of(first, BY_NAME[name]) != value_of(poi, BY_NAME[name]))
    part = (name for name, told in _ONCE.items() if told(first) != told(poi))
    for name in (*whole, *part):
        yield warning(
            name,
            f"OIOI hubs are told it once for station {poi.station_id}, as at {first.evse_id}, and here it differs.",
            "Write it once under [poi], or give this EVSE a station_id of its own.",
        )
