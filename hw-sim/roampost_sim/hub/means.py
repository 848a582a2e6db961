"""What a message means, in words that are the same for every protocol: whoever reads the record needs no other. Pure.

The record's `means` is null where nothing was understood, else an object; what was not told is not in it:
`what` (one of WHATS), `evse_id`, `status` (one of STATUSES), `statuses` ([{evse_id, status}], of a push of several),
`whole` (true: replaces all that the hub had), `evse_ids` (of data and prices), `deleted` (true), `session` (the
operator's own ID), `hub_session` (the ID under which both know it; an OIOI hub has none of its own and takes the
operator's), `user` (masked), `energy_wh`, `meter_start_wh` and `meter_end_wh` (the register), `start` and `end` of
charging, `session_start` and `session_end`, `penalty` (from when on staying costs), `at` (of a progress), `error`,
`minutes` of a reservation, `cards` (their number).
"""

from collections.abc import Mapping
from typing import Any

WHATS = (
    *("status", "evse_data", "pricing", "authorize", "authorize_stop", "start", "progress", "end", "error", "cdr"),
    *("cards", "read"),
    # The hub asks.
    *("remote_start", "remote_stop", "reserve", "cancel_reservation", "cards_posted"),
)
STATUSES = ("Available", "Reserved", "Occupied", "OutOfService", "Unknown")
Means = dict[str, Any]


def means(what: str, **facts: Any) -> Means:
    """What is None, or no text, number, list or yes, was not told."""
    return {"what": what} | {name: value for name, value in facts.items() if _told(value)}


def watt_hours(kilowatt_hours: Any) -> int | None:
    """A message may be wrong in any way: what is no energy is not told."""
    is_number = isinstance(kilowatt_hours, int | float) and not isinstance(kilowatt_hours, bool)
    return round(kilowatt_hours * 1000) if is_number and abs(kilowatt_hours) < 1e12 else None


def of_evses(pairs: list[tuple[str, str]]) -> Means:
    """The statuses of a push: of one EVSE as such, of several as a list."""
    if len(pairs) == 1:
        return {"evse_id": pairs[0][0], "status": pairs[0][1]}
    return {"statuses": [{"evse_id": evse_id, "status": status} for evse_id, status in pairs]}


def member(body: Any, *names: str) -> Any:
    """What stands under these names, one in the other; None where anything on the way is not there."""
    for name in names:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _told(value: Any) -> bool:
    return isinstance(value, str | int | float | list) and value is not False
