"""Each message is one OIOI call, by the strict schema; numbers and moments arrive as they are."""

import json
from decimal import Decimal
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roampost.clock import WallTime
from roampost.domain.messages import (
    ChargeRecord,
    EvseStatus,
    LateAuthorization,
    Message,
    StatusMessage,
)
from roampost.domain.stamp import Stamp
from roampost.hubs.oioi.encode import STATUS, Sayable, body_for, takes, verify_body
from roampost.hubs.oioi.words import UnsayableError
from tests.agent.oicp import samples as oicp
from tests.agent.oioi import samples
from tests.agent.oioi.samples import said
from tests.agent.oioi.schemas import problems

plenty = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("message", [*samples.ONE_OF_EACH, samples.DELETE], ids=lambda one: one.kind)
def test_each_message_passes_the_schema(message: Sayable) -> None:
    assert problems(samples.body(message)) == []


@plenty
@given(message=samples.messages)
def test_whatever_is_told_passes_the_schema(message: Sayable) -> None:
    assert problems(samples.body(message)) == []


# --- what there are words for --------------------------------------------------------------------------------------

TAKEN = {"status", "start", "progress", "end", "cdr", "late_authorization", "station_data"}


def test_every_kind_of_message_is_either_taken_or_not() -> None:
    (messages, _) = get_args(Message)
    kinds = {one.model_fields["kind"].default for one in get_args(messages)}
    examples: dict[str, Message] = {one.kind: one for one in (*oicp.ONE_OF_EACH, *samples.ONE_OF_EACH)}
    assert set(examples) == kinds
    assert {kind for kind, one in examples.items() if takes(one)} == TAKEN


def test_the_end_of_a_session_is_told_by_its_record() -> None:
    assert not takes(samples.END)
    assert takes(samples.STAYS)


def test_a_reservation_has_no_record_there() -> None:
    assert takes(samples.CDR)
    assert not takes(samples.CDR.model_copy(update={"reservation": True}))


# --- statuses and cards --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (EvseStatus.AVAILABLE, "Available"),
        (EvseStatus.OCCUPIED, "Occupied"),
        (EvseStatus.RESERVED, "Reserved"),
        (EvseStatus.OUT_OF_SERVICE, "Offline"),
        (EvseStatus.UNKNOWN, "Unknown"),
    ],
)
def test_each_status(ours: EvseStatus, theirs: str) -> None:
    assert said(StatusMessage(evse_id="DE*ABC*E1", status=ours), "connector-post-status") == {
        "connector-id": "DE*ABC*E1",
        "status": theirs,
        "partner-identifier": "abc-partner-1",
    }
    assert set(STATUS) == set(EvseStatus)


def test_a_card_is_asked_about_alone() -> None:
    assert json.loads(verify_body("4a2daa856280")) == {"rfid-verify": {"rfid": "004A2DAA856280"}}
    assert samples.body(samples.LATE) == verify_body(samples.UID)


@pytest.mark.parametrize("uid", ["04A2B3C4D5E6F708091A2B", "not hex"])
def test_a_card_that_oioi_has_no_form_for_is_told_without_its_number(uid: str) -> None:
    with pytest.raises(UnsayableError) as caught:
        verify_body(uid)
    assert uid not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_nobody_can_be_asked_late_about_a_session_without_a_card() -> None:
    session = samples.LATE.session.model_copy(update={"uid": None, "contract_id": samples.CONTRACT})
    with pytest.raises(UnsayableError, match="only about a card"):
        samples.body(LateAuthorization(session=session, session_start=samples.stamp()))


# --- sessions ------------------------------------------------------------------------------------------------------

START, STOP = "2026-09-21T16:13:20+02:00", "2026-09-21T17:13:20+02:00"
CHARGED_FROM, CHARGED_TO = "2026-09-21T16:13:25+02:00", "2026-09-21T17:11:40+02:00"


def test_a_start_knows_two_moments() -> None:
    assert said(samples.START, "session-post") == {
        "user": {"identifier-type": "rfid", "identifier": samples.UID},
        "session-id": "rp-0001",
        "connector-id": "DE*ABC*E840*1",
        "session-interval": {"start": START},
        "charging-interval": {"start": CHARGED_FROM},
        "partner-identifier": "abc-partner-1",
    }


def test_a_running_session_says_how_far_it_has_come() -> None:
    told = said(samples.PROGRESS, "session-post")
    assert (told["session-interval"], told["charging-interval"]) == ({"start": START}, {"start": CHARGED_FROM})
    assert told["energy-consumed"] == 1.5


def test_a_running_session_leaves_out_the_energy_that_is_not_known() -> None:
    told = said(samples.PROGRESS.model_copy(update={"energy_wh": None}), "session-post")
    assert "energy-consumed" not in told


def test_a_charge_that_is_over_while_the_vehicle_stays() -> None:
    told = said(samples.STAYS, "session-post")
    assert told["session-interval"] == {"start": START}
    assert told["charging-interval"] == {"start": CHARGED_FROM, "stop": CHARGED_TO}


