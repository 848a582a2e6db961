"""OICP's status codes, each with what a sender of a queued message makes of it. The one table of codes.

Rows follow the table "Status codes" of OICP 2.3 (CPO). A code that is not here is treated as Sort.ODD.
"""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a code says about a queued message; `verdicts` turns it into a verdict."""

    DONE = "done"
    RETRY = "retry"
    HOLD = "hold"
    REJECT = "reject"
    NOT_AUTHORIZED = "not_authorized"  # an answer to a question, not a fault
    SESSION_CLOSED = "session_closed"  # for a CDR whose answer was lost: it probably arrived
    ODD = "odd"  # only operators say this, or nobody yet


@dataclass(frozen=True, slots=True)
class Code:
    """means: the code's sense; do: what a person does about it."""

    code: str
    sort: Sort
    means: str
    do: str


_WAIT = "it is tried again; if it stays, give the Process-ID to the hub's support"
_CARD = "the driver needs another medium or has to ask the provider"
_OURS = "only operators say this: give the Process-ID to the hub's support"

_ROWS = (
    Code("000", Sort.DONE, "success", "nothing is to be done"),
    Code("001", Sort.RETRY, "system error at the hub", _WAIT),
    Code("002", Sort.RETRY, "database error at the hub", _WAIT),
    Code("009", Sort.RETRY, "transaction error at the hub", _WAIT),
    Code(
        "017",
        Sort.HOLD,
        "not allowed: the client certificate does not belong to the configured OperatorID or has expired",
        "check operator_id and cert_file",
    ),
    Code(
        "018",
        Sort.REJECT,
        "the EvseID does not belong to the OperatorID",
        "check the EVSE's id in the configuration against the contract with the hub",
    ),
    Code("019", Sort.REJECT, "the EvcoID is inconsistent", "check the contract ID of the card"),
    Code("021", Sort.RETRY, "system error at the provider", _WAIT),
    Code("022", Sort.REJECT, "data error", "look at the energy, the times and the clock in the parked message"),
    Code("101", Sort.NOT_AUTHORIZED, "the QR code's credentials are wrong", _CARD),
    Code("102", Sort.NOT_AUTHORIZED, "the card's UID is not valid", _CARD),
    Code("103", Sort.NOT_AUTHORIZED, "the card could not be read", _CARD),
    Code("105", Sort.NOT_AUTHORIZED, "the plug-and-charge contract is not valid", _CARD),
    Code("106", Sort.NOT_AUTHORIZED, "no provider has said yes", _CARD),
    Code("110", Sort.NOT_AUTHORIZED, "the QR code was not confirmed in time", _CARD),
    Code("120", Sort.NOT_AUTHORIZED, "the contract under the plug-and-charge ID is not valid", _CARD),
    Code("121", Sort.NOT_AUTHORIZED, "the vehicle's plug-and-charge certificate is not valid", _CARD),
    Code("122", Sort.NOT_AUTHORIZED, "plug-and-charge was not confirmed in time", _CARD),
    Code("200", Sort.NOT_AUTHORIZED, "the contract is locked", _CARD),
    Code("210", Sort.HOLD, "no valid contract for this service", "subscribe the service at the hub"),
    Code("300", Sort.HOLD, "the hub does not know the partner", "check operator_id and the hub's url"),
    Code("310", Sort.RETRY, "the provider did not respond", _WAIT),
    Code("320", Sort.RETRY, "the provider's service is not available", _WAIT),
    Code(
        "400",
        Sort.SESSION_CLOSED,
        "the session is not valid (any more)",
        "compare the session with the records in the hub's portal",
    ),
    Code("401", Sort.HOLD, "the call is not authorized", "check operator_id, cert_file and the subscription"),
    Code("404", Sort.REJECT, "the data was not found", "compare the message with what the hub's portal shows"),
    Code("500", Sort.RETRY, "processing error", _WAIT),
    Code("501", Sort.ODD, "communication with the EVSE failed", _OURS),
    Code("510", Sort.ODD, "no vehicle is connected", _OURS),
    Code("601", Sort.ODD, "the EVSE is reserved", _OURS),
    Code("602", Sort.ODD, "the EVSE is in use, or by another token", _OURS),
    Code(
        "603",
        Sort.HOLD,
        "the hub has no data for this EVSE",
        "with [poi] the agent pushes it by itself, else register it at the hub; sending goes on by itself then",
    ),
    Code(
        "604",
        Sort.REJECT,
        "the hub holds the EVSE as not Hubject compatible",
        "correct IsHubjectCompatible in the EVSE's data at the hub",
    ),
    Code("700", Sort.ODD, "the EVSE is out of service", _OURS),
)

CODES: dict[str, Code] = {row.code: row for row in _ROWS}
