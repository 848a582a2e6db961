"""Whatever the hub does, nothing that is billed is lost, doubled or reordered, and the trouble is told in words."""

import signal

import pytest

from tests.system.agentfile import LIMIT_MA
from tests.system.field import Field, evse_id
from tests.system.processes import until
from tests.system.suite import ANY_HUB

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
PAUSE_S = 2
MESSAGES = ("start", "progress", "end", "over", "cdr")
CDR_ROW = "select state, attempts, last_code, last_http_status from outbox where kind = 'cdr'"


def session_ends(field: Field) -> None:
    field.tell("unplug", evse="1")
    until(lambda: field.rows("select 1 from outbox where kind = 'cdr'"), "the record in the outbox")


def taken(field: Field) -> str:
    """What the hub took of the session, in its order."""
    return " ".join(one["what"] for one in field.hub.heard(taken=True) if one["what"] in MESSAGES)


def delivered(field: Field) -> bool:
    return [row[0] for row in field.rows(CDR_ROW)] == ["delivered"]


def assert_told_once_and_in_order(field: Field) -> None:
    until(lambda: delivered(field), "the record to be delivered")
    assert taken(field) == field.hub.hears("start over cdr")
    for hub in field.hubs:
        assert hub.violations == []
        assert hub is field.hub or {one["what"] for one in hub.heard()} == {"status", "authorize"}


def test_a_hub_that_is_down_at_the_start_hears_the_newest_state_when_it_is_back(field: Field) -> None:
    field.start_station()
    field.start_hubs()
    field.hub.fault("refuse")
    field.start_agent()
    until(lambda: field.state("1") == "available", "EVSE 1 to be read")
    field.tell("plug", evse="1", car="city")
    until(lambda: field.state("1") == "plugged", "EVSE 1 to see the plug")
    unreachable = f"hub {field.hub.name} cannot be reached; what it has to hear waits in the outbox"
    until(lambda: unreachable in (field.status() or {"alarms": ()})["alarms"], "the alarm")
    assert field.hub.heard() == []
    field.hub.clear()
    until(lambda: field.last_status("1") and field.last_status("2"), "both EVSEs at the hubs")
    assert [one["status"] for one in field.statuses("1")] == ["Occupied"]
    assert [one["status"] for one in field.statuses("2")] == ["Available"]


def test_a_session_that_ends_while_the_hub_hangs_survives_a_power_cut(field: Field) -> None:
    agent = field.begin()
    field.charge()
    field.hub.fault("hang")
    session_ends(field)
    agent.kill()
    field.start_agent()
    assert taken(field) == "start"
    field.hub.clear()
    assert_told_once_and_in_order(field)


def test_a_clean_restart_in_an_outage_keeps_the_order(field: Field) -> None:
    agent = field.begin()
    field.charge()
    field.hub.fault("reset")
    session_ends(field)
    agent.send(signal.SIGHUP)
    assert agent.wait() == 0
    field.start_agent()
    field.hub.clear()
    assert_told_once_and_in_order(field)


def test_a_hub_that_wants_a_pause_gets_it(field: Field) -> None:
    field.begin()
    field.hub.fault("http_429", requests=1, retry_after_s=PAUSE_S)
    field.tell("plug", evse="1", car="city")
    until(lambda: field.last_status("1") == "Occupied", "the status at the hub")
    refused_s = next(one["t"] for one in field.hub.heard(http_status=429))
    following = [one["t"] - refused_s for one in field.hub.heard() if one["t"] > refused_s]
    # Both ends round to milliseconds.
    assert min(following) > PAUSE_S - 0.01


def test_a_lane_that_is_refused_waits_for_a_person_and_the_others_go_on(field: Field) -> None:
    field.begin()
    field.hub.fault("http_403", of="status")
    field.charge()
    session_ends(field)
    assert_told_once_and_in_order(field)
    assert field.statuses("1")[-1]["status"] == "Available", "nothing since the start"
    held = "select seq, last_http_status from outbox where kind = 'status' and state = 'held'"
    (seq, status), *others = until(lambda: field.rows(held), "the status to be held")
    assert (status, others) == (403, [])
    report = field.status() or {}
    assert [one["state"] for one in report["waiting"] if one["kind"] == "status"] == ["held"]
    alarm = f"hub {field.hub.name}: messages that wait for a person: 1; WHY they are held says what to do"
    assert alarm in report["alarms"]
    field.hub.clear()
    before = len(field.statuses("1"))
    field.hand("outbox.requeue", seq=seq)
    until(lambda: len(field.statuses("1")) > before, "the status after the requeue")


def test_a_record_whose_answer_was_lost_is_told_again_and_taken_once(field: Field) -> None:
    field.begin()
    field.charge()
    field.hub.fault("reset_after", of="cdr", requests=1)
    session_ends(field)
    until(lambda: field.rows(CDR_ROW)[0][0] not in ("queued", "sending"), "a verdict on the record")
    state, code = field.hub.protocol.told_again
    assert field.rows(CDR_ROW) == [(state, 2, code, 200)]
    records = field.hub.heard(what="cdr")
    assert [(one["delivered"], one["code"]) for one in records] == [(False, None), (True, code)]


@ANY_HUB
def test_a_second_agent_is_refused_and_the_first_goes_on_charging(field: Field) -> None:
    first = field.begin()
    field.charge()
    second = field.another_agent()
    assert second.wait() == 1
    expected = f"{field.database} is in use by another roampost (pid {first.pid}); stop it first"
    assert second.said().splitlines() == [expected]
    assert field.truth()["evses"]["1"]["set_point_ma"] == LIMIT_MA
    assert field.evse("1")["evse_id"] == evse_id("1")


@ANY_HUB
def test_a_database_of_a_newer_version_is_refused_in_words(field: Field) -> None:
    field.start_hubs()
    field.write_database("pragma user_version = 99")
    agent = field.another_agent()
    assert agent.wait() == 1
    (sentence,) = agent.said().splitlines()
    assert sentence.startswith(f"{field.database} has schema 99 and this Roampost knows ")


@ANY_HUB
def test_a_wrong_configuration_tells_every_mistake_and_touches_nothing(field: Field) -> None:
    field.start_hubs()
    text = field.config.read_text().replace('charger = "c2"', 'charger = "c3"').replace("unit = 21", "unit = 0")
    field.config.write_text(text.replace('kind = "oicp"', 'kind = "oicp"\npassword = "x"'))
    agent = field.another_agent()
    assert agent.wait() == 2
    said = agent.said()
    for mistake in ("devices.io.unit", f"hubs.{field.hub.name}"):
        assert mistake in said
    assert "Traceback" not in said
    assert not field.database.exists()
