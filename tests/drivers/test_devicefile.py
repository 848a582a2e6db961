"""Device files: the shipped ones load, a site's own need no Python, and every mistake is named in one run."""

from pathlib import Path

import pytest

from roampost_drivers.devicefile import SHIPPED, Catalog, DeviceFileError, parse

GARO = """
title = "A wallbox of our own"
source = "its manual, page 4"
[link]
transports = ["tcp"]
unit = 255
[limits]
max_registers = 20
[[row]]
name = "state"
address = 1201
type = "str"
length = 5
[[row]]
name = "limit"
address = 1210
type = "f32"
unit = "A"
[charger]
[charger.pilot]
row = "state"
match = "first"
states = { A = "A", B = "B", C = "C" }
[charger.set_point]
row = "limit"
[charger.without_agent]
keeps_set_point = false
default_set_point = false
watchdog_s = 60.0
"""


def refused(text: str) -> list[str]:
    with pytest.raises(DeviceFileError) as caught:
        parse(text, "x", "x.toml")
    return caught.value.problems


def shipped(key: str) -> str:
    return (SHIPPED / f"{key}.toml").read_text("utf-8")


def test_the_shipped_files_load_and_cite_their_source() -> None:
    catalog = Catalog.load()
    assert {"evse-din", "sdm630", "waveshare-8ch", "twn4"} <= set(catalog.devices)
    assert all(device.source and device.title for device in catalog.devices.values())
    assert all("Source:" in path.read_text("utf-8")[:400] for path in catalog.origins.values())


def test_a_site_adds_a_charger_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "garo.toml").write_text(GARO, "utf-8")
    catalog = Catalog.load(tmp_path)
    charger = catalog.device("garo").charger
    assert charger is not None
    assert charger.without_agent.watchdog_s == 60.0
    assert catalog.origins["garo"] == tmp_path / "garo.toml"


def test_a_site_file_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "sdm630.toml").write_text(shipped("sdm630").replace("baud = 9600", "baud = 19200"), "utf-8")
    assert Catalog.load(tmp_path).device("sdm630").link.baud == 19200


def test_an_unknown_device_gets_a_suggestion() -> None:
    with pytest.raises(DeviceFileError, match='no device "sdm360"; did you mean "sdm630"'):
        Catalog.load().device("sdm360")


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 5_000 + "]" * 5_000], ids=["digits", "brackets"])
def test_an_absurd_value_is_told_like_every_other_mistake(value: str) -> None:
    with pytest.raises(DeviceFileError, match=r"x\.toml: this is not TOML"):
        parse(f"title = {value}", "x", "x.toml")


def test_all_mistakes_of_all_files_come_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(GARO.replace("unit = 255", 'unit = "x"').replace("length", "lenght"), "utf-8")
    (tmp_path / "two.toml").write_text("nonsense", "utf-8")
    with pytest.raises(DeviceFileError) as caught:
        Catalog.load(tmp_path)
    one, two = str(tmp_path / "one.toml"), str(tmp_path / "two.toml")
    problems = caught.value.problems
    assert f'{one}: link.unit = "x": must be a whole number' in problems
    assert any(
        p.startswith(f'{one}: row "state": lenght: unknown key; did you mean "length"? allowed are:') for p in problems
    )
    assert any(p.startswith(f"{two}: this is not TOML:") for p in problems)


