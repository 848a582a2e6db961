"""The status codes that a hub or an operator may say, in our own words."""

TEXTS = {
    "000": "Success",
    "001": "System error at the hub",
    "002": "Database error at the hub",
    "009": "Transaction error",
    "017": "Not authorized",
    "018": "EvseID is not consistent",
    "019": "EvcoID is not consistent",
    "021": "System error at the partner",
    "022": "Data error",
    "101": "QR code: wrong credentials",
    "102": "RFID: unknown UID",
    "103": "RFID: card not readable",
    "105": "Plug and charge: unknown EvcoID",
    "106": "Nobody answered yes",
    "110": "QR code: time-out",
    "120": "Plug and charge: underlying EvcoID invalid",
    "121": "Plug and charge: certificate invalid",
    "122": "Plug and charge: time-out",
    "200": "EvcoID is locked",
    "210": "No valid contract",
    "300": "Partner not found",
    "310": "Partner did not answer",
    "320": "Service not available",
    "400": "Session is invalid",
    "401": "Call not authorized",
    "404": "Data not found",
    "500": "Processing error",
    "501": "No communication with the EVSE",
    "510": "No vehicle is plugged in",
    "601": "EVSE is reserved",
    "602": "EVSE is in use, or wrong token",
    "603": "Unknown EvseID",
    "604": "EVSE cannot be used through the hub",
    "700": "EVSE is out of service",
}


def status_code(code: str, more: str | None = None) -> dict[str, str]:
    """The StatusCode object of an answer."""
    words = {"Code": code, "Description": TEXTS.get(code, "Unknown code")}
    return words | ({"AdditionalInfo": more} if more else {})
