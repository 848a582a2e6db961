"""The hub's operations as one table. A new one is a row here, a schema and a handler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from roampost_sim.hub import handlers
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.state import Call, HubState

BASE = "/api/oicp"


@dataclass(frozen=True, slots=True)
class Operation:
    """path is below BASE, {} stands for the OperatorID; operator_in is where the body holds it (None: nowhere).

    sequential: the next request may start only after the answer to the last.
    """

    name: str
    path: str
    handler: Callable[[HubState, Call], Reply]
    operator_in: tuple[str, ...] | None
    sequential: bool = False

    def operator_in_path(self, path: str) -> str | None:
        """None when the path is not this operation's, "" when it is and names no operator."""
        ours, theirs = (BASE + self.path).split("/"), path.split("/")
        if len(ours) != len(theirs):
            return None
        pairs = list(zip(ours, theirs, strict=True))
        if any(mine not in ("{}", other) for mine, other in pairs):
            return None
        return next((unquote(other) for mine, other in pairs if mine == "{}"), "")

    def operator_in_body(self, body: dict[str, Any]) -> str | None:
        value: Any = body
        for name in self.operator_in or ():
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
)
NAMES = tuple(operation.name for operation in OPERATIONS)


def find(path: str) -> tuple[Operation, str] | None:
    """The operation that a request path names and the OperatorID in it."""
    for operation in OPERATIONS:
        operator_id = operation.operator_in_path(path)
        if operator_id is not None:
            return operation, operator_id
    return None
