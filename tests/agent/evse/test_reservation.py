"""How long a place is kept, for whom, and what is told when it is over."""

import pytest

from roampost.domain.messages import ChargeRecord, EvseStatus, Message
from roampost.domain.stamp import Stamp
from roampost.evse.effect import Note, Tell
from roampost.evse.event import Kind
from roampost.evse.state import State
from roampost.evse.step import Step, step
from tests.agent.evse.makers import RULES, UID, at, event, evse, reservation

CONTRACT = "DE-ABC-C12345678-X"
OTHER_BOOT = Stamp(boot="b2", mono_ms=5_000, wall_ms=at(70).wall_ms, trusted=True)
UNSURE = OTHER_BOOT.model_copy(update={"trusted": False})


def told(result: Step) -> list[Message]:
    return [effect.message for effect in result.effects if isinstance(effect, Tell)]


@pytest.mark.parametrize(
    ("uid", "contract_id", "is_for"),
    [(UID, None, True), ("04BB", None, False), (None, CONTRACT, False), (None, None, False)],
)
def test_a_card_uses_what_is_kept_for_it(uid: str | None, contract_id: str | None, is_for: bool) -> None:
    assert reservation().is_for(uid, contract_id) is is_for
    assert reservation(uid=None, contract_id=CONTRACT).is_for(uid, contract_id) is (contract_id is not None)


@pytest.mark.parametrize("spelled", [CONTRACT, CONTRACT.lower(), "DEABCC12345678X", "DE*ABC*C12345678*X"])
def test_a_contract_is_the_same_in_each_spelling(spelled: str) -> None:
    kept = reservation(uid=None, contract_id=CONTRACT)
    assert kept.is_for(None, spelled)
    assert kept.lets_in(kept.hub, None, None, spelled)
    assert not kept.lets_in("second", None, None, spelled)
    assert not kept.is_for(None, spelled + "1")


def test_an_account_is_its_hub_s_own() -> None:
    kept = reservation(uid=None, account="username:X")
    assert kept.lets_in(kept.hub, None, None, None, "username:X")
    assert not kept.lets_in("second", None, None, None, "username:X")
    assert not kept.is_for(None, None, "username:x")


@pytest.mark.parametrize(
    ("now", "over"),
    [(at(909), False), (at(910), True), (OTHER_BOOT, False), (OTHER_BOOT.later(900), True), (UNSURE, True)],
)
def test_it_is_over_after_its_time_and_where_nobody_can_tell(now: Stamp, over: bool) -> None:
    assert reservation().over(now) is over


def test_where_no_clock_can_tell_it_may_count_from_the_start_of_the_agent() -> None:
    assert not reservation().over(UNSURE.later(899), began=UNSURE)
    assert reservation().over(UNSURE.later(900), began=UNSURE)


@pytest.mark.parametrize("wanted", [reservation(since=at(610), duration_s=900), reservation(duration_s=1_500)])
def test_prolonged_it_is_kept_since_its_first_day(wanted: object) -> None:
    first = step(evse(State.AVAILABLE), event(Kind.RESERVE), RULES).evse
    after = step(first, event(Kind.PROLONG, 610, reservation=wanted), RULES).evse
    assert after.reservation == reservation(duration_s=1_500)


def test_only_its_own_session_prolongs_it() -> None:
    first = evse(State.AVAILABLE, reservation=reservation())
    other = reservation(session_id="own-q", duration_s=9_000)
    assert step(first, event(Kind.PROLONG, reservation=other), RULES).evse.reservation == reservation()


def test_one_that_replaces_another_closes_it() -> None:
    first = evse(State.AVAILABLE, reservation=reservation(), told=EvseStatus.RESERVED)
    result = step(first, event(Kind.RESERVE, reservation=reservation(session_id="own-q")), RULES)
    assert [message.session.session_id for message in told(result) if isinstance(message, ChargeRecord)] == ["own-r"]
    assert result.evse.reservation is not None
    assert result.evse.reservation.session_id == "own-q"


@pytest.mark.parametrize("state", list(State))
def test_it_ends_in_every_state_with_its_record(state: State) -> None:
    result = step(evse(state, reservation=reservation()), event(Kind.UNRESERVE, 100), RULES)
    (record,) = [message for message in told(result) if isinstance(message, ChargeRecord)]
    assert (
        (record.charging_start, record.charging_end) == (record.session_start, record.session_end) == (at(10), at(100))
    )
    assert (record.meter_start_wh, record.meter_end_wh, record.energy_wh) == (None, None, 0)
    assert result.evse.state is state
    assert step(result.evse, event(Kind.UNRESERVE), RULES).effects == ()


@pytest.mark.parametrize(("now", "end"), [(at(5_000), at(910)), (OTHER_BOOT, OTHER_BOOT), (UNSURE, UNSURE)])
def test_its_record_ends_with_its_time_also_when_nobody_looked(now: Stamp, end: Stamp) -> None:
    assert reservation().end(now) == end


def test_a_charge_under_its_own_session_goes_on_without_a_record_of_it() -> None:
    kept = reservation(hub_session_id="B2688855-7F00-0002-6D8E-48D883F6ABB6")
    result = step(evse(State.PLUGGED, reservation=kept, told=EvseStatus.OCCUPIED), event(Kind.REMOTE), RULES)
    assert result.evse.session is not None
    assert result.evse.reservation is None
    assert result.effects == (Note("reservation_used", "own-r goes on as session own-1"),)


@pytest.mark.parametrize("state", [State.AVAILABLE, State.ASKING])
def test_reserved_is_told_in_place_of_available(state: State) -> None:
    assert evse(state, reservation=reservation()).status is EvseStatus.RESERVED
    assert evse(State.PLUGGED, reservation=reservation()).status is EvseStatus.OCCUPIED
