"""Permission to charge: it follows its commit, a clean stop takes it back, a power cut neither loses nor doubles it."""

import signal
from pathlib import Path

import pytest

from tests.system.agentfile import CHARGER_POLL_S, LIMIT_MA
from tests.system.bounds import MACHINE_S, TRANSACTION_S
from tests.system.field import Entry, Field, stays
from tests.system.processes import until
from tests.system.suite import ANY_HUB

pytestmark = [pytest.mark.system, pytest.mark.timeout(90)]
SLOW = (str(Path(__file__).with_name("slow_disk_agent.py")),)
A_FEW_POLLS_S = 3 * CHARGER_POLL_S + MACHINE_S
# The hub thinks for so long that the disk can be stopped meanwhile; the test sees whether it was in time.
THINKS_MS = 2000
# The meter of EVSE 1 in station.toml, and half of the last place that is billed.
BEGAN_WH = 1_204_310
WH = 0.501


def record_of(field: Field) -> Entry:
    """The one charge detail record; waits for it."""
    until(lambda: field.hub.heard(what="cdr", taken=True), "the record at the hub")
    (record,) = field.hub.heard(what="cdr")
    return record


def assert_billed_by_the_register(field: Field) -> None:
    """To the watt-hour; the register itself has fractions of it."""
    record, end_wh = record_of(field), register_wh(field)
    assert record["energy_wh"] == pytest.approx(end_wh - BEGAN_WH, abs=2 * WH)
    # Not every protocol tells the register.
    assert record.get("meter_start_wh", BEGAN_WH) == pytest.approx(BEGAN_WH, abs=WH)
    assert record.get("meter_end_wh", end_wh) == pytest.approx(end_wh, abs=WH)
    assert [hub.violations for hub in field.hubs] == [[] for _ in field.hubs]


def register_wh(field: Field) -> float:
    return float(field.truth()["evses"]["1"]["register_wh"])


def energy_flows(field: Field) -> None:
    """Some more energy goes through the meter, so that there is something to lose."""
    seen_wh = register_wh(field)
    until(lambda: register_wh(field) > seen_wh + 1, "energy in the meter")


def test_nothing_is_permitted_before_its_session_is_on_the_disk(field: Field) -> None:
    gate = field.folder / "slow"
    field.begin(program=SLOW, SLOW_DISK=str(gate))
    field.hub.fault("slow", of="authorize", requests=1, delay_ms=THINKS_MS)
    field.tell("plug", evse="1", car="city")
    until(lambda: field.state("1") == "plugged", "EVSE 1 to see the plug")
    field.card()
    committed = "select state from evse where evse_id = 'DE*ABC*E1*1'"
    until(lambda: field.rows(committed) == [("asking_plugged",)], "the question on the disk")
    gate.touch()
    until(lambda: field.hub.heard(what="authorize", delivered=True), "the hub's yes")
    until(lambda: field.state("1") == "ready", "the yes in the agent's memory")
    assert field.rows(committed) == [("asking_plugged",)], "the disk was stopped too late for this test"
    stays(lambda: field.truth()["evses"]["1"]["set_point_ma"] == 0, A_FEW_POLLS_S, "permitted before the commit")
    gate.unlink()
    field.set_point("1", LIMIT_MA, after_s=0)


@ANY_HUB
def test_a_controller_that_charges_by_itself_is_forbidden_at_the_start(field: Field) -> None:
    field.start_station()
    field.start_hubs()
    field.tell("plug", evse="1", car="city")
    until(lambda: field.truth()["evses"]["1"]["power_w"] > 0, "the controller to charge on its own default")
    field.start_agent()
    field.set_point("1", 0, after_s=0)
    until(lambda: not field.truth()["evses"]["1"]["contactor_closed"], "the contactor to open")
    assert field.record("contactor_opened", evse="1")


@ANY_HUB
def test_a_clean_stop_forbids_and_reads_it_back(field: Field) -> None:
    agent = field.begin()
    field.charge()
    asked_s = field.truth()["t"]
    assert agent.end() == 0
    truth = field.truth()["evses"]["1"]
    assert (truth["set_point_ma"], truth["contactor_closed"]) == (0, False)
    zero_s = field.set_point("1", 0, after_s=asked_s)["t"]
    assert zero_s - asked_s < TRANSACTION_S + MACHINE_S
    field.start_agent()
    field.set_point("1", LIMIT_MA, after_s=zero_s)
    until(lambda: field.state("1") == "charging", "the session to go on")


def test_a_restart_leaves_the_permission_and_bills_once(field: Field) -> None:
    agent = field.begin()
    field.charge()
    asked_s = field.truth()["t"]
    agent.send(signal.SIGHUP)
    assert agent.wait() == 0
    field.start_agent()
    until(lambda: field.state("1") == "charging", "the session to go on")
    energy_flows(field)
    assert [one for one in field.record("set_point_written", evse="1") if one["t"] > asked_s] == []
    field.tell("unplug", evse="1")
    assert_billed_by_the_register(field)


def test_a_power_cut_in_mid_charge_loses_no_energy(field: Field) -> None:
    agent = field.begin()
    field.charge()
    agent.kill()
    energy_flows(field)
    field.start_agent()
    until(lambda: field.state("1") == "charging", "the session to go on")
    assert field.hub.heard(what="over") == []
    field.tell("unplug", evse="1")
    assert_billed_by_the_register(field)
    told = [one["what"] for one in field.hub.heard() if one["what"] not in ("status", "authorize")]
    assert told == field.hub.hears("start over cdr").split()


def test_a_plug_pulled_while_the_agent_was_dead_ends_the_session(field: Field) -> None:
    agent = field.begin()
    field.charge()
    agent.kill()
    energy_flows(field)
    field.tell("unplug", evse="1")
    field.start_agent()
    assert_billed_by_the_register(field)
    until(lambda: field.last_status("1") == "Available", "the EVSE to be free again")


@ANY_HUB
def test_a_controller_that_lost_its_set_point_ends_the_session(field: Field) -> None:
    agent = field.begin()
    field.charge()
    agent.kill()
    field.tell("power_cycle", evse="1")
    until(lambda: field.record("board_power_up", evse="1"), "the board to come back")
    back_s = field.happened("board_power_up", evse="1")
    field.start_agent()
    field.set_point("1", 0, after_s=back_s)
    until(lambda: field.state("1") == "finishing", "the session to be over")
    record_of(field)
    assert "restarted" in field.rows("select why from session")[0][0]


def test_a_yes_that_is_on_its_way_at_a_restart_is_heard(field: Field) -> None:
    agent = field.begin()
    field.hub.fault("slow", of="authorize", requests=1, delay_ms=THINKS_MS)
    field.tell("plug", evse="1", car="city")
    until(lambda: field.state("1") == "plugged", "EVSE 1 to see the plug")
    field.card()
    until(lambda: not field.hub.faults, "the question at the hub")
    agent.send(signal.SIGHUP)
    assert agent.wait() == 0
    assert field.rows("select state from session") == [("open",)]
    field.start_agent()
    until(lambda: field.state("1") == "charging", "EVSE 1 to charge")
