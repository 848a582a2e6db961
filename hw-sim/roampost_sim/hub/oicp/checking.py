"""OICP's messages are held against their schemas, and against what no schema can say. Pure."""

from collections.abc import Iterator
from typing import Any

from roampost_sim.hub.checking import Problem, reference, violations
from roampost_sim.hub.oicp import cdr, poi
from roampost_sim.hub.oicp.schemas import ANSWERS, NOTIFICATION_TYPES, SCHEMAS

# Where the list of each push is; empty it is allowed in a fullLoad only, where it wipes the operator.
_LISTS = {
    "PushEvseStatus": ("OperatorEvseStatus", "EvseStatusRecord"),
    "PushEvseData": ("OperatorEvseData", "EvseDataRecord"),
    "PushPricingProductData": ("PricingProductData", "PricingProductDataRecords"),
    "PushEVSEPricing": ("EVSEPricing",),
}


def problems(operation: str, body: object) -> list[Problem]:
    """What the schema of the operation refuses in this body; empty when nothing."""
    if not isinstance(body, dict):
        return [Problem("", "the body must be one JSON object")]
    name = operation
    if operation == "ChargingNotifications":
        kind = body.get("Type")
        if kind not in NOTIFICATION_TYPES:
            return [Problem("type", f"must be one of {', '.join(NOTIFICATION_TYPES)}")]
        name = f"{operation}/{kind}"
    found = violations(SCHEMAS.get(name) or ANSWERS[name], body)
    return [*found, *_empty_push(operation, body)]


def check(operation: str, body: object) -> list[str]:
    """All that is wrong with a message as one sentence each: its shape, and what its operation refuses; [] when right.

    operation: a name in operations.py, or Acknowledgement for what an operator answers.
    """
    wrong = [str(problem) for problem in problems(operation, body)]
    if wrong or not isinstance(body, dict):
        return wrong
    if operation == "ChargeDetailRecord":
        return cdr.refusals(body, now=None)
    if operation == "PushEvseData":
        return [told for record in body["OperatorEvseData"]["EvseDataRecord"] for told in poi.contradictions(record)]
    return []


def _empty_push(operation: str, body: dict[str, Any]) -> Iterator[Problem]:
    place = _LISTS.get(operation, ())
    held: Any = body
    for name in place:
        held = held.get(name) if isinstance(held, dict) else None
    if held == [] and body.get("ActionType") != "fullLoad":
        yield Problem(reference(place), "must not be empty")
