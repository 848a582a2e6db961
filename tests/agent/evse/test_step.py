"""What the steps of a charge leave behind: messages, meter values, reasons."""

import pytest

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseStatus,
    Message,
    StartMessage,
    StatusMessage,
)
from roampost.evse.effect import AskStart, AskStop, Closed, Note, Tell
from roampost.evse.event import Event, Kind, Trouble
from roampost.evse.evse import Evse
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.evse.step import Rules, step
from tests.agent.evse.makers import RULES, UID, at, event, evse, grant, session


def walk(first: Evse, *events: Event, rules: Rules = RULES) -> tuple[Evse, list[Message]]:
    told: list[Message] = []
    for one in events:
        result = step(first, one, rules)
        told += [effect.message for effect in result.effects if isinstance(effect, Tell)]
        first = result.evse
    return first, told


def test_a_whole_charge_tells_status_start_end_and_record_in_order() -> None:
    last, told = walk(
        evse(State.AVAILABLE, told=EvseStatus.AVAILABLE),
        event(Kind.VEHICLE, 10),
        event(Kind.CARD, 12),
        event(Kind.AUTHORIZED, 13, grant=grant(), meter_wh=12_345),
        event(Kind.ENERGY, 15),
        event(Kind.VEHICLE, 95),
        event(Kind.NO_VEHICLE, 99),
        event(Kind.SETTLED, 101, meter_wh=14_345),
    )
    assert [message.kind for message in told] == ["status", "start", "status", "end", "cdr"]
    record = told[-1]
    assert isinstance(record, ChargeRecord)
    assert (record.meter_start_wh, record.meter_end_wh, record.energy_wh) == (12_345, 14_345, 2_000)
    assert (record.session_start, record.charging_start) == (at(13), at(15))
    assert (record.charging_end, record.session_end) == (at(95), at(99))
    assert record.flag is None
    assert last.state is State.AVAILABLE
    assert last.closing is None


def test_a_card_is_asked_about_under_its_own_session_id() -> None:
    result = step(evse(State.PLUGGED), event(Kind.CARD), RULES)
    assert next(effect for effect in result.effects if isinstance(effect, AskStart)).card.session_id == "own-1"
    assert result.evse.asking is not None


def test_another_card_in_a_session_is_a_question_to_its_hub() -> None:
    result = step(evse(State.CHARGING, told=EvseStatus.OCCUPIED), event(Kind.CARD), RULES)
    (question,) = result.effects
    assert isinstance(question, AskStop)
    assert question.uid == UID
    assert result.evse.session is not None


def test_start_is_told_once_for_a_charge_with_pauses() -> None:
    _, told = walk(evse(State.READY), event(Kind.ENERGY, 20), event(Kind.VEHICLE, 30), event(Kind.ENERGY, 40))
    assert sum(isinstance(message, StartMessage) for message in told) == 1


@pytest.mark.parametrize("before", [session(), session(charging_start=at(15), meter_last_wh=12_200)])
def test_energy_comes_with_the_reading_of_its_moment(before: Session) -> None:
    last, _ = walk(evse(State.READY, session=before), event(Kind.ENERGY, 40, meter_wh=12_300))
    assert last.session is not None
    assert (last.session.meter_last_wh, last.session.meter_last) == (12_300, at(40))


def test_a_pause_that_goes_on_is_no_end_of_charging() -> None:
    last, _ = walk(evse(State.READY), event(Kind.ENERGY, 20), event(Kind.VEHICLE, 30), event(Kind.ENERGY, 40))
    assert last.session is not None
    assert last.session.charging_end is None


def test_a_fault_in_mid_charge_tells_error_before_end_and_record() -> None:
    trouble = Trouble("rcd", "RCD tripped", ErrorKind.CRITICAL)
    charging = evse(State.CHARGING, session=session(charging_start=at(15)), told=EvseStatus.OCCUPIED)
    last, told = walk(charging, event(Kind.FAULT, 50, trouble=trouble), event(Kind.SETTLED, 52, meter_wh=12_400))
    assert [message.kind for message in told] == ["error", "status", "end", "cdr"]
    error = told[0]
    assert isinstance(error, ErrorMessage)
    assert (error.error, error.text) == (ErrorKind.CRITICAL, "RCD tripped")
    assert last.state is State.FAULTED


def test_a_fault_without_session_is_told_by_the_status_alone() -> None:
    trouble = Trouble("rcd", "RCD tripped", ErrorKind.CRITICAL)
    _, told = walk(evse(State.AVAILABLE), event(Kind.FAULT, trouble=trouble))
    (status,) = told
    assert isinstance(status, StatusMessage)
    assert status.status is EvseStatus.OUT_OF_SERVICE


def test_a_session_without_energy_ends_without_a_record() -> None:
    _, told = walk(evse(State.AWAITING_PLUG), event(Kind.PLUG_TIMEOUT, 80), event(Kind.SETTLED, 81))
    assert [message.kind for message in told] == ["status", "end"]
    end = told[1]
    assert isinstance(end, EndMessage)
    assert end.charging_start is None


def test_a_session_without_energy_has_a_zero_record_where_the_operator_wants_it() -> None:
    rules = Rules(limit_ma=16_000, zero_energy_record=True)
    _, told = walk(evse(State.AWAITING_PLUG), event(Kind.PLUG_TIMEOUT, 80), event(Kind.SETTLED, 81), rules=rules)
    record = told[-1]
    assert isinstance(record, ChargeRecord)
    assert record.energy_wh == 0


def test_closing_names_the_reason_why_no_record_is_owed() -> None:
    first, _ = walk(evse(State.AWAITING_PLUG), event(Kind.PLUG_TIMEOUT, 80))
    result = step(first, event(Kind.SETTLED, 81), RULES)
    (closed,) = [effect for effect in result.effects if isinstance(effect, Closed)]
    assert closed.not_owed is not None
    assert closed.session.why == "because of plug_timeout"


def test_unreadable_beyond_the_grace_ends_at_the_last_good_reading() -> None:
    held = evse(State.HOLDING, session=session(charging_start=at(15), meter_last=at(60), meter_last_wh=12_700))
    _, told = walk(held, event(Kind.GRACE_OVER, 90), event(Kind.SETTLED, 98, flag="no meter reading"))
    record = told[-1]
    assert isinstance(record, ChargeRecord)
    assert record.charging_end == at(60)
    assert record.energy_wh == 700
    assert record.flag == "no meter reading"


def test_a_late_grant_is_closed_at_its_hub_and_noted() -> None:
    result = step(evse(State.AVAILABLE, told=EvseStatus.AVAILABLE), event(Kind.AUTHORIZED), RULES)
    tell, note = result.effects
    assert isinstance(tell, Tell)
    assert isinstance(tell.message, EndMessage)
    assert tell.hub == "hubject"
    assert isinstance(note, Note)


def test_a_status_is_told_once() -> None:
    _, told = walk(evse(State.AVAILABLE), event(Kind.VEHICLE), event(Kind.CARD), event(Kind.REFUSED))
    assert [message.kind for message in told] == ["status"]


def test_a_recovered_session_keeps_its_level_until_the_first_look() -> None:
    recovered = evse(State.STARTING, session=session(), permitted_ma=16_000)
    assert recovered.level_ma(16_000) == 16_000
    assert evse(State.STARTING, permitted_ma=16_000).level_ma(16_000) == 0


def test_what_is_stored_is_what_is_recovered() -> None:
    first, _ = walk(evse(State.READY), event(Kind.ENERGY, 20))
    assert Evse.model_validate_json(first.model_dump_json()) == first
