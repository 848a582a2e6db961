"""One EVSE on two hubs: each hears of its own drivers, neither waits for the other, and a yes too many is closed."""

from pathlib import Path

import pytest

from tests.system.bounds import CARD_QUIET_S
from tests.system.field import CARD, evse_id
from tests.system.hubs import Hub
from tests.system.processes import until
from tests.system.settled import settled, the_only
from tests.system.sites import CARDS, OTHER_CARD, Manner, Site, at_rest
from tests.system.suite import BOTH_HUBS

pytestmark = [pytest.mark.system, pytest.mark.timeout(170), BOTH_HUBS]
HASTY = (str(Path(__file__).with_name("hasty_lists_agent.py")),)
# The client's own time-out, far above what the walks call prompt.
TIMEOUT_S = 12
MANNER = Manner(
    hub={"timeout_s": TIMEOUT_S, "backoff_max_s": 10},
    tables='[authorization]\nroaming_offline = "list"\n',
    reads_for=("1",),
    lists=True,
    program=HASTY,
)
CHARGED = "start over cdr"
LATE = "select reason from audit where what = 'late_authorization'"
PROMPT_S = 6.0
# A status whose answer was lost is told once more a minute later.
BACK_S = 100.0
THINKS_MS = 7_000
A_MOMENT_MS = 2_500
STRANGER = "DE-8EO-C99999999-X"
OF_EACH = pytest.mark.parametrize("kind", ["oicp", "oioi"])


def begin(site: Site, kind: str) -> Hub:
    """The walk is led by this hub; returns the other one."""
    site.begin_walk(kind)
    return next(hub for hub in site.hubs if hub is not site.hub)


def charges(site: Site, uid: str = CARD) -> None:
    site.plug("1")
    site.tap(uid)
    site.reaches("1", "charging")
    site.flows("1")


def leave(site: Site) -> None:
    site.unplug("1")
    site.reaches("1", "available")


def told_to_both(site: Site) -> None:
    until(lambda: at_rest(site), "both hubs to have heard all", BACK_S)
    assert site.last_status("1") == "Available"


def lives(site: Site) -> dict[str, list[str]]:
    """By the protocol of the hub, in the order in which they began."""
    found: dict[str, list[str]] = {hub.protocol.kind: [] for hub in site.hubs}
    for account in settled(site):
        assert account.hub is not None
        found[account.hub.protocol.kind].append(account.types)
    return found


def late_ones(site: Site, before: int, count: int) -> list[str]:
    """Waits until so many yeses have been closed in this walk; the names of their hubs."""
    until(lambda: len(site.rows(LATE)) == before + count, "what is not used to be closed")
    return sorted(reason.split()[0] for (reason,) in site.rows(LATE)[before:])


def test_every_status_reaches_both(site: Site) -> None:
    site.plug("1")
    until(lambda: site.last_status("1") == "Occupied", "the status at both hubs")
    leave(site)
    told_to_both(site)
    for hub in site.hubs:
        told = [one["status"] for one in site.heard(hub, what="status", evse_id=evse_id("1"))]
        # The newest one is told again where its answer was late.
        assert list(dict.fromkeys(told)) == ["Occupied", "Available"]
    assert settled(site) == []


@OF_EACH
def test_a_card_charges_while_the_hub_that_does_not_know_it_still_thinks(site: Site, kind: str) -> None:
    other = begin(site, kind)
    other.fault("slow", of="authorize", requests=1, delay_ms=THINKS_MS)
    charges(site)
    assert site.heard(other, what="authorize") == [], "it has not answered yet"
    until(lambda: site.heard(other, what="authorize"), "its no")
    assert site.state("1") == "charging"
    leave(site)
    assert the_only(site).types == site.hub.hears(CHARGED)
    told_to_both(site)


@OF_EACH
def test_of_two_yeses_the_first_one_counts_and_the_second_is_closed_at_its_hub(site: Site, kind: str) -> None:
    other, before = begin(site, kind), len(site.rows(LATE))
    other.card(CARD, "known")
    other.fault("slow", of="authorize", requests=1, delay_ms=A_MOMENT_MS)
    charges(site)
    assert late_ones(site, before, 1) == [other.name]
    assert site.state("1") == "charging"
    leave(site)
    assert lives(site) == {kind: [site.hub.hears(CHARGED)], other.protocol.kind: other.hears("over").split()}
    told_to_both(site)


