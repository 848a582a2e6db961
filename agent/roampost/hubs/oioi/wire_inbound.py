"""What OIOI asks of us, from hostile bytes to plain values. Raises MalformedError and nothing else.

Members that are null count as absent, unknown ones are passed over. What is read has to be right: a session that begins
with a wrong identifier cannot be billed, and a list of cards replaces the one before. Facts: OIOI 4, "Calls a CPO
receives".
"""

from dataclasses import dataclass

from roampost.hubs.body import BadBodyError, Members
from roampost.hubs.body import members as json_members
from roampost.hubs.oioi.uids import oioi_uid
from roampost.hubs.oioi.words import ACCOUNTS

TEXT_MAX = 254
_EVCO_ID = "evco-id"
_RFID = "rfid"


class MalformedError(Exception):
    """The request is not what OIOI prescribes. The text names the field, and repeats nothing of the request."""


@dataclass(frozen=True, slots=True)
class User:
    """At least one of them is there. account: the kind of account, a colon and its name."""

    uid: str | None = None
    contract_id: str | None = None
    account: str | None = None


def call(body: bytes) -> tuple[str, Members]:
    """The one call that a body holds: its name and its members."""
    try:
        top = json_members(body)
    except BadBodyError as error:
        raise MalformedError(str(error)) from None
    given = [(name, value) for name, value in top.items() if value is not None]
    if len(given) != 1:
        raise MalformedError("the body does not hold exactly one call")
    name, value = given[0]
    if not isinstance(value, dict):
        raise MalformedError("the call is not an object")
    return name, value


def user(of: Members) -> User:
    """The token that may come with a user is the user's secret: it is passed over."""
    given = of.get("user")
    if not isinstance(given, dict):
        raise MalformedError("user is missing" if given is None else "user is not an object")
    kind, identifier = required(given, "identifier-type"), required(given, "identifier")
    if kind == _EVCO_ID:
        return User(contract_id=identifier)
    if kind == _RFID:
        return User(uid=_uid(identifier, "the identifier of user"))
    if kind in ACCOUNTS:
        return User(account=f"{kind}:{identifier}")
    raise MalformedError(f"identifier-type is none of {_EVCO_ID}, {_RFID}, {', '.join(ACCOUNTS)}")


def reserved_for(of: Members) -> User:
    """The specification has a list, and a place is kept for one."""
    given = of.get("identifier")
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        raise MalformedError("identifier is not a list of exactly one object, whom the EVSE is kept for")
    uid = text(given[0], _RFID)
    return User(None if uid is None else _uid(uid, _RFID), required(given[0], _EVCO_ID))


def rfids(of: Members) -> frozenset[str]:
    """All or nothing: with one card left out, a list would lock out who holds it."""
    given = of.get("rfids")
    if not isinstance(given, list):
        raise MalformedError("rfids is missing" if given is None else "rfids is not a list")
    return frozenset(_uid(one, f"number {position} of rfids") for position, one in enumerate(given, 1))


def required(of: Members, name: str) -> str:
    found = text(of, name)
    if found is None:
        raise MalformedError(f"{name} is missing")
    return found


def text(of: Members, name: str) -> str | None:
    """None where it is absent or empty. What cannot be printed cannot be stored everywhere either."""
    value = of.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
        raise MalformedError(f"{name} is not a text of at most {TEXT_MAX} characters")
    return value.strip() or None


def _uid(value: object, what: str) -> str:
    uid = oioi_uid(value) if isinstance(value, str) else None
    if uid is None:
        raise MalformedError(f"{what} is no UID: at most 20 hexadecimal digits")
    return uid
