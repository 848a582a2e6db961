"""The live timeline: what the hardware did, and what the hub got of it, on one line where nothing came between."""

import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from roampost_sim.demo.words import agent_words, hub_words, who, words

_COLUMN = 58
_COLOURS = {"good": "32", "bad": "31;1", "dim": "2", "head": "1", "hub": "36"}


class Screen:
    """Coloured only on a terminal."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._colours = out.isatty() and "NO_COLOR" not in os.environ
        self._begun_s: float | None = None
        self._open: tuple[str, float, int] | None = None  # whose line, its moment, its length
        self._set_points: dict[str, int] = {}

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self._colours else text

    def line(self, text: str = "") -> None:
        self._close()
        print(text, file=self._out, flush=True)

    def heading(self, text: str) -> None:
        self._close()
        self.line(self.paint(f"\n{text}", "head"))

    def happened(self, event: Mapping[str, Any]) -> None:
        """An event of the truth."""
        if self._repeats(event) or (said := words(event)) is None:
            return
        self._close()
        self._begin(who(event), event["t"], said)

    def arrived(
        self, entry: Mapping[str, Any], evse: str | None, cause_t: float | None, hub: str | None = None
    ) -> None:
        """A message at a hub, or the agent's answer to one. cause_t: when that happened which it tells of. hub: its
        name, where there are several."""
        subject = f"EVSE {evse}" if evse else ""
        if self._open is None or self._open[1] != cause_t:
            self._close()
            self._begin(subject, entry["t"])
        whose, _, length = self._open or ("", 0.0, 0)
        gap = " " * max(1, _COLUMN - length)
        said = _said(entry, "" if whose == subject else subject, cause_t, hub)
        print(gap + self.paint(said, "hub"), file=self._out, flush=True)
        self._open = None

    def _begin(self, whose: str, t: float, said: str = "") -> None:
        """A line that stays open: what the hub gets of it may yet be added."""
        text = f"{self._when(t)}  {whose:<8} {said}".rstrip()
        print(text, end="", file=self._out, flush=True)
        self._open = (whose, t, len(text))

    def _when(self, t: float) -> str:
        self._begun_s = t if self._begun_s is None else self._begun_s
        return f"{max(0.0, t - self._begun_s):6.1f} s"

    def _repeats(self, event: Mapping[str, Any]) -> bool:
        """A set point that is written again is no news."""
        if event["event"] != "set_point_written":
            return False
        before = self._set_points.get(event["evse"])
        self._set_points[event["evse"]] = event["current_ma"]
        return bool(before == event["current_ma"])

    def _close(self) -> None:
        if self._open is not None:
            print(file=self._out)
        self._open = None


def _said(entry: Mapping[str, Any], subject: str, cause_t: float | None, hub: str | None) -> str:
    if entry["event"] == "call":
        return f"→ agent: {agent_words(entry)}" + (f", to {hub}" if hub else "")
    delay = "" if cause_t is None else f" (+{entry['t'] - cause_t:.2f} s)"
    return f"→ {hub or 'hub'}: " + f"{subject} {hub_words(entry)}".strip() + delay
