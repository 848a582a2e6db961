"""A running site for several walks, one after the other: to start one takes longer than most walks.

A site that a walk did not leave as it found it is ended, so that the next walk begins at a new one.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.system.agentfile import toml
from tests.system.bounds import CARD_QUIET_S
from tests.system.field import CARD, Entry, Field, evse_id
from tests.system.hubs import Hub
from tests.system.processes import until

OTHER_CARD = "04B1C2D3E4F580"
# Of the driver who has CARD, under the same contract.
SECOND_CARD = "04C9D8E7F6A5B4"
CARDS = (CARD, OTHER_CARD, SECOND_CARD)
# One of the operator's own, hashed into own.cards where the manner's tables name that file.
OWN_CARD = "04E5D6C7B8A990"
EVSES = ("1", "2")
REST_S = 5.0
OPEN_OR_WAITING = """
select (select count(*) from session where state != 'closed')
     + (select count(*) from outbox where state in ('queued', 'sending', 'held'))
"""
# A walk is not about a machine that stands still for a while: readings may be this old.
STALE_MS = 6_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a site is configured: keys of the EVSEs by number, of every hub; `door`: the hubs may call; `lists`: their
    lists of cards are there before the first walk."""

    evses: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    hub: Mapping[str, object] = field(default_factory=dict)
    reads_for: Sequence[str] = EVSES
    tables: str = ""
    door: bool = False
    lists: bool = False
    program: Sequence[str] = ("-m", "roampost")


class Site(Field):
    """A field where the leading hub of each walk knows three cards, and the others none. `opened` and `known` tell a
    walk's own sessions from those before it, at each hub and in the agent."""

    def __init__(self, folder: Path, certificates: Path, manner: Manner, hubs: Sequence[str]) -> None:
        super().__init__(folder, certificates, hubs)
        self.manner = manner
        self.opened: dict[str, int] = {}
        self.known: frozenset[str] = frozenset()
        self.began_s = 0.0

    def open(self) -> None:
        """Everything, with two idle EVSEs that the hubs have heard of."""
        manner = self.manner
        self.start_station()
        for hub in self.hubs:
            self.start_hub(hub, *_cards(hub))
            keys = {"timeout_s": 3.0, **(hub.protocol.list_keys if manner.lists else {}), **manner.hub}
            hub.table += toml(keys) + "\n"
        tables = manner.tables.format(folder=self.folder)
        evses = {evse: {"stale_after_ms": STALE_MS, **manner.evses.get(evse, {})} for evse in EVSES}
        door = self.door() if manner.door or manner.lists else ""
        # A key behind a table's head belongs to that table.
        self.configure(evses, reads_for=manner.reads_for, tables=tables + door)
        self._own_cards()
        self.truth()
        self.start_agent(program=manner.program)
        until(lambda: all(self.last_status(evse) == "Available" for evse in EVSES), "two idle EVSEs at the hubs")
        if manner.lists:
            self._lists()

    def _lists(self) -> None:
        """Of some hubs it is pulled, others post it."""
        for hub in self.hubs:
            if "cards_posted" in hub.protocol.words:
                hub.asks("cards_posted", uids=list(CARDS))
            until((self.folder / f"cards-{hub.name}.list").exists, f"{hub.name}'s list of cards")

    def _own_cards(self) -> None:
        file = self.folder / "own.cards"
        if "own.cards" in self.manner.tables:
            words = [sys.executable, "-m", "roampost", "cards", "hash", "--config", str(self.config)]
            made = subprocess.run(words, input=f"{OWN_CARD}\n", check=True, capture_output=True, text=True)
            file.write_text(made.stdout)

    def begin_walk(self, lead: str) -> None:
        self.hub = self.at(lead)
        for hub in self.hubs:
            for uid in CARDS:
                hub.card(uid, "known" if hub is self.hub else "unknown")
        self.opened = {hub.name: len(hub.sessions()) for hub in self.hubs}
        self.known = frozenset(row[0] for row in self.rows("select session_id from session"))
        self.began_s = time.monotonic()

    def power_cut(self) -> None:
        assert self.agent is not None
        self.agent.kill()

    def restart(self) -> None:
        """After the agent has gone."""
        self.start_agent(program=self.manner.program)

    @property
    def log(self) -> str:
        """What the running agent has said."""
        assert self.agent is not None
        return self.agent.said()

    @property
    def resting(self) -> bool:
        """Nothing plugged in, no session, nothing to tell."""
        if self.agent is None or not self.agent.running:
            return False
        idle = all(self.state(evse) == "available" for evse in EVSES)
        return idle and not self.truth_of_cars() and at_rest(self) and not any(hub.faults for hub in self.hubs)

    def truth_of_cars(self) -> list[str]:
        return [name for name, evse in self.truth()["evses"].items() if evse["car"] is not None]

    # -- what people and cars do --------------------------------------------------------------------------------

    def plug(self, evse: str, **car: object) -> None:
        """Waits until the agent has seen it; nobody has been authorized yet."""
        self.tell("plug", evse=evse, **(car or {"car": "city"}))
        self.reaches(evse, "plugged")

    def unplug(self, evse: str) -> None:
        self.tell("unplug", evse=evse)

    def tap(self, uid: str, for_s: float = 1.0) -> None:
        """Shows a card, which the reader has forgotten since it was there last; waits until it is taken away."""
        last_s = max((float(one["t"]) for one in self.record("card_taken", uid=uid)), default=0.0)
        until(lambda: self.truth()["t"] > last_s + CARD_QUIET_S, "the reader to have forgotten the card")
        self.tell("hold_card", reader="front", uid=uid, for_s=for_s)
        until(lambda: len(self.record("card_taken")) == len(self.record("card_held")), "the card to be taken away")

    def reaches(self, evse: str, state: str) -> None:
        until(lambda: self.state(evse) == state, f"EVSE {evse} to be {state}")

    def flows(self, evse: str, at_least_wh: float = 2.0) -> None:
        """So much more energy goes through the meter, and the hub knows of the start."""
        began_wh = self.register_wh(evse)
        until(lambda: self.register_wh(evse) >= began_wh + at_least_wh, f"energy at EVSE {evse}")

    def register_wh(self, evse: str) -> float:
        return float(self.truth()["evses"][evse]["register_wh"])

    def sessions(self, hub: Hub | None = None) -> list[Entry]:
        """This walk's sessions at the leading hub, in the order in which it opened them."""
        of = hub or self.hub
        return of.sessions()[self.opened[of.name] :]

    def session(self) -> str:
        """Under which ID the leading hub knows the walk's only session; some hear of one by its first message."""
        (held,) = until(self.sessions, "the session at the hub")
        return str(held["session_id"])

    def heard(self, hub: Hub | None = None, **having: object) -> list[Entry]:
        """What the leading hub has heard in this walk."""
        return [one for one in (hub or self.hub).heard(**having) if one["t"] >= self.began_s]

    def asks(self, do: str, expected: str = "done", *, evse: str = "1", **words: Any) -> Entry:
        """What the leading hub asks of the operator."""
        return self.hub.asks(do, expected, evse=evse_id(evse), **words)


