"""`roampost poi check`: text for a person, JSON for a script, a page for the hub."""

import json
import stat
from pathlib import Path

import pytest

from roampost.cli import main
from tests.agent.config.small_site import GOOD, write
from tests.agent.config.told_site import POI, told

Capture = pytest.CaptureFixture[str]
SECOND = """
[[evse]]
id = "DE*ABC*E1*2"
charger = "controller-2"
meter = "meter-2"
[devices.controller-2]
type = "evse-din"
line = "rs485"
unit = 2
[devices.meter-2]
type = "sdm630"
line = "rs485"
unit = 12
"""


def run(folder: Path, text: str, *words: str) -> int:
    return main(["poi", "check", "--config", str(write(folder, text)), *words])


def test_a_right_site_is_told_what_would_make_it_complete(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path, told()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "hint: station_id: It is not told."
    assert lines[1] == '  Write station_id = "HAUPT-1" under [poi], or under [evse.poi] for one EVSE.'
    assert lines[-1] == "1 EVSE, 17 % of the optional fields filled: 0 errors, 0 warnings, 14 hints."


def test_what_a_hub_would_refuse_comes_first_and_fails(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path, told(('hotline = "+49301234567"', 'hotline = "030 1234567"'))) == 1
    out, err = capsys.readouterr()
    assert err == "a hub would refuse DE*ABC*E1*1\n"
    assert out.startswith("error: hotline: '030 1234567' is not + and 5 to 15 digits, without spaces.\n  Begin with +")
    assert " 1 error, 0 warnings, 14 hints." in out


def test_what_is_wrong_at_every_evse_is_told_once(tmp_path: Path, capsys: Capture) -> None:
    changes = (('access = "free"\n', ""), ("max_capacity_kwh = 100", 'image_url = "http://example.org/a.jpg"'))
    assert run(tmp_path, told(*changes) + SECOND) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "error: access: It is missing, and OICP hubs refuse an EVSE without it."
    assert [one for one in lines if "image_url" in one and "http:" in one] == [
        "warning: image_url (DE*ABC*E1*1): 'http://example.org/a.jpg' is no https address."
    ]


def test_json_has_the_findings_and_the_data_of_each_evse(tmp_path: Path, capsys: Capture) -> None:
    changes = ('"rfid_classic", "remote"', '"remote"'), ('payment = ["contract"]', 'payment = ["no_payment", "direct"]')
    assert run(tmp_path, told(*changes), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], found["warnings"]) == (1, 0)
    (evse,) = found["evses"]
    assert (evse["evse_id"], evse["refused"], evse["data"]["hotline"]) == ("DE*ABC*E1*1", True, "+49301234567")
    assert evse["findings"][0] == {
        "severity": "error",
        "field": "payment",
        "says": "no_payment stands alone.",
        "advice": "Take it out, or all others.",
    }


def test_the_check_of_the_configuration_points_here(tmp_path: Path, capsys: Capture) -> None:
    bad = write(tmp_path, told(('access = "free"\n', "")))
    assert main(["check", "--config", str(bad)]) == 0
    assert "warning: poi: a hub would refuse DE*ABC*E1*1; `roampost poi check` says why" in capsys.readouterr().out
    assert main(["check", "--config", str(write(tmp_path, told()))]) == 0
    assert "warning: poi" not in capsys.readouterr().out


def test_format_json_is_the_same(tmp_path: Path, capsys: Capture) -> None:
    run(tmp_path, told(), "--json")
    first = capsys.readouterr().out
    run(tmp_path, told(), "--format", "json")
    assert capsys.readouterr().out == first


def test_a_page_goes_into_a_new_file(tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "onboarding.html"
    assert run(tmp_path, told(), "--format", "html", "--output", str(output)) == 0
    assert capsys.readouterr() == ("", "1 EVSE, 17 % of the optional fields filled: 0 errors, 0 warnings, 14 hints.\n")
    assert output.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "EVSE data of Test" in output.read_text("utf-8")
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert run(tmp_path, told(), "--format", "html", "--output", str(output)) == 5
    assert "exists; name a new file" in capsys.readouterr().err


def test_an_evse_of_no_hubs_operator_is_no_riddle(tmp_path: Path, capsys: Capture) -> None:
    """Without a hub there is no operator to hold it against."""
    assert run(tmp_path, told((GOOD[GOOD.index("[hubs.") :], ""))) == 0
    assert "is not an EVSE of" not in capsys.readouterr().out


def test_without_poi_there_is_nothing_to_check(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path, GOOD) == 2
    assert "has no [poi]; no hub is told any EVSE data" in capsys.readouterr().err


def test_a_wrong_configuration_is_told_as_everywhere(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path, told((POI, "[poi]\nhotlin = 1\n"))) == 2
    assert 'poi.hotlin is not known; did you mean "hotline"?' in capsys.readouterr().err


def test_what_is_written_in_the_configuration_cannot_steer_the_terminal(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path, told(('hotline = "+49301234567"', 'hotline = "\\u001b[2J\\u202e"'))) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