@pytest.mark.parametrize(
    ("key", "old", "new", "problem"),
    [
        ("evse-din", 'offered = "announced"', 'offered = "anounced"', 'did you mean "announced"?'),
        ("evse-din", 'offered = "announced"', 'offered = "status"', 'unit is "", allowed here: A mA'),
        ("evse-din", "bit = 0 ", "bit = 64 ", "charger.contactor.bit = 64: must be between 0 and 63"),
        ("evse-din", "bits = { 1", "bits = { one", 'charger.faults.bits "one": a bit is a number'),
        ("evse-din", "scale = 0.01", "scale = 0", "charger.set_point.finer.scale = 0: must be above 0"),
        ("evse-din", "minimum_ma = 6000", "minimum_ma = 90000", "charger.set_point.minimum_ma = 90000"),
        ("evse-din", "scale = 0.01", "scale = 0.001", 'maximum_ma = 80000: row "set_point" (u16) cannot hold it'),
        (
            "evse-din",
            'unit = "A"  ',
            'unit = "A"\nmask = 255  ',
            '"set_point" is written, so it can have neither shift',
        ),
        ("evse-din", "address = 2005", "address = 70000", "address = 70000: must be between 0 and 65535"),
        ("evse-din", "bridge = 1", "bridge = 1\nforbidden = [[1004, 1005]]", '"firmware": lies in the forbidden range'),
        ("evse-din", 'name = "status"', 'name = "firmware"', 'row "firmware" is there twice'),
        ("evse-din", "value = 0\n", "value = 70000\n", "charger.commissioning: value = 70000: must be between"),
        (
            "evse-din",
            "[charger.contactor]",
            '[charger.release]\nrow = "gone"\n[charger.contactor]',
            "there is no such row",
        ),
        (
            "evse-din",
            "[charger.contactor]",
            '[charger.keep_alive]\nrow = "status"\nvalue = 1\nevery_s = 0\n[charger.contactor]',
            "every_s = 0.0: must be above 0",
        ),
        ("evse-din", 'row = "set_point"\n', 'row = "set_point"\nwritten = "announced"\n', "finer and written exclude"),
        ("sdm630", "[6, 8, 10]", "[4]", "4 is the length of another read of this meter"),
        ("sdm630", "[6, 8, 10]", "[22]", "22 must be between 2 and 20"),
        ("sdm630", "[6, 8, 10]", "[]", "meter.confirm_counts is empty"),
        ("sdm630", 'energy = "energy_import"', 'energy = "power"', "allowed here: Wh kWh"),
        ("sdm630", "fc = 4", "fc = 2", 'fc = 2 with type "f32"'),
        ("sdm630", "max_registers = 20", "max_registers = 1", "takes 2 registers, one read has at most 1"),
        ("waveshare-8ch", "count = 8", "count = 0", "inputs.count = 0: must be between 1 and 2000"),
        ("waveshare-8ch", "timeout_ms = 200", "timeout_ms = 0", "link.timeout_ms = 0: must be between 20 and 5000"),
        ("twn4", "[reader]", "key = 'x'\n[reader]", "link.key: unknown key"),
        ("twn4", 'title = "', 'key = "x"\ntitle = "', "key: unknown key; a device's key is the name of its file"),
        ("twn4", '[reader]\nprotocol = "twn4-simple"', "", "the file has none of the sections"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(key: str, old: str, new: str, problem: str) -> None:
    text = shipped(key)
    assert old in text
    assert [p for p in refused(text.replace(old, new)) if problem in p]


@pytest.mark.parametrize(
    ("key", "old", "new", "problem"),
    [
        ("sdm630", 'unit = "W"', 'unit = "watt"', 'row "power": unit = "watt": must be "", "A", "mA", "V", "W"'),
        ("sdm630", 'name = "power"', "", "row[1].name: is missing"),
        ("sdm630", 'name = "power"', "name = 3", 'row[1].name = 3: must be text in "quotes"'),
        ("sdm630", "[6, 8, 10]", "3", "meter.confirm_counts = 3: must be a list in [brackets]"),
        ("sdm630", "max_registers = 20", "max_registers = 20.5", "limits.max_registers = 20.5: must be a whole number"),
        ("sdm630", "max_registers = 20", "forbidden = [[1, 2, 3]]", "limits.forbidden[1]: must have 2 values"),
        ("sdm630", "[meter]", "[metre]", 'metre: unknown key; did you mean "meter"? allowed are: title, source'),
        ("evse-din", "keeps_set_point = true", "keeps_set_point = 1", "keeps_set_point = 1: must be true or false"),
        ("evse-din", "scale = 0.01", "scale = true", "charger.set_point.finer.scale = true: must be a number"),
        ("evse-din", '1 = "A"', '1 = "G"', 'charger.pilot.states.1 = "G": must be "A", "B", "C", "D", "E" or "F"'),
        ("waveshare-8ch", "[link]", "[[link]]", "link: must be a table"),
    ],
)
def test_a_value_of_a_wrong_kind_is_told_with_what_is_allowed(key: str, old: str, new: str, problem: str) -> None:
    text = shipped(key)
    assert old in text
    found = refused(text.replace(old, new, 1))
    assert [one for one in found if one.startswith("x.toml: ") and problem in one], found
    assert not [one for one in found if "Input should" in one or "should be a valid" in one]


def test_a_value_of_two_kinds_is_one_mistake() -> None:
    text = shipped("sdm630").replace('name = "power"', 'name = "power"\nabsent = [1, "nen"]')
    assert refused(text) == ['x.toml: row "power": absent[2] = "nen": must be a whole number or "nan"']


def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(DeviceFileError, match=r"latin\.toml: cannot be read"):
        Catalog.load(tmp_path)