def test_a_vehicle_that_stays_and_never_charged_has_no_charging_interval() -> None:
    told = said(samples.STAYS.model_copy(update={"charging_start": None, "energy_wh": 0}), "session-post")
    assert "charging-interval" not in told
    assert told["energy-consumed"] == 0


def test_the_record_has_it_all() -> None:
    told = said(samples.CDR, "session-post")
    assert told["session-interval"] == {"start": START, "stop": STOP}
    assert told["charging-interval"] == {"start": CHARGED_FROM, "stop": CHARGED_TO}
    assert told["energy-consumed"] == 30.541


@pytest.mark.parametrize(
    ("energy_wh", "written"), [(0, b"0.000"), (1, b"0.001"), (30_500, b"30.500"), (9_007_199_254_740_993, None)]
)
def test_energy_is_written_exactly(energy_wh: int, written: bytes | None) -> None:
    body = samples.body(samples.CDR.model_copy(update={"energy_wh": energy_wh}))
    document: Any = json.loads(body, parse_float=Decimal)
    assert document["session-post"]["energy-consumed"] * 1000 == energy_wh
    assert written is None or b'"energy-consumed":' + written + b"," in body


@plenty
@given(st.lists(st.integers(0, 4_000_000), min_size=4, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_dates_of_a_record_are_in_order_whatever_the_clock_did(moments_s: list[int], trusted: list[bool]) -> None:
    """The monotonic times are in order, the wall's jump as they like."""
    stamps = [
        Stamp(boot=f"b{number % 2}", mono_ms=number * 1000, wall_ms=samples.NOON_MS + at_s * 1000, trusted=known)
        for number, (at_s, known) in enumerate(zip(moments_s, trusted, strict=True))
    ]
    names = ("session_start", "charging_start", "charging_end", "session_end")
    told = said(samples.CDR.model_copy(update=dict(zip(names, stamps, strict=True))), "session-post")
    session, charging = told["session-interval"], told["charging-interval"]
    dates = [session["start"], charging["start"], charging["stop"], session["stop"]]
    assert dates == sorted(dates)


def test_a_record_of_the_night_that_summer_time_ends_keeps_its_moments() -> None:
    at_ms = 1_792_888_800_000  # 2026-10-25T00:40Z, twenty minutes before
    moments = [Stamp(boot="b", mono_ms=part, wall_ms=at_ms + part, trusted=True) for part in (0, 1_200_000, 2_400_000)]
    changes = dict(zip(("session_start", "charging_start", "charging_end"), moments, strict=True))
    record = samples.CDR.model_copy(update=changes | {"session_end": moments[2]})
    told = json.loads(body_for(record, samples.PARTNER, WallTime(ZoneInfo("Europe/Berlin"))))["session-post"]
    assert told["session-interval"] == {"start": "2026-10-25T02:40:00+02:00", "stop": "2026-10-25T02:20:00+01:00"}
    assert told["charging-interval"] == {"start": "2026-10-25T02:00:00+01:00", "stop": "2026-10-25T02:20:00+01:00"}


# --- whose session it is -------------------------------------------------------------------------------------------


def user(**who: str | None) -> dict[str, Any]:
    session = samples.SESSION.model_copy(update={"uid": None} | who)
    record: ChargeRecord = samples.CDR.model_copy(update={"session": session})
    assert problems(samples.body(record)) == []
    found: dict[str, Any] = said(record, "session-post")["user"]
    return found


@pytest.mark.parametrize(
    ("who", "kind", "identifier"),
    [
        ({"uid": "4a2b3c4"}, "rfid", "04A2B3C4"),
        ({"uid": "04A2B3C4D5E6F7"}, "rfid", "04A2B3C4D5E6F7"),
        ({"uid": "04A2B3C4D5E6F70809"}, "rfid", "0004A2B3C4D5E6F70809"),
        ({"contract_id": "DE*8PS*9DC4AE*X"}, "evco-id", "DE*8PS*9DC4AE*X"),
        ({"contract_id": "DE*8PS*9DC4AE*X", "uid": "04A2B3C4"}, "evco-id", "DE*8PS*9DC4AE*X"),
        ({"account": "username:ann@example.org"}, "username", "ann@example.org"),
        ({"account": "token:abc:def"}, "token", "abc:def"),
        ({"account": "username:ann", "uid": "04A2B3C4"}, "rfid", "04A2B3C4"),
    ],
)
def test_the_user_is_the_contract_else_the_card_else_the_account(
    who: dict[str, str], kind: str, identifier: str
) -> None:
    assert user(**who) == {"identifier-type": kind, "identifier": identifier}


@pytest.mark.parametrize("who", [{}, {"account": "ann"}, {"account": "username:"}, {"account": "fax:1"}])
def test_a_session_of_nobody_is_not_sent(who: dict[str, str]) -> None:
    with pytest.raises(UnsayableError, match="names no contract, no card and no account"):
        user(**who)
