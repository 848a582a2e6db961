"""Story files: everything that is wrong is found before the day begins, and named."""

from pathlib import Path

import pytest

from roampost_sim.commands import Plug
from roampost_sim.demo.protocols import playing
from roampost_sim.demo.story import (
    DAY,
    AgentDeed,
    AppAsks,
    AppEnds,
    Card,
    HubDeed,
    HubWait,
    OtherWait,
    StationWait,
    Step,
    load_story,
)
from roampost_sim.errors import PlanError, SimError

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
    assert (story.name, story.cards) == ("A short day", (Card(uid="04A7B1E2C95D81"),))
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


def test_an_app_and_a_card_may_name_their_hub(tmp_path: Path) -> None:
    text = HEAD.replace('["04A7B1E2C95D81"]', '["04A7B1E2C95D81", { uid = "049C33D1F26A52", hub = "oioi" }]')
    text += APPS.replace('do = "reserve"', 'do = "reserve"\nhub = "oioi"')
    story = load_story(written(tmp_path, text))
    assert story.steps[1].act == AppAsks(do="reserve", evse="2", contract="DE-8EO-C11223344-A", minutes=5, hub="oioi")
    assert [list(hub.cards) for hub in story.hubs(["oicp", "oioi"])] == [
        ["04A7B1E2C95D81"],
        ["04A7B1E2C95D81", "049C33D1F26A52"],
    ]


@pytest.mark.parametrize("alone", ["oicp", "oioi"])
def test_a_hub_that_plays_alone_has_all_cards(alone: str) -> None:
    """So that the day is the same whoever plays it."""
    story = load_story(DAY)
    (hub,) = story.hubs([alone])
    assert set(hub.cards) == {card.uid for card in story.cards}


def test_the_shipped_day_has_a_card_for_each_hub_and_one_for_both() -> None:
    oicp, oioi = (set(hub.cards) for hub in load_story(DAY).hubs(["oicp", "oioi"]))
    assert [len(cards) for cards in (oicp - oioi, oioi - oicp, oicp & oioi)] == [1, 1, 1]


def test_hubs_are_named_by_their_protocols() -> None:
    assert playing("oicp") == ("oicp",)
    assert playing("oioi, oicp") == ("oioi", "oicp")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("oicp,ocpi", "the hubs 'oicp,ocpi': 'ocpi' is none that the demo can play; give one or more of oicp,oioi"),
        ("", "the hubs '': '' is none that the demo can play; give one or more of oicp,oioi"),
        ("oicp,oicp", "the hubs 'oicp,oicp': 'oicp' is there twice; give one or more of oicp,oioi"),
    ],
)
def test_a_wrong_list_of_hubs_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(SimError) as refused:
        playing(text)
    assert str(refused.value) == sentence


def test_the_shipped_day_has_all_that_it_is_to_show() -> None:
    steps = load_story(DAY).steps
    deeds = [getattr(step.act, "do", "wait") for step in steps]
    assert {"trip", "reset", "refuse", "clear", "unplug_line", "replug_line", "kill"} <= set(deeds)
    assert {"reserve", "cancel_reservation", "remote_start", "remote_stop"} <= set(deeds)
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
        ('cards = ["04A7B1E2C95D81"]', 'cards = ["Anna"]', "cards.0"),
        ('cards = ["04A7B1E2C95D81"]', 'cards = [{uid = "04A7B1E2", hub = "ocpi"}]', "cards.0.hub: should"),
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
