"""What holds at the end of every walk: the hubs' sessions against the station's record of truth.

Each session is closed at its hub, by exactly one record, or where none is owed in the hub's own way; its messages came
in order and spaced; its energy is what the meter's register showed when it began and when it had ended. No other hub
has heard of it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pytest

from tests.system.field import Entry
from tests.system.hubs import Hub
from tests.system.processes import until
from tests.system.sites import Site, at_rest

MESSAGES = ("start", "progress", "end", "over", "error", "cdr")
PROGRESS_EVERY_S = 300.0
# Half of the last place that is billed; the register itself has fractions of a watt-hour.
WH = 0.501
# Two clocks' milliseconds, rounded.
ROUNDED_S = 0.01


@dataclass(frozen=True, slots=True)
class Account:
    """A session and a hub: what the hub holds of it (None: nothing), what it took of it in its order, and the agent's
    own row ({}: none)."""

    hub: Hub | None
    session_id: str
    held: Entry | None
    told: list[Entry]
    why: str | None
    body: Entry = field(default_factory=dict)

    @property
    def types(self) -> str:
        """In the words of `tests.system.protocols`."""
        names = [str(one["what"]) for one in self.told]
        if not self.body:
            names = ["kept" if name == "cdr" else name for name in names]
        return " ".join(name for name in names if name != "error")

    @property
    def record(self) -> Entry | None:
        return next((one for one in self.told if one["what"] == "cdr"), None)

    @property
    def energy_wh(self) -> int:
        assert self.record is not None
        energy_wh: int = self.record["energy_wh"]
        return energy_wh

    @property
    def evse(self) -> str:
        return str(self.body["evse_id"]).rpartition("*")[2]

    @property
    def began_ms(self) -> float:
        """Seen by the agent where it has a row, else by the hub."""
        opened_s = self.held["opened_t"] if self.held else 0.0
        return float(self.body["authorized"]["mono_ms"] if self.body else opened_s * 1000)


def settled(site: Site) -> list[Account]:
    """Waits until the agent has nothing to do any more, and holds everything against the truth. In the order in which
    the sessions began."""
    until(lambda: at_rest(site), "every session to be closed and told")
    assert {hub.name: hub.violations for hub in site.hubs} == {hub.name: [] for hub in site.hubs}
    found = [account for hub in site.hubs for account in _accounts(site, hub)]
    for one in found:
        _check(site, one)
    _nothing_else(site, found)
    return sorted(found, key=lambda one: one.began_ms)


def the_only(site: Site) -> Account:
    """The account of a walk that had one session at one hub."""
    (one,) = settled(site)
    assert one.hub is site.hub
    return one


def unowed(site: Site) -> Account:
    """The walk's only session, of which no hub has heard: what the agent keeps of it, held against the register."""
    until(lambda: at_rest(site), "the session to be closed")
    assert [site.sessions(hub) for hub in site.hubs] == [[] for _ in site.hubs]
    rows = site.rows("select session_id, why, body from session where hub is null and state = 'closed'")
    ((session_id, why, text),) = [row for row in rows if row[0] not in site.known]
    body = json.loads(text)
    _registered(site, body)
    return Account(None, session_id, None, [], why, body)


def _accounts(site: Site, hub: Hub) -> Iterator[Account]:
    """Of this walk: the sessions that the agent has of this hub, and those that the hub alone has."""
    held = {one["ours"]: one for one in site.sessions(hub)}
    rows = site.rows(f"select session_id, why, body, state from session where hub = '{hub.name}'")
    ours = {row[0]: row[1:] for row in rows if row[0] not in site.known or row[0] in held}
    for session_id in ours | held:
        why, body, state = ours.get(session_id, (None, "{}", "closed"))
        assert state == "closed"
        yield Account(hub, session_id, held.get(session_id), _taken(hub, held.get(session_id)), why, json.loads(body))


def _taken(hub: Hub, held: Entry | None) -> list[Entry]:
    if held is None:
        return []
    answered = hub.heard(hub_session=held["session_id"], delivered=True)
    taken = [one for one in answered if one["what"] in MESSAGES]
    assert {one["code"] for one in taken} <= {"000"}
    return taken


def _check(site: Site, one: Account) -> None:
    assert one.hub is not None
    assert any(re.fullmatch(life, one.types) for life in one.hub.protocol.lives), one.types
    records = [entry for entry in one.told if entry["what"] == "cdr"]
    assert len(records) <= 1
    assert one.held is None or one.held["cdr"] == bool(records)
    # Our own session ID was told first and is in every message.
    assert {entry.get("session") for entry in one.told} <= {one.session_id}
    _spaced(one)
    if records and one.body:
        _metered(site, one, records[0])
    elif records:
        assert one.held is not None
        assert one.held["kind"] == "reservation"
        assert one.energy_wh == 0
    elif one.body:
        assert "no charge detail record is owed" in (one.why or "")


def _nothing_else(site: Site, accounts: list[Account]) -> None:
    """A hub hears of no session but those that it has allowed, and of these what is in their accounts."""
    for hub in site.hubs:
        its_own = {one.session_id for one in accounts if one.hub is hub}
        told = {entry.get("session") for entry in site.heard(hub) if entry.get("what") in MESSAGES}
        assert told <= its_own, hub.name


def _spaced(one: Account) -> None:
    came = [entry for entry in one.told if entry["what"] == "progress"]
    for earlier, later in pairwise(came):
        assert later["t"] - earlier["t"] >= PROGRESS_EVERY_S
        assert later["energy_wh"] >= earlier["energy_wh"]


def _metered(site: Site, one: Account, record: Entry) -> None:
    """Some protocols tell the register too, others what went through it only."""
    begin_wh, end_wh = _registered(site, one.body)
    assert record["energy_wh"] == end_wh - begin_wh
    for entry in one.told:
        assert entry.get("meter_start_wh", begin_wh) == begin_wh
        assert entry.get("meter_end_wh", end_wh) <= end_wh
    assert record.get("meter_end_wh", end_wh) == end_wh
    names = ("session_start", "start", "end", "session_end")
    moments = [datetime.fromisoformat(record[name]) for name in names]
    assert moments == sorted(moments)


def _registered(site: Site, body: Entry) -> tuple[int, int]:
    """What the agent read when the session began and when it had ended: what the register showed then."""
    evse = body["evse_id"].rpartition("*")[2]
    for register, moment in (("meter_start_wh", "authorized"), ("meter_last_wh", "ended")):
        shown_wh = _register_wh(site, evse, body[moment]["mono_ms"])
        assert body[register] == pytest.approx(shown_wh, abs=WH)
    return body["meter_start_wh"], body["meter_last_wh"]


def _register_wh(site: Site, evse: str, after_ms: int) -> float:
    """What the register showed while nothing flowed: until the contactor closed first after this moment."""
    closings = [one for one in site.record("contactor_closed", evse=evse) if one["t"] > after_ms / 1000 - ROUNDED_S]
    return float(closings[0]["register_wh"]) if closings else site.register_wh(evse)
