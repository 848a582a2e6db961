"""OIOI's result codes, each with what a sender of a queued message makes of it. The one table of codes. Pure.

A more general code may stand in the place of a specific one: 000 for 011, 140 for 145. One that is not here counts as
the general one of its ten where that says what it means, else as Sort.ODD.
"""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a code says about a queued message; `verdicts` turns it into a verdict."""

    DONE = "done"
    RETRY = "retry"
    HOLD = "hold"
    REJECT = "reject"
    NO_EVSE = "no_evse"  # the hub has not been told of the station, or not by us
    DRIVER = "driver"  # about the driver: an answer to a question, not a fault
    ODD = "odd"  # nobody says this yet


@dataclass(frozen=True, slots=True)
class Code:
    """means: the code's sense; do: what a person does about it."""

    code: str
    sort: Sort
    means: str
    do: str


_NOTHING = "nothing is to be done"
_WAIT = "it is tried again; if it stays, ask the hub's support"
_DRIVER = "the driver needs another medium or has to ask PlugSurfing"
_COMPARE = "compare the message with what the hub's portal shows"
_OURS = "only operators say this: ask the hub's support"
_PAYMENT = "this is about a payment that an operator does not make: ask the hub's support"

_ROWS = (
    Code("000", Sort.DONE, "success", _NOTHING),
    Code("011", Sort.DONE, "the session has started", _NOTHING),
    Code("012", Sort.DONE, "authorized, the customer plugs in now", _NOTHING),
    Code("100", Sort.RETRY, "system error at PlugSurfing", _WAIT),
    Code("101", Sort.RETRY, "database error at PlugSurfing", _WAIT),
    Code("102", Sort.RETRY, "time-out at PlugSurfing", _WAIT),
    Code("140", Sort.DRIVER, "the driver is not authorized", _DRIVER),
    Code("141", Sort.DRIVER, "the driver's e-mail or password is wrong", _DRIVER),
    Code("142", Sort.DRIVER, "the driver's e-mail is wrong", _DRIVER),
    Code("143", Sort.DRIVER, "the driver's e-mail exists already", _DRIVER),
    Code("144", Sort.DRIVER, "the driver's e-mail is not known", _DRIVER),
    Code("145", Sort.DRIVER, "the driver's token is not valid", _DRIVER),
    Code("180", Sort.REJECT, "the hub does not know what the message is about", _COMPARE),
    Code(
        "181",
        Sort.NO_EVSE,
        "the hub has no such EVSE of this partner",
        "with [poi] the agent posts the station by itself, else have that done; if it stays, check partner_identifier",
    ),
    Code("182", Sort.REJECT, "the hub does not know the session", _COMPARE),
    Code("183", Sort.REJECT, "the hub does not know the company", "check operator_id and partner_identifier"),
    Code("184", Sort.REJECT, "the hub does not know the vehicle", _COMPARE),
    Code("185", Sort.REJECT, "the hub does not know the subscription plan", _COMPARE),
    Code("186", Sort.REJECT, "the hub does not know the group", _COMPARE),
    Code("187", Sort.REJECT, "no direct payment at this EVSE", _OURS),
    Code("188", Sort.REJECT, "no stop from afar at this EVSE", _OURS),
    Code("189", Sort.REJECT, "the reservation is not known", _OURS),
    Code("190", Sort.DRIVER, "something is wrong with the card's contract", _DRIVER),
    Code("191", Sort.DRIVER, "the card is not known", _DRIVER),
    Code("192", Sort.DRIVER, "the card's contract is locked", _DRIVER),
    Code("193", Sort.DRIVER, "the card's contract has no valid means of payment", _DRIVER),
    Code("194", Sort.DRIVER, "the card's contract has another reservation", _DRIVER),
    Code("195", Sort.DRIVER, "the card's contract is subscribed already", _DRIVER),
    Code("200", Sort.REJECT, "the hub finds the request wrong", "look at the parked message"),
    Code("210", Sort.HOLD, "the API key is not valid", "put the hub's key into api_key_file"),
    Code("211", Sort.HOLD, "the partner identifier is not valid", "check partner_identifier"),
    Code(
        "220",
        Sort.HOLD,
        "the API key may not do this",
        "have the hub allow it for this key, or check api_key_file and partner_identifier",
    ),
    Code("230", Sort.REJECT, "the hub finds the format wrong", "look at the parked message"),
    Code("300", Sort.RETRY, "system error at the operator", _WAIT),
    Code("302", Sort.RETRY, "time-out at the operator", _WAIT),
    Code("310", Sort.RETRY, "error of the EVSE", _WAIT),
    Code("312", Sort.RETRY, "time-out of the EVSE", _WAIT),
    Code("320", Sort.REJECT, "the EVSE is in use", _OURS),
    Code("321", Sort.REJECT, "no vehicle is connected", _OURS),
    Code(
        "322",
        Sort.REJECT,
        "the hub has this EVSE at another place",
        "set its coordinates back, or have the hub's support move it",
    ),
    Code("323", Sort.REJECT, "the EVSE is reserved already", _OURS),
    Code("330", Sort.REJECT, "no reservations at this EVSE", _OURS),
    Code("400", Sort.RETRY, "system error at the hub", _WAIT),
    Code("402", Sort.RETRY, "time-out at the hub", _WAIT),
    Code("800", Sort.RETRY, "system error at the payment provider", _WAIT),
    Code("802", Sort.RETRY, "time-out at the payment provider", _WAIT),
    Code("805", Sort.REJECT, "the driver may not pay like this", _PAYMENT),
    Code("830", Sort.REJECT, "the format of a payment is wrong", _PAYMENT),
    Code("850", Sort.REJECT, "the means of payment is wrong", _PAYMENT),
    Code("860", Sort.REJECT, "bank transfer error", _PAYMENT),
    Code("861", Sort.REJECT, "the bank account is wrong", _PAYMENT),
    Code("862", Sort.REJECT, "the name on a payment is wrong", _PAYMENT),
    Code("863", Sort.REJECT, "the IBAN is wrong", _PAYMENT),
    Code("864", Sort.REJECT, "the BIC is wrong", _PAYMENT),
    Code("870", Sort.REJECT, "credit card error", _PAYMENT),
    Code("871", Sort.REJECT, "the credit card is not valid", _PAYMENT),
    Code("872", Sort.REJECT, "the credit card's holder is wrong", _PAYMENT),
    Code("874", Sort.REJECT, "the credit card's number is wrong", _PAYMENT),
    Code("875", Sort.REJECT, "the credit card's expiry date is wrong", _PAYMENT),
    Code("876", Sort.REJECT, "the credit card's CVC is wrong", _PAYMENT),
    Code("880", Sort.REJECT, "PayPal error", _PAYMENT),
)

CODES: dict[str, Code] = {row.code: row for row in _ROWS}
# By the first digits; the longest that fits counts.
_GENERAL = {"0": "000", "14": "140", "18": "180", "19": "190"}


def row_of(code: str) -> Code:
    general = _GENERAL.get(code[:2]) or _GENERAL.get(code[:1])
    known = CODES.get(code) or CODES.get(general or "")
    if known is not None and len(code) == 3 and code.isascii() and code.isdigit():
        return known
    return Code(code, Sort.ODD, "a code that this version does not know", "ask the hub's support")
