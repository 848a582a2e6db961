"""What happened, in plain words for who watches. UIDs are masked. Pure."""

from collections.abc import Mapping
from typing import Any

from roampost_sim.demo.arrival import words as messages
from roampost_sim.hub.identifiers import masked

SAYINGS = {
    "plugged": "car plugged in",
    "unplugged": "car unplugged",
    "contactor_closed": "contactor closes at {register_wh:.1f} Wh",
    "contactor_opened": "contactor opens",
    "car_full": "car is full",
    "card_held": "card {card} shown",
    "line_unplugged": "its plug is pulled out",
    "line_replugged": "its plug is put back",
    "agent_started": "starts",
    "agent_killed": "killed (SIGKILL)",
    "hub_refused": "fails: the hub is out of reach",
    "hub_cleared": "is back",
    "app_started": "an app asks to start for {driver}",
    "app_stopped": "the app ends the charge",
    "app_reserved": "an app reserves it for {driver}",
    "app_cancelled": "the app cancels the reservation",
}
_MOVES = {"trip": "trips", "reset": "reset by hand", "break_wire": "wire breaks", "mend_wire": "wire mended"}


def words(event: Mapping[str, Any]) -> str | None:
    """The sentence for an event of the truth; None for what would only be noise."""
    if event["event"] == "set_point_written":
        amperes = event["current_ma"] / 1000
        return f"agent permits {amperes:g} A" if amperes else "agent forbids charging"
    if event["event"] == "contact":
        return _MOVES[event["did"]]
    saying = SAYINGS.get(event["event"])
    return saying.format(**_fields(event)) if saying else None


def who(event: Mapping[str, Any]) -> str:
    if "evse" in event:
        return f"EVSE {event['evse']}"
    if "reader" in event:
        return "reader"
    subject = {"agent": "agent", "hub": "network"}.get(event["event"].partition("_")[0])
    return subject or str(event.get("contact") or event.get("line") or "")


def _fields(event: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"register_wh": 0.0} | dict(event)
    media = {"uid": "card", "contract": "driver"}
    return fields | {word: masked(event[name]) for name, word in media.items() if name in event}


def hub_words(entry: Mapping[str, Any]) -> str:
    """What the hub got."""
    means = entry.get("means")
    if not means:
        return str(entry.get("reason") or entry.get("operation"))
    told = dict.fromkeys(message for _, message in messages(means))
    if means["what"] == "authorize":
        answer = "yes" if entry.get("code") == "000" else f"no ({entry.get('code')})"
        return f"may {means.get('user')} charge? {answer}"
    energy_wh = means.get("energy_wh") if means["what"] in ("progress", "cdr") else None
    return ", ".join(told) + ("" if energy_wh is None else f" {energy_wh / 1000:.3f} kWh")


def agent_words(entry: Mapping[str, Any]) -> str:
    """What the agent answered the hub."""
    code = entry.get("code")
    word = "yes" if entry.get("result") else f"no ({code})"
    answer = word if code else f"no answer, {entry.get('reason')}"
    return f"{answer} in {entry.get('seconds', 0):.2f} s"
