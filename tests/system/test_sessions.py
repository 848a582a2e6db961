"""A session's ways to its end, each walked with real processes: one reader for both EVSEs, a card, a car.

EVSE 1 is configured as most are. At EVSE 2 the hub hears soon that a car is full, and wants a record of nothing too.
"""

import pytest

from tests.system.bounds import CARD_QUIET_S
from tests.system.field import CARD
from tests.system.processes import until
from tests.system.settled import settled, the_only
from tests.system.sites import OTHER_CARD, SECOND_CARD, Manner, Site
from tests.system.suite import OICP_HUB

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
MANNER = Manner({"2": {"idle_end_s": 2, "penalty_after_s": 1, "zero_energy": "cdr"}}, hub={"timeout_s": 10}, door=True)
CHARGED = "start over cdr"
# At 7.36 kW it is full in two or three seconds.
A_FEW_WH = 5
# The reader takes the second card two seconds after the first: the hub thinks that long about the first.
BOTH_ASKED_MS = 2500


def begin(site: Site, evse: str = "1", uid: str = CARD, **car: object) -> None:
    """Plug first, then the card; energy flows."""
    site.plug(evse, **car)
    site.tap(uid)
    site.reaches(evse, "charging")
    site.flows(evse)


def leave(site: Site, *evses: str) -> None:
    for evse in evses or ("1",):
        site.unplug(evse)
        site.reaches(evse, "available")


def test_plug_first_and_unplugged_at_the_end(site: Site) -> None:
    begin(site)
    leave(site)
    account = the_only(site)
    assert account.types == site.hub.hears(CHARGED)
    assert account.energy_wh >= 1


def test_the_card_that_began_it_stops_it(site: Site) -> None:
    begin(site)
    site.tap(CARD)
    site.reaches("1", "finishing")
    account = the_only(site)
    assert (account.types, account.why) == (site.hub.hears(CHARGED), "stopped by card")
    assert site.heard(what="authorize_stop") == []
    leave(site)


@OICP_HUB
def test_a_card_that_the_hub_named_stops_it_without_a_question(site: Site) -> None:
    """OICP alone names them."""
    oicp = site.at("oicp")
    site.begin_walk("oicp")
    oicp.say(do="stop_cards", uid=CARD, others=[SECOND_CARD])
    begin(site)
    site.tap(SECOND_CARD)
    site.reaches("1", "finishing")
    account = the_only(site)
    assert (account.types, account.why) == (site.hub.hears(CHARGED), "stopped by card")
    assert site.heard(what="authorize_stop") == []
    leave(site)
    oicp.say(do="stop_cards", uid=CARD, others=[])


def test_a_fault_ends_it(site: Site) -> None:
    begin(site)
    site.tell("trip", contact="rcd-1")
    site.reaches("1", "faulted")
    account = the_only(site)
    assert account.types == site.hub.hears(CHARGED)
    told = [one["error"] for one in account.told if one["what"] == "error"]
    assert told == ["CriticalError"] * len(site.hub.hears("error").split())
    until(lambda: site.last_status("1") == "OutOfService", "the status at the hub")
    site.tell("reset", contact="rcd-1")
    until(lambda: site.state("1") == "plugged", "the fault to be over")
    leave(site)


def test_its_provider_stops_it_from_afar(site: Site) -> None:
    begin(site)
    session_id = site.session()
    site.asks("remote_stop", session_id=session_id)
    account = the_only(site)
    assert (account.types, account.why) == (site.hub.hears(CHARGED), "stopped by the provider from afar")
    assert site.state("1") == "finishing"
    # The same question again has the same answer.
    site.asks("remote_stop", session_id=session_id)
    leave(site)


def test_a_full_car_that_stays_is_told_as_the_end_and_billed_when_it_leaves(site: Site) -> None:
    site.plug("2", power_w=7360, wants_wh=A_FEW_WH)
    site.tap(CARD)
    until(lambda: site.record("car_full", evse="2"), "the car to be full")
    (end,) = until(lambda: site.heard(what="end"), "the end of energy at the hub")
    assert ("penalty" in end) == site.hub.protocol.has_penalties
    assert site.state("2") == "ready", "the session goes on while the car stays"
    assert not site.heard(what="cdr")
    leave(site, "2")
    account = the_only(site)
    assert (account.types, account.energy_wh) == ("start end cdr", A_FEW_WH)


def test_a_car_that_pauses_and_goes_on_has_one_start_and_one_record(site: Site) -> None:
    begin(site)
    site.tell("pause", evse="1")
    site.reaches("1", "ready")
    site.tell("resume", evse="1")
    site.reaches("1", "charging")
    site.flows("1")
    leave(site)
    assert the_only(site).types == site.hub.hears(CHARGED)


def no_energy(site: Site, evse: str) -> None:
    site.plug(evse)
    site.tell("pause", evse=evse)
    site.tap(CARD)
    site.reaches(evse, "ready")
    leave(site, evse)


def test_a_session_without_energy_ends_without_a_record_and_the_reason_stays(site: Site) -> None:
    no_energy(site, "1")
    account = the_only(site)
    assert account.types == site.hub.hears("over")
    assert account.why is not None
    assert account.why.endswith("; no energy, no charge detail record is owed")


def test_a_session_without_energy_has_a_record_of_nothing_where_the_operator_wants_it(site: Site) -> None:
    no_energy(site, "2")
    account = the_only(site)
    assert (account.types, account.energy_wh) == (site.hub.hears("over cdr"), 0)


def test_two_cards_at_once_begin_two_sessions(site: Site) -> None:
    site.plug("1")
    site.plug("2")
    site.hub.fault("slow", of="authorize", requests=1, delay_ms=BOTH_ASKED_MS)
    site.tap(CARD)
    site.tap(OTHER_CARD, for_s=CARD_QUIET_S + 0.6)
    for evse in ("1", "2"):
        site.reaches(evse, "charging")
        site.flows(evse)
    leave(site, "1", "2")
    accounts = settled(site)
    assert [one.types for one in accounts] == [site.hub.hears(CHARGED)] * 2
    # The vehicle that was plugged in last waits for the first card.
    assert {one.evse: one.body["uid"] for one in accounts} == {"2": CARD, "1": OTHER_CARD}


def test_a_card_at_the_common_reader_is_for_the_next_plug_and_stops_its_own_session(site: Site) -> None:
    site.tap(CARD)
    assert site.sessions() == [], "nobody knows yet at which EVSE"
    site.tell("plug", evse="2", car="city")
    site.reaches("2", "charging")
    begin(site, "1", OTHER_CARD)
    site.flows("2")
    site.tap(CARD)
    site.reaches("2", "finishing")
    assert site.state("1") == "charging"
    leave(site, "1", "2")
    accounts = settled(site)
    assert [one.evse for one in accounts] == ["2", "1"]
    assert [one.types for one in accounts] == [site.hub.hears(CHARGED)] * 2
