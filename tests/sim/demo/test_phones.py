"""What an app has its hub ask, and that it can end only what it has opened, where it has opened it."""

from roampost_sim.demo.phones import Phones
from roampost_sim.demo.story import AppAsks, AppEnds
from tests.sim.demo.records import ANNA, IDS, RESERVED, SESSION

START = AppAsks(do="remote_start", evse="2", contract=ANNA)
RESERVE = AppAsks(do="reserve", evse="2", contract=ANNA, minutes=5)
STOP, CANCEL = AppEnds(do="remote_stop", evse="2"), AppEnds(do="cancel_reservation", evse="2")
EVSE = "DE*ABC*E1*2"


def test_commands_are_the_hubs() -> None:
    phones = Phones(IDS, ["oicp"])
    assert phones.command(START) == ("oicp", {"do": "remote_start", "evse": EVSE, "contract": ANNA})
    assert phones.command(RESERVE) == ("oicp", {"do": "reserve", "evse": EVSE, "contract": ANNA, "minutes": 5})


def test_a_hub_that_knows_no_minutes_is_told_none() -> None:
    phones = Phones(IDS, ["oioi"])
    assert phones.command(RESERVE) == ("oioi", {"do": "reserve", "evse": EVSE, "contract": ANNA})


def test_what_was_opened_can_be_ended() -> None:
    phones = Phones(IDS, ["oicp"])
    phones.answered("oicp", RESERVE, {"ok": True, "result": True, "session_id": RESERVED})
    phones.answered("oicp", START, {"ok": True, "result": True, "session_id": SESSION})
    assert phones.command(STOP) == ("oicp", {"do": "remote_stop", "evse": EVSE, "session_id": SESSION})
    assert phones.command(CANCEL) == ("oicp", {"do": "cancel_reservation", "evse": EVSE, "session_id": RESERVED})


def test_a_reservation_without_a_session_is_ended_by_its_evse() -> None:
    phones = Phones(IDS, ["oioi"])
    phones.answered("oioi", RESERVE, {"ok": True, "result": True, "session_id": None})
    assert phones.command(CANCEL) == ("oioi", {"do": "cancel_reservation", "evse": EVSE})


def test_what_was_refused_or_not_answered_cannot() -> None:
    phones = Phones(IDS, ["oicp"])
    phones.answered("oicp", START, {"ok": True, "result": False, "code": "510", "session_id": SESSION})
    phones.answered("oicp", RESERVE, {"ok": False, "error": "The operator did not answer"})
    assert phones.command(STOP) is None
    assert phones.command(CANCEL) is None


def test_an_app_is_at_its_own_hub_and_ends_there_what_it_began() -> None:
    phones = Phones(IDS, ["oicp", "oioi"])
    asks = START.model_copy(update={"hub": "oioi"})
    command = phones.command(asks)
    assert command is not None
    assert command[0] == "oioi"
    phones.answered("oioi", asks, {"ok": True, "result": True, "session_id": SESSION})
    assert phones.command(STOP) == ("oioi", {"do": "remote_stop", "evse": EVSE, "session_id": SESSION})


def test_an_app_whose_hub_does_not_play_is_at_the_first() -> None:
    command = Phones(IDS, ["oioi"]).command(START.model_copy(update={"hub": "oicp"}))
    assert command is not None
    assert command[0] == "oioi"
