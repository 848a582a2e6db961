"""What the control socket can do with an OICP hub, beside what it can with any.

`{"do": "stop_cards", "uid": …, "others": [UID, …]}`: who else may stop that card's sessions, open ones too,
`{"do": "rate_limits", "on": true | false, "retry_after"? : "seconds" | "date" | "none"}`,
`{"do": "whitelist", "records": [an Identification, …] | null}` for PullAuthenticationData, null: made from the cards;
`{"ask": "sessions" | "statuses" | "evse_data" | "products" | "evse_prices" | "rates"}`. What the hub can ask of the
operator: control_calls.py.
"""

from dataclasses import asdict
from functools import partial
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.controls import Arguments, Controls, only, question
from roampost_sim.hub.limits import RETRY_AFTER
from roampost_sim.hub.oicp.caller import OicpCaller
from roampost_sim.hub.oicp.control_calls import CALLS
from roampost_sim.hub.oicp.state import HubState
from roampost_sim.hub.server import Hub


def controls(hub: Hub, state: HubState, calls: OicpCaller) -> Controls:
    do = {
        "stop_cards": partial(_stop_cards, hub, state),
        "rate_limits": partial(_rate_limits, hub),
        "whitelist": partial(_whitelist, state),
    }
    ask = {
        "sessions": question("sessions", lambda: [session.as_json() for session in state.sessions.values()]),
        "statuses": question("statuses", lambda: [asdict(held) for held in state.statuses.values()]),
        "evse_data": question("evse_data", lambda: [held.record for held in state.evse_data.values()]),
        "products": question("products", lambda: _priced(state.products)),
        "evse_prices": question("evse_prices", lambda: _prices(state.evse_prices)),
        "rates": question("rates", lambda: hub.rates),
    }
    return Controls(do, ask, {word: partial(call, calls) for word, call in CALLS.items()})


def _stop_cards(hub: Hub, state: HubState, arguments: Arguments) -> dict[str, Any]:
    uid, others = (only(arguments, "uid", "others").get(name) for name in ("uid", "others"))
    if not (isinstance(uid, str) and isinstance(others, list) and all(isinstance(one, str) for one in others)):
        raise CommandError('"stop_cards" needs "uid" and "others", a list of UIDs.')
    state.set_stop_cards(uid, tuple(others))
    hub.notify()
    return {}


def _rate_limits(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    on, form = (only(arguments, "on", "retry_after").get(name) for name in ("on", "retry_after"))
    if not isinstance(on, bool) or form not in (None, *RETRY_AFTER):
        raise CommandError(
            f'"rate_limits" needs "on": true or false, and may say "retry_after": {" | ".join(RETRY_AFTER)}.'
        )
    hub.rate_limits, hub.retry_after = on, form or hub.retry_after
    return {}


def _whitelist(state: HubState, arguments: Arguments) -> dict[str, Any]:
    records = only(arguments, "records").get("records", False)
    if records is not None and not (isinstance(records, list) and all(isinstance(each, dict) for each in records)):
        raise CommandError('"whitelist" needs its "records": a list of Identification objects, or null.')
    state.whitelist = None if records is None else tuple(records)
    return {}


def _priced(products: dict[tuple[str, str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"operator": operator, "provider": provider} | told for (operator, provider, _), told in products.items()]


def _prices(prices: dict[tuple[str, str], tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"evse": evse, "provider": provider, "products": told} for (evse, provider), told in prices.items()]
