"""What holds at the end of every walk: the hub's sessions against the station's record of truth.

Each session at the hub is closed, by exactly one record or by End where none is owed; its messages came in order and
spaced; its meter values are what the meter's register showed when its energy began and when it had ended.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pytest

from tests.system.field import Entry
from tests.system.processes import until
from tests.system.sites import Site, at_rest

# The whole life of a session at the hub: charged, charged nothing, or reserved only.
ORDERS = {
    "charged": r"Start( Progress)* End CDR",
    "no energy, but a record": r"End CDR",
    "no energy": r"End",
    "reserved": r"CDR",
}
MESSAGES = ("ChargingNotifications", "ChargeDetailRecord")
PROGRESS_EVERY_S = 300.0
# Half of the last place that is billed; the register itself has fractions of a watt-hour.
WH = 0.501
# Two clocks' milliseconds, rounded.
ROUNDED_S = 0.01


@dataclass(frozen=True, slots=True)
class Account:
    """A session at the hub (`held`), what the hub took of it in its order, and the agent's own row (None: none)."""

    held: Entry
    told: list[Entry]
    why: str | None
    body: Entry = field(default_factory=dict)

    @property
    def types(self) -> str:
        names = [str(one.get("Type", "CDR")) for one in self.told]
        return " ".join(name for name in names if name != "Error")

    @property
    def record(self) -> Entry | None:
        return next((one for one in self.told if "Type" not in one), None)

    @property
    def energy_wh(self) -> int:
        assert self.record is not None
        energy_kwh: float = self.record["ConsumedEnergy"]
        return round(energy_kwh * 1000)


def settled(site: Site) -> list[Account]:
    """Waits until the agent has nothing to do any more, and holds everything against the truth."""
    until(lambda: at_rest(site), "every session to be closed and told")
    violations = site.hub(ask="violations")["violations"]
    assert violations == []
    found = [_account(site, held) for held in site.sessions()]
    for one in found:
        _check(site, one)
    return found


def the_only(site: Site) -> Account:
    """The account of a walk that had one session at the hub."""
    (one,) = settled(site)
    return one


def unowed(site: Site) -> Account:
    """The walk's only session, of which no hub has heard: what the agent keeps of it, held against the register."""
    until(lambda: at_rest(site), "the session to be closed")
    assert site.sessions() == []
    rows = site.rows("select session_id, why, body from session where hub is null and state = 'closed'")
    ((why, text),) = [(why, text) for session_id, why, text in rows if session_id not in site.known]
    body = json.loads(text)
    for register, moment in (("meter_start_wh", "authorized"), ("meter_last_wh", "ended")):
        shown_wh = _register_wh(site, body["evse_id"].rpartition("*")[2], body[moment]["mono_ms"])
        assert body[register] == pytest.approx(shown_wh, abs=WH)
    return Account({}, [], why, body)


def _account(site: Site, held: Entry) -> Account:
    answered = site.told(SessionID=held["session_id"], delivered=True)
    taken = [one for one in answered if one["operation"] in MESSAGES]
    assert {one["code"] for one in taken} == {"000"}
    partner = held["partner_id"]
    rows = site.rows(f"select why, body, state from session where session_id = '{partner}'")
    why, body, state = rows[0] if rows else (None, "{}", "closed")
    assert state == "closed"
    return Account(held, taken, why, json.loads(body))


def _check(site: Site, one: Account) -> None:
    assert any(re.fullmatch(order, one.types) for order in ORDERS.values()), one.types
    records = [entry for entry in one.told if entry["operation"] == "ChargeDetailRecord"]
    assert len(records) == one.types.count("CDR") <= 1
    assert one.held["cdr"] == bool(records)
    _spaced(one)
    _ours(one)
    if records and one.body:
        _metered(site, one, records[0])
    elif records:
        assert one.held["kind"] == "reservation"
        assert records[0]["ConsumedEnergy"] == 0
    elif one.body:
        assert "no charge detail record is owed" in (one.why or "")


def _ours(one: Account) -> None:
    """Our own session ID was told first and is in every message."""
    assert {entry.get("CPOPartnerSessionID") for entry in one.told} == {one.held["partner_id"]}


def _spaced(one: Account) -> None:
    came = [entry for entry in one.told if entry.get("Type") == "Progress"]
    for earlier, later in pairwise(came):
        assert later["t"] - earlier["t"] >= PROGRESS_EVERY_S
        assert later["ConsumedEnergyProgress"] >= earlier["ConsumedEnergyProgress"]


def _metered(site: Site, one: Account, record: Entry) -> None:
    evse = str(record["EvseID"]).rpartition("*")[2]
    begin_wh = _register_wh(site, evse, one.body["authorized"]["mono_ms"])
    end_wh = _register_wh(site, evse, one.body["ended"]["mono_ms"])
    assert record["MeterValueStart"] * 1000 == pytest.approx(begin_wh, abs=WH)
    assert record["MeterValueEnd"] * 1000 == pytest.approx(end_wh, abs=WH)
    assert one.energy_wh == round((record["MeterValueEnd"] - record["MeterValueStart"]) * 1000)
    for entry in one.told:
        assert entry.get("MeterValueStart", record["MeterValueStart"]) == record["MeterValueStart"]
        assert entry.get("MeterValueEnd", 0) <= record["MeterValueEnd"]
    moments = [datetime.fromisoformat(record[name]) for name in ("SessionStart", "ChargingStart", "ChargingEnd")]
    assert moments == sorted(moments)


def _register_wh(site: Site, evse: str, after_ms: int) -> float:
    """What the register showed while nothing flowed: until the contactor closed first after this moment."""
    closings = [one for one in site.record("contactor_closed", evse=evse) if one["t"] > after_ms / 1000 - ROUNDED_S]
    return float(closings[0]["register_wh"]) if closings else site.register_wh(evse)
