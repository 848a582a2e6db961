"""How a session ends in words: times in order, energy as the register says, a record where it is owed."""

import pytest

from roampost.domain.messages import ChargeRecord, EndMessage, Message
from roampost.domain.stamp import Stamp
from roampost.evse.closing import settled
from roampost.evse.effect import Closed, Tell
from roampost.evse.event import Kind
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.evse.step import step
from tests.agent.evse.makers import RULES, at, event, evse, session


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


def test_a_charge_that_was_never_metered_is_a_record_of_nothing() -> None:
    blind = session(ended=at(90), charging_start=at(20), meter_start_wh=None, meter_last_wh=None, meter_last=None)
    record = messages(blind)[-1]
    assert isinstance(record, ChargeRecord)
    assert (record.meter_start_wh, record.meter_end_wh, record.energy_wh) == (0, 0, 0)


OTHER_BOOT = Stamp(boot="b2", mono_ms=5_000, wall_ms=at(70).wall_ms, trusted=True)


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
