"""Who begins a session, and what becomes of a yes that nobody needs: EVSE 1 with its own reader, EVSE 2 free to all."""

import pytest

from tests.system.field import CARD
from tests.system.processes import until
from tests.system.settled import settled, the_only, unowed
from tests.system.sites import SECOND_CARD, Manner, Site

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
PLUG_WAIT_S = 10
# Longer than a person is left waiting (`site.asker`), within the client's own time-out.
TOO_LATE_MS, HUB_TIMEOUT_S = 11_500, 30
MANNER = Manner(
    {"1": {"plug_wait_s": PLUG_WAIT_S}, "2": {"authorization": "free"}},
    hub={"timeout_s": HUB_TIMEOUT_S},
    reads_for=("1",),
)
CHARGED = "start over cdr"
LATE = "select reason from audit where what = 'late_authorization'"


def leave(site: Site, evse: str = "1") -> None:
    site.unplug(evse)
    site.reaches(evse, "available")


def test_card_first_then_the_plug(site: Site) -> None:
    site.tap(CARD)
    site.reaches("1", "awaiting_plug")
    site.tell("plug", evse="1", car="city")
    site.reaches("1", "charging")
    site.flows("1")
    leave(site)
    assert the_only(site).types == site.hub.hears(CHARGED)


def test_a_card_without_a_plug_is_closed_at_the_hub_in_time(site: Site) -> None:
    site.tap(CARD)
    site.reaches("1", "awaiting_plug")
    site.reaches("1", "available")
    account = the_only(site)
    assert account.types == site.hub.hears("over")
    assert account.why == "authorized, but nobody plugged in; no energy, no charge detail record is owed"
    assert account.body["ended"]["mono_ms"] - account.body["authorized"]["mono_ms"] >= PLUG_WAIT_S * 1000


def test_a_card_that_only_the_hub_knows_to_belong_to_it_stops_it_after_a_question(site: Site) -> None:
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "charging")
    site.flows("1")
    if not site.hub.protocol.maps_cards:
        site.hub.say(do="stop_cards", uid=CARD, others=[SECOND_CARD])
    site.tap(SECOND_CARD)
    site.reaches("1", "finishing")
    account = the_only(site)
    expected = (site.hub.hears(CHARGED), "stopped by another card that the hub allows")
    assert (account.types, account.why) == expected
    asked = site.heard(what=site.hub.protocol.stop_question)[-1]
    assert (asked["code"], asked["user"][-2:]) == ("000", SECOND_CARD[-2:])
    leave(site)
    if not site.hub.protocol.maps_cards:
        site.hub.say(do="stop_cards", uid=CARD, others=[])


def closed_late(site: Site, before: int) -> None:
    """A yes that nobody here ever used is closed in its hub's way; why is in the audit, where `before` were so many."""
    until(lambda: len(site.rows(LATE)) > before, "the late yes")
    found = settled(site)
    assert [(one.types, one.body) for one in found] == [(word, {}) for word in site.hub.hears("over").split()]
    ((reason,),) = site.rows(LATE)[before:]
    assert reason.startswith(site.hub.name)
    assert all(one.session_id in reason for one in found)


def test_a_yes_to_somebody_who_has_gone_is_closed_at_the_hub(site: Site) -> None:
    before = len(site.rows(LATE))
    site.hub.fault("slow", of="authorize", requests=1, delay_ms=4000)
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "asking_plugged")
    leave(site)
    closed_late(site, before)


def test_a_yes_that_comes_after_the_person_was_told_no_is_closed_at_the_hub(site: Site) -> None:
    before = len(site.rows(LATE))
    site.hub.fault("slow", of="authorize", requests=1, delay_ms=TOO_LATE_MS)
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "asking_plugged")
    site.reaches("1", "plugged")
    closed_late(site, before)
    assert site.state("1") == "plugged"
    assert not site.truth()["evses"]["1"]["contactor_closed"]
    leave(site)


def test_a_free_charge_is_told_to_no_hub_and_its_reason_is_kept(site: Site) -> None:
    site.tell("plug", evse="2", car="city")
    site.reaches("2", "charging")
    site.flows("2")
    until(lambda: site.last_status("2") == "Occupied", "the status at the hubs")
    leave(site, "2")
    until(lambda: site.last_status("2") == "Available", "the status at the hubs")
    account = unowed(site)
    assert account.why == "no vehicle; charging is free here, no hub is owed a record"
    assert account.body["decided_by"] == "free"
    assert account.body["meter_last_wh"] > account.body["meter_start_wh"]
    assert {one.get("what") for hub in site.hubs for one in site.heard(hub)} == {"status"}
