"""The record of truth as a person reads it: seconds since the start, who, and what happened."""

from collections.abc import Callable, Mapping
from typing import Any

SAYINGS = {
    "station_started": "station '{name}' is up",
    "plugged": "car plugged in ({car})",
    "unplugged": "car unplugged",
    "pilot": "pilot {before} -> {pilot}, {announced_ma} mA announced",
    "contactor_closed": "contactor CLOSED at {register_wh} Wh",
    "contactor_opened": "contactor opened at {register_wh} Wh",
    "contactor_welded": "contactor welded: it will not open any more",
    "contactor_mended": "contactor mended",
    "set_point_written": "set point {current_ma} mA written",
    "board_power_down": "controller loses power",
    "board_power_up": "controller starts with {set_point_ma} mA",
    "car_full": "car is full after {taken_wh} Wh",
    "car_paused": "car pauses",
    "car_resumed": "car resumes",
    "pilot_shorted": "pilot shorted to earth",
    "pilot_freed": "pilot is free again",
    "card_held": "card {uid} held to the reader",
    "card_taken": "card {uid} taken away",
    "garbage_sent": "garbage sent: {bytes_hex}",
    "contact": "{did}: contact is {contact_state}",
    "line_fault": "fault '{fault}' switched {switched} for {whom}",
    "line_unplugged": "unplugged",
    "line_replugged": "plugged in again at {address}",
    "note": "{text}",
}
WHO = {"evse": "EVSE {}", "reader": "reader {}", "contact": "contact {}", "line": "line {}"}


def say(entry: Mapping[str, Any], started_s: float) -> str:
    who = next((words.format(entry[key]) for key, words in WHO.items() if key in entry), "")
    return f"{entry['t'] - started_s:9.3f}  {who:<22} {SAYINGS[entry['event']].format_map(_words(entry))}"


def _words(entry: Mapping[str, Any]) -> dict[str, Any]:
    words = {key: "unnamed" if key == "car" and value is None else value for key, value in entry.items()}
    words.setdefault("register_wh", "?")
    words["contact_state"] = "closed" if entry.get("closed") else "open"
    words["switched"] = "on" if entry.get("on") else "off"
    words["whom"] = "all units" if entry.get("unit") is None else f"unit {entry['unit']}"
    return words


class Timeline:
    """A sink that prints."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._started_s: float | None = None

    def __call__(self, entry: Mapping[str, Any]) -> None:
        if self._started_s is None:
            self._started_s = entry["t"]
        self._show(say(entry, self._started_s))
