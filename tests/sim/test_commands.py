"""Commands from outside: every wrong one gets one sentence, and nothing happens."""

from typing import Any

import pytest

from roampost_sim.commands import HoldCard, LineFault, Plug, parse, parse_json, parse_words
from roampost_sim.errors import CommandError
from roampost_sim.wire.faults import FaultKind
from tests.sim.support import World


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"do": "fly"}, "has 'do' = 'fly'; known are 'plug'"),
        ({"evse": "1"}, "needs a key 'do'"),
        ({"do": "plug"}, "evse: is missing"),
        ({"do": "plug", "evse": "1", "colour": "red"}, "colour: is not a key that is known here"),
        ({"do": "plug", "evse": "1", "phases": 4}, "phases: should be less than or equal to 3"),
        ({"do": "hold_card", "reader": "front", "uid": "xyz"}, "uid: "),
        ({"do": "line_fault", "line": "bus", "fault": "fire"}, "fault: should be 'silent', 'late'"),
        ([], "should be a valid dictionary"),
    ],
)
def test_a_wrong_command_is_named(given: Any, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse(given)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_what_is_not_json_is_named() -> None:
    with pytest.raises(CommandError, match="not a JSON object in one line"):
        parse_json(b"plug 1")


def test_json_that_nests_without_end_is_refused_like_any_other() -> None:
    with pytest.raises(CommandError, match="not a JSON object in one line"):
        parse_json(b"[" * 60_000)


def test_a_person_types_words() -> None:
    assert parse_words("plug evse=1 power_w=7360 ventilation=true") == Plug(
        do="plug", evse="1", power_w=7360, ventilation=True
    )
    assert parse_words("hold_card reader=front uid=04112233 for_s=2.5") == HoldCard(
        do="hold_card", reader="front", uid="04112233", for_s=2.5
    )
    assert parse_words("line_fault line=bus fault=bad-crc unit=1") == LineFault(
        do="line_fault", line="bus", fault=FaultKind.BAD_CRC, unit=1
    )
    with pytest.raises(CommandError, match="'1' should be key=value"):
        parse_words("plug 1")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ({"do": "plug", "evse": "9"}, "there is no EVSE '9'; known are 1"),
        ({"do": "plug", "evse": "1", "car": "bus"}, "there is no car 'bus'; known are quick"),
        ({"do": "unplug", "evse": "1"}, "EVSE '1' has no car"),
        ({"do": "take_card", "reader": "back"}, "there is no reader 'back'; known are front"),
        ({"do": "trip", "contact": "roof"}, "there is no contact 'roof'; known are rcd, door, mirror"),
        ({"do": "trip", "contact": "mirror"}, "mirrors a contactor"),
        ({"do": "unplug_line", "line": "x"}, "there is no line or reader 'x'; known are bus, io, front"),
        ({"do": "replug_line", "line": "bus"}, "'bus' is plugged in already"),
        ({"do": "line_fault", "line": "io", "fault": "echo"}, "'io' cannot have the fault 'echo'; possible are late"),
        ({"do": "line_fault", "line": "front", "fault": "bad-crc"}, "possible are late, noise, silent, split"),
        ({"do": "line_fault", "line": "bus", "fault": "late", "unit": 5}, "'bus' has no unit 5; it has [1, 11]"),
        ({"do": "ask", "line": "x", "unit": 1}, "there is no line 'x'"),
        ({"do": "ask", "line": "bus", "unit": 99}, "line 'bus' has no unit 99"),
    ],
)
async def test_what_cannot_be_done_now_changes_nothing(site: World, command: dict[str, Any], sentence: str) -> None:
    before = len(site.events)
    with pytest.raises(CommandError) as caught:
        await site.do(**command)
    assert sentence in str(caught.value)
    assert len(site.events) == before


async def test_a_second_car_does_not_fit(site: World) -> None:
    await site.do(do="plug", evse="1")
    with pytest.raises(CommandError, match="has a car already"):
        await site.do(do="plug", evse="1")


async def test_an_unplugged_line_cannot_be_unplugged_again(site: World) -> None:
    await site.do(do="unplug_line", line="io")
    with pytest.raises(CommandError, match="'io' is unplugged already"):
        await site.do(do="unplug_line", line="io")


async def test_cards_are_taken_away_on_request(site: World) -> None:
    await site.do(do="hold_card", reader="front", uid="66CF4DC2", for_s=60)
    assert await site.do(do="take_card", reader="front") == {"taken": 1}
    await site.station.pass_time(61, step_s=1)
    assert len(site.named("card_taken")) == 1


async def test_faults_and_notes_are_in_the_record_and_in_the_truth(site: World) -> None:
    await site.do(do="line_fault", line="bus", fault="silent", unit=11)
    await site.do(do="note", text="the meter dies")
    assert (await site.do(do="ask"))["ports"]["bus"]["faults"] == [{"fault": "silent", "unit": 11}]
    await site.do(do="line_fault", line="bus", fault="silent", unit=11, on=False)
    assert (await site.do(do="ask"))["ports"]["bus"]["faults"] == []
    assert [(event["fault"], event["unit"], event["on"]) for event in site.named("line_fault")] == [
        ("silent", 11, True),
        ("silent", 11, False),
    ]
    assert site.named("note")[0]["text"] == "the meter dies"
