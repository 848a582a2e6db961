"""The hub's operations as one table. A new one is a row here, a schema and a handler."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

from roampost_sim.hub.oicp import data, handlers, pricing, reading
from roampost_sim.hub.oicp.state import Call, HubState
from roampost_sim.hub.replies import Reply

BASE = "/api/oicp"


class Role(Enum):
    OPERATOR = "operator"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Operation:
    """path is below BASE, {} stands for the partner's ID; partner_in is where the body holds it (None: nowhere).

    role says whether that is an OperatorID or a ProviderID.

    sequential: the next request may start only after the answer to the last.
    """

    name: str
    path: str
    handler: Callable[[HubState, Call], Reply]
    partner_in: tuple[str, ...] | None
    sequential: bool = False
    role: Role = Role.OPERATOR

    def partner_in_path(self, path: str) -> str | None:
        """None when the path is not this operation's, "" when it is and names no partner."""
        ours, theirs = (BASE + self.path).split("/"), path.split("/")
        if len(ours) != len(theirs):
            return None
        pairs = list(zip(ours, theirs, strict=True))
        if any(mine not in ("{}", other) for mine, other in pairs):
            return None
        return next((unquote(other) for mine, other in pairs if mine == "{}"), "")

    def partner_in_body(self, body: dict[str, Any]) -> str | None:
        value: Any = body
        for name in self.partner_in or ():
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, str) else None


OPERATIONS = (
    Operation(
        "PushEvseStatus",
        "/evsepush/v21/operators/{}/status-records",
        handlers.push_status,
        ("OperatorEvseStatus", "OperatorID"),
        sequential=True,
    ),
    Operation(
        "AuthorizeStart",
        "/charging/v21/operators/{}/authorize/start",
        handlers.authorize_start,
        ("OperatorID",),
    ),
    Operation(
        "AuthorizeStop",
        "/charging/v21/operators/{}/authorize/stop",
        handlers.authorize_stop,
        ("OperatorID",),
    ),
    Operation(
        "ChargingNotifications",
        "/notificationmgmt/v11/charging-notifications",
        handlers.notify,
        ("OperatorID",),
    ),
    Operation(
        "ChargeDetailRecord",
        "/cdrmgmt/v22/operators/{}/charge-detail-record",
        handlers.charge_detail_record,
        None,
    ),
    Operation(
        "PushEvseData",
        "/evsepush/v23/operators/{}/data-records",
        data.push_data,
        ("OperatorEvseData", "OperatorID"),
        sequential=True,
    ),
    Operation(
        "PushPricingProductData",
        "/dynamicpricing/v10/operators/{}/pricing-products",
        pricing.push_products,
        ("PricingProductData", "OperatorID"),
        sequential=True,
    ),
    Operation(
        "PushEVSEPricing",
        "/dynamicpricing/v10/operators/{}/evse-pricing",
        pricing.push_evse_prices,
        None,
        sequential=True,
    ),
    Operation(
        "PullAuthenticationData",
        "/authdata/v21/operators/{}/pull-request",
        reading.pull_authentication_data,
        ("OperatorID",),
    ),
    Operation(
        "PullEvseData",
        "/evsepull/v23/providers/{}/data-records",
        reading.pull_data,
        ("ProviderID",),
        role=Role.PROVIDER,
    ),
    Operation(
        "PullEvseStatusByOperatorID",
        "/evsepull/v21/providers/{}/status-records-by-operator-id",
        reading.pull_status_by_operator,
        ("ProviderID",),
        role=Role.PROVIDER,
    ),
    Operation(
        "PullEvseStatusByID",
        "/evsepull/v21/providers/{}/status-records-by-id",
        reading.pull_status_by_id,
        ("ProviderID",),
        role=Role.PROVIDER,
    ),
)
NAMES = tuple(operation.name for operation in OPERATIONS)


def find(path: str) -> tuple[Operation, str] | None:
    """The operation that a request path names and the partner's ID in it."""
    for operation in OPERATIONS:
        partner_id = operation.partner_in_path(path)
        if partner_id is not None:
            return operation, partner_id
    return None
