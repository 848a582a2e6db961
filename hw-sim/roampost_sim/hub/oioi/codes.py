"""OIOI's result codes in our own words, and the ways in which one may be written. Pure."""

from typing import Any

TEXTS = {
    "000": "Success.",
    "011": "The session is started, the customer is charging",
    "012": "Authorized, the customer must plug in",
    "100": "System error",
    "101": "Database error",
    "102": "Time-out",
    "140": "Nobody answered yes",
    "144": "The e-mail address is not known",
    "145": "The user's token is not valid",
    "180": "Not found",
    "181": "EVSE not found",
    "182": "Session not found",
    "189": "Reservation not found",
    "190": "Something is wrong with the EVCO ID",
    "191": "EVCO ID not found",
    "192": "EVCO ID is locked",
    "193": "EVCO ID has no valid payment method",
    "194": "EVCO ID has another reservation",
    "200": "Request error",
    "210": "API key is not valid",
    "211": "Partner identifier is not valid",
    "220": "API key may not do this here",
    "230": "Format of the request is not valid",
    "300": "System error at the operator",
    "302": "Time-out at the operator",
    "310": "EVSE error",
    "312": "Time-out at the EVSE",
    "320": "EVSE is in use",
    "321": "No vehicle is plugged in",
    "322": "The same EVSE ID stands at another position",
    "323": "EVSE is reserved",
    "330": "EVSE cannot be reserved",
    "400": "System error at the hub",
    "402": "Time-out at the hub",
}
SPELLINGS = ("number", "text", "bare")
SUCCESS = "000"


def result(code: str, why: str | None = None, spelling: str = "number") -> dict[str, Any]:
    """The `result` of an answer. spelling: 11, "011" or "11" of the code 011."""
    words = TEXTS.get(code, "Unknown code")
    return {"code": _spelled(code, spelling), "message": f"{words}: {why}" if why else words}


def three_digits(code: Any) -> str | None:
    """The code as the record writes it, however it was spelled; None where it is none."""
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) <= 3:
        return code.zfill(3)
    is_number = isinstance(code, int) and not isinstance(code, bool)
    return f"{code:03}" if is_number and 0 <= code <= 999 else None


def is_yes(code: str | None) -> bool:
    """Any 0xx: a more specific success is one too."""
    return code is not None and code.startswith("0")


def _spelled(code: str, spelling: str) -> Any:
    if spelling == "text" or not code.isdigit():
        return code
    return int(code) if spelling == "number" else str(int(code))
