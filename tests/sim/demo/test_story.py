"""Story files: everything that is wrong is found before the day begins, and named."""

from pathlib import Path

import pytest

from roampost_sim.commands import Plug
from roampost_sim.demo.story import (
    DAY,
    AgentDeed,
    AppAsks,
    AppEnds,
    HubDeed,
    HubWait,
    OtherWait,
    StationWait,
    Step,
    load_story,
)
from roampost_sim.errors import PlanError

HEAD = f"""
name = "A short day"
station = "{DAY.with_name("station.toml")}"
cards = ["04A7B1E2C95D81"]
"""
STEPS = """
[[step]]
say = "Good morning"
on = "agent"
do = "start"

[[step]]
after = 1.5
do = "plug"
evse = "1"
car = "van"

[[step]]
wait = "hub"
evse = "1"
message = "Occupied"
times = 2
most_s = 5

[[step]]
wait = "station"
evse = "1"
event = "car_full"

[[step]]
on = "hub"
do = "refuse"

[[step]]
wait = "caught_up"
"""
APPS = """
[[step]]
wait = "inbound"

[[step]]
on = "hub"
do = "reserve"
evse = "2"
contract = "DE-8EO-C11223344-A"
minutes = 5

[[step]]
on = "hub"
do = "cancel_reservation"
evse = "2"
"""


def written(directory: Path, text: str) -> Path:
    file = directory / "story.toml"
    file.write_text(text)
    return file


def test_a_story_becomes_typed_steps(tmp_path: Path) -> None:
    story = load_story(written(tmp_path, HEAD + STEPS))
    assert (story.name, story.cards) == ("A short day", frozenset({"04A7B1E2C95D81"}))
    assert list(story.station.evses) == ["1", "2"]
    assert story.steps == (
        Step(0.0, "Good morning", AgentDeed(do="start")),
        Step(1.5, None, Plug(do="plug", evse="1", car="van")),
        Step(0.0, None, HubWait(wait="hub", evse="1", message="Occupied", times=2, most_s=5)),
        Step(0.0, None, StationWait(wait="station", evse="1", event="car_full")),
        Step(0.0, None, HubDeed(do="refuse")),
        Step(0.0, None, OtherWait(wait="caught_up")),
    )


def test_what_apps_ask_becomes_typed_steps(tmp_path: Path) -> None:
    assert [step.act for step in load_story(written(tmp_path, HEAD + APPS)).steps] == [
        OtherWait(wait="inbound"),
        AppAsks(do="reserve", evse="2", contract="DE-8EO-C11223344-A", minutes=5),
        AppEnds(do="cancel_reservation", evse="2"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('contract = "DE-8EO-C11223344-A"', "", "step 2.contract: is missing"),
        ("minutes = 5", "minutes = 100", "step 2.minutes: should be less than or equal to 99 (found 100)"),
        ('evse = "2"\ncontract', 'evse = "7"\ncontract', "step 2.evse: there is no '7'; known are 1, 2"),
        ('do = "cancel_reservation"', 'do = "remote_start"', "step 3.contract: is missing"),
    ],
)
def test_an_app_that_asks_wrongly_is_refused_in_words(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in APPS
    file = written(tmp_path, HEAD + APPS.replace(old, new, 1))
    with pytest.raises(PlanError) as refused:
        load_story(file)
    assert str(refused.value) == f"{file}: {sentence}"


def test_the_shipped_day_has_all_that_it_is_to_show() -> None:
    steps = load_story(DAY).steps
    deeds = [getattr(step.act, "do", "wait") for step in steps]
    assert {"trip", "reset", "refuse", "clear", "unplug_line", "replug_line", "kill"} <= set(deeds)
    assert {"reserve", "remote_start", "remote_stop"} <= set(deeds)
    assert sum(step.after_s for step in steps) < 45  # the rest of its minute is for waiting


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('evse = "1"\ncar', 'evse = "7"\ncar', "step 2.evse: there is no '7'; known are 1, 2"),
        ('car = "van"', 'car = "tank"', "step 2.car: there is no 'tank'"),
        ('do = "plug"', 'do = "dance"', "step 2: has 'do' = 'dance'"),
        ("after = 1.5", "after = -1", "step 2.after: should be greater than or equal to 0"),
        ('message = "Occupied"', 'message = "Ocupied"', "step 3.message: should be 'Available', 'Occupied'"),
        ('wait = "caught_up"', 'wait = "bus"', "step 6: has 'wait' = 'bus'; known are 'hub', 'station'"),
        ('do = "refuse"', 'do = "explode"', "step 5: has 'do' = 'explode'; known are"),
        ('do = "start"', 'do = "stop"', "step 1.do: should be 'start' or 'kill'"),
        ("most_s = 5", "most = 5", "step 3.most: is not a key that is known here"),
        ('cards = ["04A7B1E2C95D81"]', 'cards = ["Anna"]', "cards.0: "),
        ('name = "A short day"', "", "name: is missing"),
    ],
)  # fmt: skip
def test_a_wrong_story_is_refused_in_words(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = HEAD + STEPS
    assert old in text
    file = written(tmp_path, text.replace(old, new, 1))
    with pytest.raises(PlanError) as refused:
        load_story(file)
    assert str(refused.value).startswith(f"{file}: {sentence}")


def test_a_story_whose_station_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"nowhere\.toml: cannot be read"):
        load_story(written(tmp_path, HEAD.replace("station.toml", "nowhere.toml") + STEPS))
