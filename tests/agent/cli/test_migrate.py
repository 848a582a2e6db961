"""`roampost migrate`: makes and brings up the database, and harms no other file."""

from pathlib import Path

import pytest

from roampost.store.reading import open_readonly
from tests.agent.cli.stopped_station import call, site

Capture = pytest.CaptureFixture[str]


def test_migrate_makes_the_database_and_leaves_it_alone_the_second_time(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert call(made, "migrate") == 0
    assert call(made, "migrate", "--json") == 0
    open_readonly(made.database).close()


def test_migrate_tells_damage_in_one_sentence_and_leaves_it_to_the_agent(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    made.database.write_bytes(b"precious" * 1000)
    assert call(made, "migrate") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "is damaged (file is not a database); the agent, when it is started, moves it aside" in said
    assert [one.name for one in tmp_path.glob("*.damaged-*")] == []
    assert made.database.read_bytes() == b"precious" * 1000


def test_migrate_refuses_a_folder_that_is_not_there(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    made.config.write_text(made.config.read_text().replace("roampost.db", "no/roampost.db"))
    assert call(made, "migrate") == 3
    assert "make it, or correct station.database" in capsys.readouterr().err
