"""A hub's four requests to an operator, right in every field; `request` changes some of them."""

from typing import Any

from roampost.hubs.oicp import inbound

SESSION = "b2688855-7f00-0002-6d8e-48d883f6abb6"
EVSE = "DE*ABC*E1*1"
PROVIDER = "DE-DCB"
EVCO = "DE-DCB-C12345678-X"

PATH_OF = {
    "eRoamingAuthorizeRemoteStart": inbound.REMOTE_START,
    "eRoamingAuthorizeRemoteStop": inbound.REMOTE_STOP,
    "eRoamingAuthorizeRemoteReservationStart": inbound.RESERVATION_START,
    "eRoamingAuthorizeRemoteReservationStop": inbound.RESERVATION_STOP,
}


def request(name: str, **changes: Any) -> dict[str, Any]:
    """The request of this schema name, with some members changed."""
    plain = {"SessionID": SESSION, "ProviderID": PROVIDER, "EvseID": EVSE, "EMPPartnerSessionID": "emp-1"}
    if name.endswith("Start"):
        plain |= {"PartnerProductID": "AC 1"}
        plain["Identification"] = {"RemoteIdentification": {"EvcoID": EVCO}}  # type: ignore[assignment]  # nested
    if name == "eRoamingAuthorizeRemoteReservationStart":
        plain["Duration"] = 30  # type: ignore[assignment]  # a number
    return plain | changes


def bodies() -> dict[str, dict[str, Any]]:
    """By the path below the prefix, with the provider in it."""
    return {path.replace("{provider_id}", PROVIDER): request(name) for name, path in PATH_OF.items()}
