"""The spellings of operators, providers, EVSEs and contracts (schemas of Hubject OICP 2.3), and of hub addresses."""

import re

OPERATOR_ID = re.compile(r"([A-Za-z]{2}\*?[A-Za-z0-9]{3})|(\+?[0-9]{1,3}\*[0-9]{3})")
EVSE_ID = re.compile(r"([A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30})|(\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32})")
PROVIDER_ID = re.compile(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}")
# The EvcoID: ISO 15118 (C and eight characters) or DIN SPEC 91286 (six characters), each with a check character.
CONTRACT_ID = re.compile(
    r"([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z])|"
    r"([A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X])"
)
_LABEL = r"[A-Za-z0-9-]{1,63}"
_BASE_URL = re.compile(
    rf"https://({_LABEL}(\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(:(?P<port>[0-9]{{1,5}}))?(/[A-Za-z0-9._~/-]*)?"
)


def is_operator_id(text: str) -> bool:
    return OPERATOR_ID.fullmatch(text) is not None


def is_provider_id(text: str) -> bool:
    return PROVIDER_ID.fullmatch(text) is not None


def is_contract_id(text: str) -> bool:
    return CONTRACT_ID.fullmatch(text) is not None


def is_evse_id(text: str) -> bool:
    return EVSE_ID.fullmatch(text) is not None


def is_base_url(url: str) -> bool:
    """https://host/path, without user, query or fragment."""
    match = _BASE_URL.fullmatch(url)
    return match is not None and 0 < int(match["port"] or 443) < 65536


def canonical(identifier: str) -> str:
    """One spelling per EVSE: `DE*ABC*E1` and `DEABCE1` are the same. DIN spellings keep their separators."""
    upper = identifier.upper()
    return upper.removeprefix("+") if upper[:1] in "+0123456789" else upper.replace("*", "")


def plain(identifier: str) -> str:
    """One spelling per provider and contract: separators may be left out, and case says nothing (eMI3: eMAID)."""
    return identifier.upper().replace("-", "").replace("*", "")


def belongs_to(evse_id: str, operator_id: str) -> bool:
    """Whether the EVSE is this operator's; a hub takes no others."""
    evse, operator = canonical(evse_id), canonical(operator_id)
    return evse.startswith(operator + ("*" if operator[:1].isdigit() else "E"))
