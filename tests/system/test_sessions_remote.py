"""Starts, stops and reservations from afar, over the hub's real calls to the agent's real door.

EVSE 1 is started only where a car is connected, EVSE 2 waits for one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.system.field import CARD, Entry, evse_id
from tests.system.processes import until
from tests.system.settled import settled, the_only
from tests.system.sites import CONTRACT, Manner, Site

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
CHARGED = "Start End CDR"
STRANGER = "DE-8EO-C99999999-X"
RATED_S = 10.0


def ask(site: Site, do: str, **words: object) -> Entry:
    """What the hub asks; the answer is a valid one and comes within the time that the hub rates."""
    answer = site.hub(do=do, **words)
    assert answer["problems"] == []
    assert answer["seconds"] < RATED_S, answer
    return answer


def start(site: Site, evse: str = "1", contract: str = CONTRACT, **more: object) -> Entry:
    return ask(site, "remote_start", evse=evse_id(evse), contract=contract, **more)


def reserve(site: Site, evse: str = "1", **more: object) -> Entry:
    return ask(site, "reserve", evse=evse_id(evse), contract=CONTRACT, minutes=15, **more)


def charge_and_leave(site: Site, evse: str = "1") -> None:
    site.reaches(evse, "charging")
    site.flows(evse)
    site.unplug(evse)
    site.reaches(evse, "available")


def status_is(site: Site, evse: str, status: str) -> None:
    until(lambda: site.last_status(evse) == status, f"{status} of EVSE {evse} at the hub")


def test_a_start_from_afar_charges_the_car_that_is_there(site: Site) -> None:
    site.plug("1")
    assert start(site)["code"] == "000"
    charge_and_leave(site)
    account = the_only(site)
    assert (account.types, account.held["kind"], account.body["decided_by"]) == (CHARGED, "remote", "provider")


def test_the_same_start_again_has_the_same_answer_and_begins_nothing(site: Site) -> None:
    site.plug("1")
    first = start(site)
    again = start(site, session_id=first["session_id"])
    site.reaches("1", "charging")
    later = start(site, session_id=first["session_id"])
    assert first["body"] == again["body"] == later["body"]
    charge_and_leave(site)
    over = start(site, session_id=first["session_id"])
    assert over["body"] == first["body"], "it does not begin a second time"
    assert the_only(site).types == CHARGED
    assert site.state("1") == "available"


def test_a_start_without_a_car_is_refused(site: Site) -> None:
    assert start(site)["code"] == "510"
    assert settled(site) == []


def test_a_start_without_a_car_waits_for_one_where_it_may(site: Site) -> None:
    assert start(site, "2")["code"] == "000"
    site.reaches("2", "awaiting_plug")
    site.tell("plug", evse="2", car="city")
    charge_and_leave(site, "2")
    assert the_only(site).types == CHARGED


def test_a_start_for_which_no_car_comes_is_closed_at_the_hub(site: Site) -> None:
    assert start(site, "2")["code"] == "000"
    site.reaches("2", "awaiting_plug")
    site.reaches("2", "available")
    assert the_only(site).types == "End"


def test_a_start_where_another_one_charges_or_nobody_knows_the_evse_is_refused(site: Site) -> None:
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "charging")
    assert start(site)["code"] == "602"
    assert reserve(site)["code"] == "602"
    assert start(site, "9")["code"] == "603"
    assert reserve(site, "9")["code"] == "603"
    charge_and_leave(site)
    assert the_only(site).held["kind"] == "card"


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


@pytest.mark.parametrize(("trouble", "code"), [(disabled, "700"), (faulted, "700"), (silent, "501")])
def test_an_evse_in_trouble_is_neither_started_nor_reserved(site: Site, trouble: object, code: str) -> None:
    assert callable(trouble)
    with trouble(site):
        assert start(site)["code"] == code
        assert reserve(site)["code"] == code
    site.reaches("1", "available")
    status_is(site, "1", "Available")
    assert settled(site) == []


def test_a_reservation_keeps_the_place_for_its_driver(site: Site) -> None:
    asked = len(site.told(operation="AuthorizeStart"))
    assert reserve(site)["code"] == "000"
    status_is(site, "1", "Reserved")
    assert start(site, contract=STRANGER)["code"] == "601"
    site.tap(CARD)
    until(lambda: "card ignored, reserved for another driver" in site.log, "the card to be turned away")
    assert len(site.told(operation="AuthorizeStart")) == asked
    site.plug("1")
    assert start(site)["code"] == "000"
    charge_and_leave(site)
    kept, charged = settled(site)
    assert (kept.held["kind"], kept.types, charged.types) == ("reservation", "CDR", CHARGED)
    status_is(site, "1", "Available")


def test_a_charge_under_the_session_of_its_reservation_has_one_record(site: Site) -> None:
    kept = reserve(site)
    site.plug("1")
    assert start(site, session_id=kept["session_id"])["code"] == "000"
    charge_and_leave(site)
    account = the_only(site)
    assert account.types == CHARGED
    assert account.energy_wh >= 1


def test_a_cancelled_reservation_has_a_record_of_the_time_and_frees_the_place(site: Site) -> None:
    kept = reserve(site)
    status_is(site, "1", "Reserved")
    assert ask(site, "cancel_reservation", session_id=kept["session_id"])["code"] == "000"
    account = the_only(site)
    assert (account.types, account.energy_wh) == ("CDR", 0)
    status_is(site, "1", "Available")
    assert ask(site, "cancel_reservation", session_id=kept["session_id"])["code"] == "000"
    assert len(settled(site)) == 1


def test_a_charge_tells_how_it_goes_on_once_in_five_minutes(site: Site) -> None:
    site.plug("1")
    start(site)
    site.reaches("1", "charging")
    (held,) = site.sessions()
    (progress,) = until(lambda: site.told(Type="Progress", SessionID=held["session_id"]), "the progress at the hub")
    charge_and_leave(site)
    account = the_only(site)
    assert account.types == "Start Progress End CDR"
    assert progress["t"] >= account.body["charging_start"]["mono_ms"] / 1000 + PROGRESS_S
