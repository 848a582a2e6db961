"""The messages that the hub sends to an operator, honest or odd on purpose. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from roampost_sim.hub.oicp.faults import all_media, lower_case

PATHS = {
    "AuthorizeRemoteStart": "/charging/v21/providers/{}/authorize-remote/start",
    "AuthorizeRemoteStop": "/charging/v21/providers/{}/authorize-remote/stop",
    "AuthorizeRemoteReservationStart": "/reservation/v11/providers/{}/reservation-start-request",
    "AuthorizeRemoteReservationStop": "/reservation/v11/providers/{}/reservation-stop-request",
}
IDENTITIES = ("hub", "partner", "foreign", "expired", "none")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call differs from the plainest one; an operator must understand it all the same.

    identity: the certificate that the hub shows, one of IDENTITIES: its own, that of another partner signed by the
    same CA, one of the hub's name signed by a CA that nobody knows, its own expired, or none. nulls: optional fields
    are there and null, and so are the other members of Identification. wrong_case: field names begin with a small
    letter. extra: more fields.
    """

    identity: str = "hub"
    nulls: bool = False
    wrong_case: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, body: dict[str, Any], optional: tuple[str, ...]) -> dict[str, Any]:
        odd: dict[str, Any] = body | dict(self.extra)
        if self.nulls:
            odd = dict.fromkeys(optional) | dict(all_media(odd))
        return dict(lower_case(odd)) if self.wrong_case else odd


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the operator; what is None is left out of the message."""

    operation: str
    session_id: str
    provider_id: str
    evse_id: str
    contract: str | None = None
    minutes: int | None = None
    product: str | None = None
    partner_id: str | None = None
    emp_partner_id: str | None = None

    def message(self, manner: Manner) -> dict[str, Any]:
        # The reservation's messages write it with a small d, in the hub's own OpenAPI document.
        emp_name = "EMPPartnerSessionId" if "Reservation" in self.operation else "EMPPartnerSessionID"
        optional = {"CPOPartnerSessionID": self.partner_id, emp_name: self.emp_partner_id}
        if self.operation.endswith("Start"):
            optional["PartnerProductID"] = self.product
        told: dict[str, Any] = {"SessionID": self.session_id, "ProviderID": self.provider_id, "EvseID": self.evse_id}
        if self.contract is not None:
            told["Identification"] = {"RemoteIdentification": {"EvcoID": self.contract}}
        if self.minutes is not None:
            told["Duration"] = self.minutes
        told |= {name: value for name, value in optional.items() if value is not None}
        return manner.apply(told, tuple(optional))


def path(operation: str, provider_id: str) -> str:
    """Below the base URL of the operator's service."""
    return PATHS[operation].format(quote(provider_id, safe="*-"))
