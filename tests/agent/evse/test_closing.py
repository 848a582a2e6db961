"""How a session ends in words: times in order, energy as the register says, a record where it is owed."""

import pytest

from roampost.domain.messages import ChargeRecord, EndMessage, LateAuthorization, Message
from roampost.domain.stamp import Stamp
from roampost.evse.closing import late, settled
from roampost.evse.effect import Closed, Tell
from roampost.evse.event import Decider, Grant, Kind
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.evse.step import step
from tests.agent.evse.makers import EVSE_ID, RULES, at, card, event, evse, session


def messages(one: Session, *, zeros: bool = False) -> list[Message]:
    return [effect.message for effect in settled(one, zero_energy_record=zeros) if isinstance(effect, Tell)]


def test_a_register_that_moved_is_owed_a_record_although_no_flow_was_seen() -> None:
    end, record = messages(session(ended=at(90), meter_last_wh=12_060))
    assert isinstance(end, EndMessage)
    assert isinstance(record, ChargeRecord)
    assert end.charging_start == record.charging_start == at(10)
    assert end.energy_wh == record.energy_wh == 60


@pytest.mark.parametrize("meters", [{}, {"meter_start_wh": None, "meter_last_wh": None, "meter_last": None}])
def test_a_session_that_drew_nothing_owes_an_end_only(meters: dict[str, None]) -> None:
    (end,) = messages(session(ended=at(90), **meters))
    assert isinstance(end, EndMessage)
    assert end.charging_start is None
    assert end.charging_end == at(90)
    effects = settled(session(ended=at(90), **meters), zero_energy_record=False)
    (closed,) = [effect for effect in effects if isinstance(effect, Closed)]
    assert closed.not_owed == "no energy, no charge detail record is owed"


def test_energy_that_could_not_be_read_is_not_said_to_be_none() -> None:
    lost = session(ended=at(90), flag="no meter reading after the end of the session")
    (closed,) = [effect for effect in settled(lost, zero_energy_record=False) if isinstance(effect, Closed)]
    assert closed.not_owed == (
        "no energy was read, so there is no charge detail record; no meter reading after the end of the session"
    )


def test_a_charge_that_was_never_metered_is_a_record_of_nothing_without_readings() -> None:
    blind = session(ended=at(90), charging_start=at(20), meter_start_wh=None, meter_last_wh=None, meter_last=None)
    record = messages(blind)[-1]
    assert isinstance(record, ChargeRecord)
    assert (record.meter_start_wh, record.meter_end_wh, record.energy_wh) == (None, None, 0)


OTHER_BOOT = Stamp(boot="b2", mono_ms=5_000, wall_ms=at(70).wall_ms, trusted=True)
UNSURE = OTHER_BOOT.model_copy(update={"trusted": False})


@pytest.mark.parametrize(
    ("last", "end"),
    [
        (at(60), at(60)),
        (at(14), at(15)),  # read before the contactor closed
        (None, at(15)),
        (OTHER_BOOT, OTHER_BOOT),
    ],
)
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.HOLDING, Kind.GRACE_OVER),
        (State.STARTING, Kind.LOST),
        (State.STARTING, Kind.NO_VEHICLE),
        (State.STARTING, Kind.FAULT),
    ],
)
def test_what_was_not_seen_ends_with_the_last_good_reading(
    state: State, kind: Kind, last: Stamp | None, end: Stamp
) -> None:
    before = evse(state, session=session(charging_start=at(15), meter_last=last))
    closing = step(before, event(kind, 100), RULES).evse.closing
    assert closing is not None
    assert closing.charging_end == end
    assert closing.ended == at(100)


def test_a_session_without_a_first_reading_permits_nothing() -> None:
    unmetered = session(meter_start_wh=None, meter_last_wh=None, meter_last=None)
    after = step(evse(State.PLUGGED), event(Kind.CARD), RULES).evse
    after = step(after, event(Kind.AUTHORIZED), RULES).evse
    assert after.session is not None
    assert after.permitted_ma == 0
    assert evse(State.READY, session=unmetered).level_ma(16_000) == 0


@pytest.mark.parametrize(
    ("decider", "why"), [(Decider.OPERATOR, "own cards"), (Decider.FREE, "free here"), (Decider.HUB, "no hub is owed")]
)
@pytest.mark.parametrize("meter_wh", [12_000, 12_060])
def test_what_no_hub_is_owed_is_closed_with_its_reason(decider: Decider, why: str, meter_wh: int) -> None:
    one = session(hub=None, hub_session_id=None, decided_by=decider, ended=at(90), meter_last_wh=meter_wh)
    (closed,) = settled(one, zero_energy_record=True)
    assert isinstance(closed, Closed)
    assert why in str(closed.not_owed)


def test_an_end_that_was_told_is_not_told_again() -> None:
    one = session(ended=at(90), charging_start=at(20), charging_end=at(30), meter_last_wh=12_060, end_told=True)
    (record,) = messages(one)
    assert isinstance(record, ChargeRecord)


def test_a_recovered_session_that_is_stopped_ends_with_its_last_good_reading() -> None:
    before = evse(State.STARTING, session=session(charging_start=at(15), meter_last=at(60)), permitted_ma=16_000)
    after = step(before, event(Kind.STOP, 100), RULES).evse
    assert (after.state, after.session, after.permitted_ma) == (State.STARTING, None, 0)
    assert after.closing is not None
    assert (after.closing.charging_end, after.closing.ended) == (at(60), at(100))


def test_a_yes_that_no_hub_has_given_needs_no_end() -> None:
    assert late(Grant(None, None, card(), decided_by=Decider.OPERATOR), EVSE_ID, at(5)) == []
    assert late(Grant("hubject", None, card(), decided_by=Decider.LIST), EVSE_ID, at(5)) == []


def test_what_has_no_hubs_word_asks_for_it_first() -> None:
    grant = Grant("hubject", None, card(), decided_by=Decider.LIST, cap_wh=5_000)
    result = step(evse(State.PLUGGED), event(Kind.CARD), RULES)
    result = step(result.evse, event(Kind.AUTHORIZED, grant=grant), RULES)
    (tell,) = [effect for effect in result.effects if isinstance(effect, Tell)]
    assert isinstance(tell.message, LateAuthorization)
    assert tell.message.session.hub_session_id is None
    assert result.evse.session is not None
    assert (result.evse.session.decided_by, result.evse.session.cap_wh) == (Decider.LIST, 5_000)


@pytest.mark.parametrize(
    ("now", "began", "capped"),
    [
        (at(609), at(0), False),
        (at(610), at(0), True),
        (OTHER_BOOT, OTHER_BOOT, False),
        (UNSURE.later(599), UNSURE, False),
        (UNSURE.later(600), UNSURE, True),
    ],
)
def test_a_limit_in_time_holds_also_where_no_clock_can_tell(now: Stamp, began: Stamp, capped: bool) -> None:
    assert (session(cap_s=600).capped(now, began) is not None) is capped
    assert session().capped(now, began) is None
