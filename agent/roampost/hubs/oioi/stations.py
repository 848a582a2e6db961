"""EVSE data to OIOI's station: many EVSEs in, one object out. Pure.

What belongs to the place is that of the first EVSE. An EVSE is one connector here: of several plugs the first one that
OIOI has a name for. The connectors of a posted station never change; who tries is told so, and nothing is sent.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from roampost.domain.messages import StationDataMessage
from roampost.domain.poi import Access, Authentication, Days, EvsePoi, Opening, Payment, Plug, Service, Text
from roampost.hubs.oioi.words import UnsayableError
from roampost.poi.countries import BY_ALPHA3

# No AVCON and no inductive ones there.
PLUG: Mapping[Plug, str] = {
    Plug.TYPE_1_CABLE: "Type1",
    Plug.TYPE_2_OUTLET: "Type2",
    Plug.TYPE_2_CABLE: "Type2",
    Plug.TYPE_3_OUTLET: "Type3",
    Plug.CCS_1_CABLE: "Combo",
    Plug.CCS_2_CABLE: "Combo",
    Plug.CHADEMO: "Chademo",
    Plug.TESLA: "Tesla",
    Plug.TYPE_E_OUTLET: "TypeE",
    Plug.TYPE_F_OUTLET: "Schuko",
    Plug.TYPE_G_OUTLET: "3PinSquare",
    Plug.TYPE_J_OUTLET: "T13",  # what fits in there fits in T15 and T23 as well
    Plug.NEMA_5_20: "Nema5",
    Plug.IEC_60309_1_PHASE: "CeeBlue",
    Plug.IEC_60309_3_PHASE: "CeeRed",
}
_WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAYS: Mapping[Days, tuple[str, ...]] = {
    Days.EVERYDAY: _WEEK,
    Days.WORKDAYS: _WEEK[:5],
    Days.WEEKEND: _WEEK[5:],
    Days.MONDAY: ("Mo",),
    Days.TUESDAY: ("Tu",),
    Days.WEDNESDAY: ("We",),
    Days.THURSDAY: ("Th",),
    Days.FRIDAY: ("Fr",),
    Days.SATURDAY: ("Sa",),
    Days.SUNDAY: ("Su",),
}

Connector = Mapping[str, object]
T = TypeVar("T")


def station(message: StationDataMessage, operator_id: str) -> dict[str, object]:
    """Raises UnsayableError in one sentence that names the EVSE and what to configure."""
    pois = _read(message.data)
    if not pois:
        raise UnsayableError(f"Station {message.station_id} has no EVSE on this hub: not sent.")
    told = tuple(map(connector, pois))
    if message.action == "post" and message.before is not None:
        _hold_against(message.station_id, told, tuple(map(connector, _read(message.before))))
    first = pois[0]
    known = {
        "id": message.station_id,
        "name": _needed(first, "name", _text(first.names)),
        "description": _text(first.info),
        **_place(first),
        "cpo-id": operator_id,
        "connectors": told,
        "notes": _text(first.directions),
        **_flags(first),
        "deleted": message.action == "delete",
    }
    return {key: value for key, value in known.items() if value is not None}


def connector(poi: EvsePoi) -> Connector:
    name = next((PLUG[plug] for plug in poi.plugs or () if plug in PLUG), None)
    power_w = max((one.power_w for one in poi.facilities if one.power_w > 0), default=None)
    return {
        "id": poi.evse_id,
        "name": _needed(poi, "plugs with one that OIOI has a name for", name),
        "speed": Decimal(_needed(poi, "its power", power_w)).scaleb(-3).normalize(),  # kW
    }


def _hold_against(station_id: str, told: Iterable[Connector], before: Iterable[Connector]) -> None:
    now, then = ({str(one["id"]): one for one in some} for some in (told, before))
    changed = sorted(evse_id for evse_id in now.keys() | then.keys() if now.get(evse_id) != then.get(evse_id))
    if changed:
        raise UnsayableError(
            f"The connectors of station {station_id} cannot change once the hub has them, and {', '.join(changed)} did:"
            " set EVSE, plug and power back, or give the station a new station_id; not sent."
        )


def _place(poi: EvsePoi) -> dict[str, object]:
    where, point = poi.address, _needed(poi, "coordinates", poi.coordinates)
    country = BY_ALPHA3.get(where.country or "")
    return {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "address": {
            "street": _needed(poi, "address.street", where.street),
            "street-number": _needed(poi, "address.house_number", where.house_number),
            "city": _needed(poi, "address.city", where.city),
            "zip": _needed(poi, "address.postal_code", where.postal_code),
            "country": _needed(poi, "address.country, as in DEU", country).alpha2,
        },
        "contact": {"phone": _needed(poi, "hotline", poi.hotline)},
        "floor-level": where.floor or None,
        "is-open-24": _needed(poi, "open_24_hours", poi.open_24_hours),
        "open-hour-notes": None if poi.open_24_hours else _openings(poi.opening) or None,
    }


def _flags(poi: EvsePoi) -> dict[str, object]:
    """None where nothing is known."""
    return {
        "is-reservable": _among(Service.RESERVATION, poi.services),
        "is-free-charge": _among(Payment.NO_PAYMENT, poi.payment),
        "is-green-power-available": poi.renewable,
        "is-plugin-charge": _among(Authentication.PLUG_AND_CHARGE, poi.authentication),
        "is-roofed": _among(Service.ROOF, poi.services),
        "is-private": _among(poi.access, (Access.RESTRICTED, Access.TEST)) if poi.access is not None else None,
    }


def _among(value: object, known: tuple[object, ...] | None) -> bool | None:
    return None if known is None else value in known


def _openings(openings: tuple[Opening, ...]) -> tuple[Mapping[str, object], ...]:
    """The facts leave open whether two days are a range or just two, so that each stands alone."""
    return tuple(
        {"times": (opening.begin, opening.end), "days": (day,)} for opening in openings for day in DAYS[opening.on]
    )


def _text(texts: tuple[Text, ...]) -> str | None:
    """OIOI has one language: the first."""
    return (texts[0].text or None) if texts else None


def _read(data: tuple[str, ...]) -> tuple[EvsePoi, ...]:
    return tuple(map(EvsePoi.model_validate_json, data))


def _needed(poi: EvsePoi, what: str, value: T | None) -> T:
    if value is None or value == "":
        raise UnsayableError(f"EVSE {poi.evse_id} cannot be told to an OIOI hub: configure {what}.")
    return value
