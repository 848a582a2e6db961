"""How drivers use it: names and texts, opening times, authentication, payment, identifiers."""

import re
from collections.abc import Iterator
from itertools import pairwise

from roampost.config.identifiers import belongs_to, is_evse_id
from roampost.domain.poi import (
    Access,
    Authentication,
    Days,
    EvsePoi,
    Opening,
    Payment,
    Text,
)
from roampost.poi.countries import BY_ALPHA3
from roampost.poi.finding import Finding, error, warning

# ITU-T E.164: at most 15 digits.
_HOTLINE = re.compile(r"\+[0-9]{5,15}")
_URL = re.compile(r"https://[^\s/?#@]+\.[^\s@]+")
_WORKDAYS = (Days.MONDAY, Days.TUESDAY, Days.WEDNESDAY, Days.THURSDAY, Days.FRIDAY)
_WEEKEND = (Days.SATURDAY, Days.SUNDAY)
_MEANS = {Days.EVERYDAY: _WORKDAYS + _WEEKEND, Days.WORKDAYS: _WORKDAYS, Days.WEEKEND: _WEEKEND}


def use(poi: EvsePoi) -> Iterator[Finding]:
    for field, texts in (("names", poi.names), ("info", poi.info), ("directions", poi.directions)):
        yield from _texts(field, texts)
    yield from _hotline(poi)
    yield from _opening(poi)
    yield from _payment(poi)
    yield from _authentication(poi)
    yield from _promises(poi)
    if not is_evse_id(poi.evse_id):
        yield error("id", f"{poi.evse_id!r} is not an EvseID.", "Write one such as DE*ABC*E1*2.")


def owned(poi: EvsePoi, operator_ids: frozenset[str]) -> Iterator[Finding]:
    """operator_ids: of the hubs that the EVSE is on; none when there is no hub yet."""
    if operator_ids and not any(belongs_to(poi.evse_id, one) for one in operator_ids):
        yield error(
            "id",
            f"{poi.evse_id} is not an EVSE of {', '.join(sorted(operator_ids))}.",
            "An EvseID begins with the OperatorID; a hub takes no others.",
        )


def _texts(field: str, texts: tuple[Text, ...]) -> Iterator[Finding]:
    for one in texts:
        if not one.text.strip():
            yield error(f"{field}.{one.lang}", "It is empty.", "Write it, or leave it out.")


def _hotline(poi: EvsePoi) -> Iterator[Finding]:
    given = poi.hotline
    if not given or _HOTLINE.fullmatch(given):
        return
    digits = re.sub(r"^00", "+", re.sub(r"\(0\)|[^0-9+]", "", given))
    if _HOTLINE.fullmatch(digits):
        advice = f'Write "{digits}".'
    else:
        country = BY_ALPHA3.get(poi.address.country or "")
        advice = f"Begin with + and the country's prefix ({f'+{country.dial}' if country else 'such as +49'})."
    yield error("hotline", f"{given!r} is not + and 5 to 15 digits, without spaces.", advice)


def _opening(poi: EvsePoi) -> Iterator[Finding]:
    if poi.open_24_hours and poi.opening:
        yield error(
            "opening",
            "open_24_hours is true as well.",
            "Take one of the two out; where the other is in [poi], write opening = [] or open_24_hours = false here.",
        )
    if poi.open_24_hours is False and not poi.opening:
        yield error("opening", "open_24_hours is false, and there are no times.", "Write when it is open, or true.")
    for one in poi.opening:
        if one.begin >= one.end:
            yield warning(
                "opening",
                f"{one.on}, {one.begin} to {one.end} ends before it begins.",
                "Write two entries: to 24:00, and from 00:00 on the next day.",
            )
    yield from _overlaps(poi.opening)


def _overlaps(openings: tuple[Opening, ...]) -> Iterator[Finding]:
    for day in _WORKDAYS + _WEEKEND:
        periods = sorted((one.begin, one.end) for one in openings if day in _MEANS.get(one.on, (one.on,)))
        if any(later[0] < earlier[1] for earlier, later in pairwise(periods)):
            yield warning("opening", f"Two periods of a {day} overlap.", "Make one period of them.")
            return


def _payment(poi: EvsePoi) -> Iterator[Finding]:
    payment, authentication = poi.payment or (), poi.authentication or ()
    if Payment.NO_PAYMENT in payment and len(payment) > 1:
        yield error("payment", "no_payment stands alone.", "Take it out, or all others.")
    if Authentication.DIRECT_PAYMENT in authentication and Payment.DIRECT not in payment:
        yield warning("payment", 'authentication has "direct_payment", and payment not "direct".', "Say both, or none.")


def _authentication(poi: EvsePoi) -> Iterator[Finding]:
    modes = poi.authentication or ()
    if Authentication.NONE in modes and len(modes) > 1:
        yield warning("authentication", '"none" stands beside other ways.', "Take it out, or all others.")
    if Authentication.REMOTE in modes and not poi.roaming:
        yield warning(
            "roaming", 'It is false, and authentication has "remote".', "Apps can start only where roaming is true."
        )


def _promises(poi: EvsePoi) -> Iterator[Finding]:
    if poi.access is Access.TEST:
        yield warning("access", '"test" keeps drivers away.', "Change it when the station opens.")
    if poi.image_url and not _URL.fullmatch(poi.image_url):
        yield warning("image_url", f"{poi.image_url!r} is no https address.", 'Write one such as "https://…/a.jpg".')