def test_two_yeses_to_somebody_who_has_gone_are_closed_at_both(site: Site) -> None:
    other, before = begin(site, "oicp"), len(site.rows(LATE))
    other.card(CARD, "known")
    for hub in site.hubs:
        hub.fault("slow", of="authorize", requests=1, delay_ms=A_MOMENT_MS)
    site.plug("1")
    site.tap(CARD)
    site.reaches("1", "asking_plugged")
    leave(site)
    assert late_ones(site, before, 2) == sorted(hub.name for hub in site.hubs)
    assert lives(site) == {"oicp": ["over"], "oioi": []}
    told_to_both(site)


@OF_EACH
@pytest.mark.parametrize("trouble", ["refuse", "hang"])
def test_a_hub_that_is_down_slows_neither_the_yes_nor_the_messages_of_the_other(
    site: Site, kind: str, trouble: str
) -> None:
    other = begin(site, kind)
    other.fault(trouble)
    charges(site)
    (asked,) = site.heard(what="authorize")
    assert site.happened("contactor_closed", evse="1") - asked["t"] < PROMPT_S
    leave(site)
    gone_s = site.happened("unplugged", evse="1")
    (record,) = until(lambda: site.heard(what="cdr", taken=True), "the record at the hub that is there")
    assert record["t"] - gone_s < PROMPT_S
    until(lambda: site.hub.last_status(evse_id("1")) == "Available", "the status at the hub that is there")
    assert other.faults
    other.clear()
    told_to_both(site)
    assert the_only(site).types == site.hub.hears(CHARGED)


def test_each_hub_starts_and_stops_its_own_driver_at_the_same_time(site: Site) -> None:
    at = {"1": site.at("oicp"), "2": site.at("oioi")}
    for evse, hub in at.items():
        site.plug(evse)
        hub.asks("remote_start", evse=evse_id(evse))
    for evse, hub in at.items():
        site.reaches(evse, "charging")
        site.flows(evse)
        (held,) = until(lambda hub=hub: site.sessions(hub), "the session at its hub")  # type: ignore[misc]
        hub.asks("remote_stop", session_id=held["session_id"])
        site.reaches(evse, "finishing")
    for evse in at:
        site.unplug(evse)
        site.reaches(evse, "available")
    found = {one.evse: (one.hub, one.types, one.why) for one in settled(site)}
    assert found == {e: (hub, hub.hears(CHARGED), "stopped by the provider from afar") for e, hub in at.items()}


@OF_EACH
def test_what_one_hub_has_reserved_the_other_one_s_drivers_do_not_get(site: Site, kind: str) -> None:
    other = begin(site, kind)
    other.card(OTHER_CARD, "known")
    kept = site.asks("reserve")
    until(lambda: site.last_status("1") == "Reserved", "the reservation at both hubs")
    site.plug("1")
    other.asks("remote_start", "reserved", evse=evse_id("1"), contract=STRANGER)
    site.tap(OTHER_CARD)
    until(lambda: "card ignored, reserved for another driver" in site.log, "the card to be turned away")
    assert [site.heard(hub, what="authorize") for hub in site.hubs] == [[], []]
    site.asks("remote_start", session_id=kept["session_id"])
    site.reaches("1", "charging")
    site.flows("1")
    leave(site)
    assert the_only(site).types == site.hub.hears(CHARGED)
    told_to_both(site)


def test_a_new_list_locks_out_who_is_not_on_it_and_lets_in_who_is(site: Site) -> None:
    """Of the hub that posts its list; the other one's says nothing of its drivers."""
    begin(site, "oioi")
    site.hub.asks("cards_posted", uids=[OTHER_CARD])
    site.hub.fault("refuse")
    site.plug("1")
    site.tap(CARD)
    until(lambda: "list: the card is not on it" in str(site.evse("1")["why"]), "the refusal")
    # The reader takes another card two seconds after the first.
    site.tap(OTHER_CARD, for_s=CARD_QUIET_S + 0.6)
    site.reaches("1", "charging")
    site.flows("1")
    site.hub.clear()
    leave(site)
    account = the_only(site)
    assert (account.types, account.body["decided_by"]) == (site.hub.hears(CHARGED), "list")
    assert account.body["uid"] == OTHER_CARD
    site.hub.asks("cards_posted", uids=list(CARDS))
    told_to_both(site)
