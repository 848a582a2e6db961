"""The calls that an OIOI hub sends to an operator, honest or odd on purpose. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAMES = ("session-start", "session-stop", "rfid-post", "reservation-start", "reservation-stop")
# Whose API key is shown: the hub's, that of somebody else, or none.
IDENTITIES = ("hub", "partner", "none")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call differs from the plainest one; an operator must understand it all the same.

    identity: one of IDENTITIES. nulls: optional fields are there and null. extra: more fields.
    """

    identity: str = "hub"
    nulls: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


PLAIN = Manner()
_OPTIONAL = {"session-start": ("payment-reference",), "session-stop": ("session-id",)}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the operator; what is None is left out of the call."""

    call: str
    evse_id: str | None = None
    user: Mapping[str, Any] | None = None
    session_id: str | None = None
    payment: str | None = None
    uids: tuple[str, ...] | None = None
    partner: str | None = None
    identifier: Mapping[str, str] | None = None

    def content(self, manner: Manner) -> dict[str, Any]:
        told = {
            "user": None if self.user is None else dict(self.user),
            "connector-id": self.evse_id,
            "session-id": self.session_id,
            "payment-reference": self.payment,
            "rfids": None if self.uids is None else list(self.uids),
            "partner-identifier": self.partner,
            "identifier": None if self.identifier is None else [dict(self.identifier)],
        }
        plain = {name: value for name, value in told.items() if value is not None}
        nulls = dict.fromkeys(_OPTIONAL.get(self.call, ())) if manner.nulls else {}
        return nulls | plain | dict(manner.extra)


def user(kind: str, identifier: str, token: str | None = None) -> dict[str, str]:
    told = {"identifier-type": kind, "identifier": identifier}
    return told if token is None else told | {"token": token}
