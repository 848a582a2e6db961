"""What an app has the hub ask, and that it can end only what it has opened."""

from roampost_sim.demo.phones import Phones
from roampost_sim.demo.story import AppAsks, AppEnds
from tests.sim.demo.records import ANNA, IDS, RESERVED, SESSION

START = AppAsks(do="remote_start", evse="2", contract=ANNA)
RESERVE = AppAsks(do="reserve", evse="2", contract=ANNA, minutes=5)


def test_commands_are_the_hubs() -> None:
    phones = Phones(IDS)
    assert phones.command(START) == {"do": "remote_start", "evse": "DE*ABC*E1*2", "contract": ANNA}
    assert phones.command(RESERVE) == {"do": "reserve", "evse": "DE*ABC*E1*2", "contract": ANNA, "minutes": 5}


def test_what_was_opened_can_be_ended() -> None:
    phones = Phones(IDS)
    phones.answered(RESERVE, {"ok": True, "code": "000", "session_id": RESERVED})
    phones.answered(START, {"ok": True, "code": "000", "session_id": SESSION})
    stop, cancel = AppEnds(do="remote_stop", evse="2"), AppEnds(do="cancel_reservation", evse="2")
    assert phones.command(stop) == {"do": "remote_stop", "evse": "DE*ABC*E1*2", "session_id": SESSION}
    assert phones.command(cancel) == {"do": "cancel_reservation", "evse": "DE*ABC*E1*2", "session_id": RESERVED}


def test_what_was_refused_or_not_answered_cannot() -> None:
    phones = Phones(IDS)
    phones.answered(START, {"ok": True, "code": "510", "session_id": SESSION})
    phones.answered(RESERVE, {"ok": False, "error": "The operator did not answer"})
    assert phones.command(AppEnds(do="remote_stop", evse="2")) is None
    assert phones.command(AppEnds(do="cancel_reservation", evse="2")) is None