def at_rest(field: Field) -> bool:
    """Whether every session is closed and nothing waits in the outbox; seen at one moment."""
    return field.rows(OPEN_OR_WAITING) == [(0,)]


def _cards(hub: Hub) -> list[str]:
    """The words that tell a hub of all cards; where cards are mapped to contracts, two are of one driver."""
    contract = f"=DE-8EO-C{CARD[-8:]}-X" if hub.protocol.maps_cards else ""
    return ["--card", CARD + contract, "--card", SECOND_CARD + contract, "--card", OTHER_CARD]


class Sites:
    """All of one manner and the same hubs; at most one runs."""

    def __init__(self, folder: Path, certificates: Path, manner: Manner, hubs: Sequence[str]) -> None:
        self._folder = folder
        self._certificates = certificates
        self._manner = manner
        self._hubs = hubs
        self._numbers = count(1)
        self._site: Site | None = None

    def take(self, lead: str) -> Site:
        if self._site is None:
            folder = self._folder / f"site-{next(self._numbers)}"
            folder.mkdir()
            self._site = Site(folder, self._certificates, self._manner, self._hubs)
            self._site.open()
        self._site.begin_walk(lead)
        return self._site

    def give_back(self, *, well: bool) -> None:
        if self._site is not None and not (well and self._rests(self._site)):
            self.end()

    def _rests(self, site: Site) -> bool:
        """The last status may still be on its way."""
        try:
            return until(lambda: site.resting, "nothing to go on", REST_S)
        except AssertionError:
            return False

    def end(self) -> None:
        if self._site is not None:
            self._site.end()
            self._site = None
