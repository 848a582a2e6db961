"""The agent dies in the middle of every kind of session: it goes on, or it is closed, and there is one record of it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.system.field import CARD
from tests.system.processes import until
from tests.system.settled import settled, the_only
from tests.system.sites import EVSES, Manner, Site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
HASTY = (str(Path(__file__).with_name("hasty_lists_agent.py")),)
MANNER = Manner(
    {"1": {"plug_wait_s": 60}},
    hub={"backoff_max_s": 10},
    reads_for=("1",),
    tables='[authorization]\nroaming_offline = "list"\n',
    lists=True,
    program=HASTY,
)
CHARGED = "start over cdr"


def by_card(site: Site) -> None:
    site.plug("1")
    site.tap(CARD)


def from_afar(site: Site) -> None:
    site.plug("2")
    site.asks("remote_start", evse="2")


def reserved_before(site: Site) -> None:
    """The charge of a reservation, under its session."""
    kept = site.asks("reserve", evse="2")
    site.plug("2")
    site.asks("remote_start", evse="2", session_id=kept["session_id"])


def without_the_hub(site: Site) -> None:
    site.hub.fault("refuse")
    by_card(site)


# At EVSE 1 the one, at EVSE 2 the other.
TWO_KINDS = pytest.mark.parametrize(
    "begin",
    [
        pytest.param((by_card, from_afar), id="by card and from afar"),
        pytest.param((reserved_before, without_the_hub), id="reserved before and without the hub"),
    ],
)


def cut_in_mid_charge(site: Site, begin: Iterable[Callable[[Site], None]]) -> None:
    for one in begin:
        one(site)
    for evse in EVSES:
        site.reaches(evse, "charging")
        site.flows(evse)
    until(lambda: not site.rows("select 1 from outbox where state = 'sending'"), "nothing to be on its way")
    site.power_cut()
    for evse in EVSES:
        site.flows(evse)


def assert_each_charged_once(site: Site) -> None:
    assert [one.types for one in settled(site)] == [site.hub.hears(CHARGED)] * 2
    for evse in EVSES:
        free_again(site, evse)


def free_again(site: Site, evse: str) -> None:
    until(lambda: site.last_status(evse) == "Available", f"EVSE {evse} to be free again")


@TWO_KINDS
def test_a_charge_goes_on_after_a_power_cut(site: Site, begin: Iterable[Callable[[Site], None]]) -> None:
    cut_in_mid_charge(site, begin)
    site.restart()
    site.hub.clear()
    for evse in EVSES:
        site.reaches(evse, "charging")
        site.flows(evse)
        site.unplug(evse)
    assert_each_charged_once(site)


@TWO_KINDS
def test_a_charge_whose_car_left_meanwhile_is_closed(site: Site, begin: Iterable[Callable[[Site], None]]) -> None:
    cut_in_mid_charge(site, begin)
    for evse in EVSES:
        site.unplug(evse)
    site.restart()
    site.hub.clear()
    assert_each_charged_once(site)


def test_a_session_that_waits_for_its_plug_is_closed_by_a_power_cut(site: Site) -> None:
    site.tap(CARD)
    site.reaches("1", "awaiting_plug")
    site.power_cut()
    site.restart()
    assert the_only(site).types == site.hub.hears("over")
    free_again(site, "1")


def test_a_reservation_outlives_a_power_cut(site: Site) -> None:
    site.asks("reserve")
    until(lambda: site.last_status("1") == "Reserved", "the reservation at the hubs")
    site.power_cut()
    site.restart()
    site.reaches("1", "available")
    assert site.last_status("1") == "Reserved"
    site.plug("1")
    site.asks("remote_start")
    site.reaches("1", "charging")
    site.flows("1")
    site.unplug("1")
    free_again(site, "1")
    *kept, charge = settled(site)
    assert [one.types for one in kept] == site.hub.hears("kept").split()
    assert (charge.types, charge.energy_wh >= 1) == (site.hub.hears(CHARGED), True)


@pytest.mark.parametrize("leaves", [False, True], ids=["stays", "leaves"])
def test_a_record_that_the_agent_died_over_is_told_once(site: Site, leaves: bool) -> None:
    by_card(site)
    site.reaches("1", "charging")
    site.flows("1")
    until(lambda: site.heard(what="start"), "the start at the hub")
    site.hub.fault("hang", of="cdr")
    if leaves:
        site.unplug("1")
    else:
        site.tap(CARD)
    until(lambda: site.rows("select 1 from outbox where kind = 'cdr' and state = 'sending'"), "the record on its way")
    site.power_cut()
    site.hub.clear()
    site.restart()
    assert the_only(site).types == site.hub.hears(CHARGED)
    if not leaves:
        site.unplug("1")
    free_again(site, "1")
