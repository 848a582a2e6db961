"""The building blocks of the schemas: every object is closed, every string bounded, every number plausible.

Two keywords are our own: `decimals` (most places after the point) and `moment` (a date-time with an offset).
"""

from typing import Any

Schema = dict[str, Any]


def whole(pattern: str) -> Schema:
    """A string that matches from its first to its very last character (`$` would pass a line feed)."""
    return {"type": "string", "pattern": rf"^(?:{pattern})\Z"}


def text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def closed(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these members and no others."""
    members = required | (optional or {})
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def listed(items: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def several_of(*values: str) -> Schema:
    """At least one of these words, each once."""
    return listed(one_of(*values), len(values), 1) | {"uniqueItems": True}


def whole_number(most: int) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": most}


def number(most: float) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": most, "decimals": 3}


# Identifiers of ISO 15118 and DIN SPEC 91286, which every protocol takes over.
OPERATOR_ID = whole(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}|\+?[0-9]{1,3}\*[0-9]{3}")
EVSE_ID = whole(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30}|\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}")
EVCO_ID = whole(
    r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[A-Za-z0-9]"
    r"|[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]"
)
UID = whole(r"[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}")
YES_NO: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "moment": True}
