"""Starts, stops and reservations from afar, over the hubs' real calls to the agent's real door.

EVSE 1 is started only where a car is connected, EVSE 2 waits for one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.system.field import CARD, Entry, evse_id
from tests.system.processes import until
from tests.system.settled import settled, the_only
from tests.system.sites import Manner, Site

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
# Blind for so long before it counts as out of service.
GRACE_S = 60
PROGRESS_S = 10
MANNER = Manner(
    {"1": {"grace_s": GRACE_S}, "2": {"remote_start": "waits", "plug_wait_s": 10}},
    hub={"progress_first_s": PROGRESS_S},
    reads_for=("1",),
    door=True,
)
CHARGED = "start over cdr"
STRANGER = "DE-8EO-C99999999-X"


def start(site: Site, expected: str = "done", **more: Any) -> Entry:
    return site.asks("remote_start", expected, **more)


def reserve(site: Site, expected: str = "done", **more: Any) -> Entry:
    return site.asks("reserve", expected, **more)


def charge_and_leave(site: Site, evse: str = "1") -> None:
    site.reaches(evse, "charging")
    site.flows(evse)
    site.unplug(evse)
    site.reaches(evse, "available")


def status_is(site: Site, evse: str, status: str) -> None:
    until(lambda: site.last_status(evse) == status, f"{status} of EVSE {evse} at the hub")


def test_a_start_from_afar_charges_the_car_that_is_there(site: Site) -> None:
    site.plug("1")
    start(site)
    charge_and_leave(site)
    account = the_only(site)
    assert (account.types, account.body["decided_by"]) == (site.hub.hears(CHARGED), "provider")
    assert account.held is not None
    assert account.held["kind"] == "remote"


def test_the_same_start_again_has_the_same_answer_and_begins_nothing(site: Site) -> None:
    site.plug("1")
    first = start(site)
    again = start(site, again=first)
    site.reaches("1", "charging")
    later = start(site, again=first)
    assert first["body"] == again["body"] == later["body"]
    charge_and_leave(site)
    start(site, "over", again=first)
    assert the_only(site).types == site.hub.hears(CHARGED)
    assert site.state("1") == "available"


def test_a_start_without_a_car_is_refused(site: Site) -> None:
    start(site, "no_vehicle")
    assert settled(site) == []


def test_a_start_without_a_car_waits_for_one_where_it_may(site: Site) -> None:
    start(site, "waits", evse="2")
    site.reaches("2", "awaiting_plug")
    site.tell("plug", evse="2", car="city")
    charge_and_leave(site, "2")
    assert the_only(site).types == site.hub.hears(CHARGED)


def test_a_start_for_which_no_car_comes_is_closed_at_the_hub(site: Site) -> None:
    start(site, "waits", evse="2")
    site.reaches("2", "awaiting_plug")
    site.reaches("2", "available")
    assert the_only(site).types == site.hub.hears("over")


def test_a_start_where_another_one_charges_or_nobody_knows_the_evse_is_refused(site: Site) -> None:
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "charging")
    start(site, "in_use", contract=STRANGER)
    reserve(site, "in_use", contract=STRANGER)
    start(site, "unknown_evse", evse="9")
    reserve(site, "unknown_evse", evse="9")
    charge_and_leave(site)
    assert the_only(site).body["uid"] == CARD


@contextmanager
def disabled(site: Site) -> Iterator[None]:
    site.hand("evse.disable", evse_id=evse_id("1"), reason="painting")
    site.reaches("1", "disabled")
    yield
    site.hand("evse.enable", evse_id=evse_id("1"), reason="painted")


@contextmanager
def faulted(site: Site) -> Iterator[None]:
    site.tell("trip", contact="rcd-1")
    site.reaches("1", "faulted")
    yield
    site.tell("reset", contact="rcd-1")


@contextmanager
def silent(site: Site) -> Iterator[None]:
    site.tell("line_fault", line="rs485", fault="silent", unit=1)
    site.reaches("1", "unreadable")
    yield
    site.tell("line_fault", line="rs485", fault="silent", unit=1, on=False)


@pytest.mark.parametrize(
    ("trouble", "why"), [(disabled, "out_of_service"), (faulted, "out_of_service"), (silent, "unreachable")]
)
def test_an_evse_in_trouble_is_neither_started_nor_reserved(site: Site, trouble: object, why: str) -> None:
    assert callable(trouble)
    with trouble(site):
        start(site, why)
        reserve(site, why)
    site.reaches("1", "available")
    status_is(site, "1", "Available")
    assert settled(site) == []


def kept_and(site: Site, *types: str) -> list[str]:
    """A reservation before sessions of these lives: a hub may have no record of it."""
    return [*site.hub.hears("kept").split(), *(site.hub.hears(one) for one in types)]


def test_a_reservation_keeps_the_place_for_its_driver(site: Site) -> None:
    reserve(site)
    status_is(site, "1", "Reserved")
    start(site, "reserved", contract=STRANGER)
    reserve(site, "reserved", contract=STRANGER)
    site.tap(CARD)
    until(lambda: "card ignored, reserved for another driver" in site.log, "the card to be turned away")
    assert [site.heard(hub, what="authorize") for hub in site.hubs] == [[] for _ in site.hubs]
    site.plug("1")
    start(site)
    charge_and_leave(site)
    assert [one.types for one in settled(site)] == kept_and(site, CHARGED)
    status_is(site, "1", "Available")


def test_a_charge_under_the_session_of_its_reservation_has_one_record(site: Site) -> None:
    kept = reserve(site)
    site.plug("1")
    start(site, session_id=kept["session_id"])
    charge_and_leave(site)
    account = the_only(site)
    assert account.types == site.hub.hears(CHARGED)
    assert account.energy_wh >= 1


def test_a_cancelled_reservation_frees_the_place(site: Site) -> None:
    kept = reserve(site)
    status_is(site, "1", "Reserved")
    site.asks("cancel_reservation", session_id=kept["session_id"])
    status_is(site, "1", "Available")
    accounts = settled(site)
    assert [one.types for one in accounts] == kept_and(site)
    assert [one.energy_wh for one in accounts] == [0] * len(accounts)
    site.asks("cancel_reservation", session_id=kept["session_id"])
    assert len(settled(site)) == len(accounts)


def test_a_charge_tells_how_it_goes_on_once_in_five_minutes(site: Site) -> None:
    site.plug("1")
    start(site)
    site.reaches("1", "charging")
    (progress,) = until(lambda: site.heard(what="progress"), "the progress at the hub")
    charge_and_leave(site)
    account = the_only(site)
    assert account.types == site.hub.hears("start progress over cdr")
    assert progress["t"] >= account.body["charging_start"]["mono_ms"] / 1000 + PROGRESS_S
