"""Station files: what is wrong is named by file and key; the built-in one is right."""

from pathlib import Path

import pytest

from roampost_sim.errors import PlanError
from roampost_sim.station_file import BUILT_IN, load_station, units_of

GOOD = """
[lines.bus]
kind = "rtu"
link = "bus"
[evses.1]
controller = { line = "bus", unit = 1 }
meter = { line = "bus", unit = 11 }
[modules.inputs]
line = "bus"
unit = 21
"""


def test_the_built_in_station_has_two_evses_on_one_line_and_one_reader() -> None:
    plan = load_station(BUILT_IN)
    assert [unit for _, line, unit in units_of(plan) if line == "rs485"] == [1, 11, 2, 12, 21]
    assert (list(plan.evses), list(plan.readers)) == (["1", "2"], ["front"])


@pytest.mark.parametrize(
    ("more", "where", "problem"),
    [
        ("[lines.two]\nkind = 'can'\n", "lines.two", "has 'kind' = 'can'; known are 'rtu', 'tcp'"),
        ("[lines.two]\nkind = 'rtu'\nlink = 'x'\nbaud = 9700\n", "lines.two.baud", "(found 9700)"),
        ("[readers.r]\nlink = 'bus'\n", "readers.r.link", "'bus' is taken twice"),
        ("[readers.bus]\nlink = 'r'\n", "readers.bus", "has the name of a line"),
        ("[evses.2]\ncontroller = { line = 'bus', unit = 0 }\n", "evses.2.controller.unit", "greater than"),
        ("[evses.2]\ncontroller = { line = 'bus', unit = 11 }\n", "evses.2.controller.unit", "taken twice"),
        ("[evses.2]\ncontroller = { line = 'can', unit = 2 }\n", "evses.2.controller.line", "known are bus"),
        ("[evses.2]\nmeter = { line = 'bus', unit = 2 }\n", "evses.2.controller", "is missing"),
        ("[contacts.c]\nmodule = 'm'\ninput = 1\n", "contacts.c.module", "there is no module 'm'"),
        ("[contacts.c]\nmodule = 'inputs'\ninput = 9\n", "contacts.c.input", "less than or equal to 8"),
        ("[contacts.c]\nmodule = 'inputs'\ninput = 1\nopens = ['7']\n", "contacts.c", "there is no EVSE '7'"),
        ("[cars.c]\npower = 1\n", "cars.c.power", "is not a key that is known here"),
        ("[cars.c]\npower_w = inf\n", "cars.c.power_w", "finite"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, more: str, where: str, problem: str) -> None:
    file = tmp_path / "station.toml"
    file.write_text(GOOD + more)
    with pytest.raises(PlanError) as caught:
        load_station(file)
    assert caught.value.where == where
    assert problem in caught.value.problem
    assert str(caught.value).startswith(f"{file}: {where}: ")


def test_two_contacts_do_not_share_an_input(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    contacts = "".join(f"[contacts.{name}]\nmodule = 'inputs'\ninput = 1\n" for name in ("a", "b"))
    file.write_text(GOOD + contacts)
    with pytest.raises(PlanError, match=r"contacts\.b\.input: input 1 is taken twice"):
        load_station(file)


@pytest.mark.parametrize(("content", "problem"), [(b"[lines", "is not TOML"), (b"\xff", "is not TOML")])
def test_what_is_not_toml_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "station.toml"
    file.write_bytes(content)
    with pytest.raises(PlanError, match=problem):
        load_station(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.toml: cannot be read: No such file"):
        load_station(tmp_path / "none.toml")
