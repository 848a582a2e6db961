"""What OICP asks of us, from hostile bytes to plain values. Raises MalformedError and nothing else.

Keys are compared without case, members that are null count as absent, unknown ones are passed over. What is read has
to be right: a session that begins with a wrong ID cannot be billed.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from roampost.config.identifiers import is_contract_id, is_evse_id, is_provider_id
from roampost.hubs.body import BadBodyError, Members
from roampost.hubs.body import members as json_members
from roampost.hubs.oicp.wire import SESSION_ID, UID

PARTNER_SESSION_MAX = 250
PRODUCT_MAX = 100
DURATION_MINUTES = range(1, 100)
DURATION_DEFAULT = timedelta(minutes=15)
_EVCO = "EvcoID"
_UID = "UID"
# Medium: what it holds. PIN, RFID type and the rest are not for us.
_MEDIA = {
    "RemoteIdentification": (_EVCO,),
    "RFIDMifareFamilyIdentification": (_UID,),
    "RFIDIdentification": (_UID, _EVCO),
    "QRCodeIdentification": (_EVCO,),
    "PlugAndChargeIdentification": (_EVCO,),
}


class MalformedError(Exception):
    """The request is not what OICP prescribes. The text names the field, and repeats nothing of the request."""


@dataclass(frozen=True, slots=True)
class Head:
    """What every request has. provider_session_id: the EMP's own, optional."""

    session_id: str
    provider_id: str
    evse_id: str
    provider_session_id: str | None


@dataclass(frozen=True, slots=True)
class Driver:
    """At least one of uid and contract_id is there."""

    uid: str | None
    contract_id: str | None
    product_id: str | None


def members(body: bytes) -> Members:
    """The top object, its keys in lower case, as are those of all objects in it."""
    try:
        return json_members(body, str.lower)
    except BadBodyError as error:
        raise MalformedError(str(error)) from None


def head(top: Members) -> Head:
    # The schema of a reservation makes SessionID optional, but the hub makes one for every request that it forwards,
    # and without it nothing of what follows could be told to it.
    session_id = _required(top, "SessionID")
    if not re.fullmatch(SESSION_ID, session_id):
        raise MalformedError("SessionID is none")
    provider_id = _required(top, "ProviderID")
    if not is_provider_id(provider_id):
        raise MalformedError("ProviderID is none")
    evse_id = _required(top, "EvseID")
    if not is_evse_id(evse_id.upper()):
        raise MalformedError("EvseID is none")
    # The prose writes EMPPartnerSessionID, the reservation schemas EMPPartnerSessionId: without case they are one.
    return Head(session_id, provider_id, evse_id, _text(top, "EMPPartnerSessionID", PARTNER_SESSION_MAX))


def driver(top: Members) -> Driver:
    """Published examples spell all media at once, and real messages the other four as null: exactly one counts."""
    medium, found = _medium(_inner(top, "Identification"))
    held = _MEDIA[medium]
    uid = _uid(found) if _UID in held else None
    contract_id = _text(found, _EVCO) if _EVCO in held else None
    if contract_id is not None and not is_contract_id(contract_id):
        raise MalformedError("EvcoID is none")
    if uid is None and contract_id is None:
        raise MalformedError(f"{held[0]} is missing")
    return Driver(uid, contract_id, _text(top, "PartnerProductID", PRODUCT_MAX))


def duration(top: Members) -> timedelta:
    value = top.get("duration")
    if value is None:
        return DURATION_DEFAULT
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,2}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in DURATION_MINUTES:
        raise MalformedError("Duration is not from 1 to 99 minutes")
    return timedelta(minutes=int(value))


def _medium(identification: Members) -> tuple[str, Members]:
    given = [medium for medium in _MEDIA if identification.get(medium.lower()) is not None]
    if len(given) != 1:
        raise MalformedError("Identification does not hold exactly one medium")
    return given[0], _inner(identification, given[0])


def _uid(found: Members) -> str | None:
    uid = (_text(found, _UID) or "").upper()
    if uid and not re.fullmatch(UID, uid):
        raise MalformedError("UID is none")
    return uid or None


def _inner(outer: Members, name: str) -> Members:
    value = outer.get(name.lower())
    if value is None:
        raise MalformedError(f"{name} is missing")
    if not isinstance(value, dict):
        raise MalformedError(f"{name} is not an object")
    return value


def _required(top: Members, name: str) -> str:
    found = _text(top, name)
    if found is None:
        raise MalformedError(f"{name} is missing")
    return found


def _text(top: Members, name: str, at_most: int = PARTNER_SESSION_MAX) -> str | None:
    """None where it is absent or empty. What cannot be printed cannot be stored everywhere either."""
    value = top.get(name.lower())
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > at_most or not value.isprintable():
        raise MalformedError(f"{name} is not a text of at most {at_most} characters")
    return value.strip() or None
