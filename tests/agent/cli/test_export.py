"""`roampost outbox export` in all its formats."""

import csv
import io
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.agent.cli.stopped_station import Site, call, filled

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


def test_export_as_json(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export") == 0
    captured = capsys.readouterr()
    assert [one["body"]["kind"] for one in json.loads(captured.out)] == ["status", "cdr"]
    assert captured.err == "2 messages exported\n"


def test_export_of_nothing_is_right_json(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--hub", "none") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_export_as_csv_holds_no_formula(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--format", "csv", "--kind", "cdr") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["last_text"].startswith("'=the record")
    assert json.loads(row["body"])["energy_wh"] == 2500


def test_export_as_a_database_keeps_attempts_beside_their_message(stopped: Site, tmp_path: Path) -> None:
    output = tmp_path / "export.db"
    assert call(stopped, "outbox", "export", "--format", "sqlite", "--output", str(output)) == 0
    connection = sqlite3.connect(output)
    try:
        query = "select kind, verdict, json_extract(body, '$.energy_wh') from message join attempt using (seq)"
        assert connection.execute(query).fetchall() == [("cdr", "reject", 2500)]
        assert connection.execute("select count(*) from message").fetchone() == (2,)
    finally:
        connection.close()


def test_export_of_nothing_as_a_database(stopped: Site, tmp_path: Path) -> None:
    output = tmp_path / "export.db"
    words = ["--format", "sqlite", "--hub", "none", "--output", str(output)]
    assert call(stopped, "outbox", "export", *words) == 0
    assert output.exists()


def test_an_exported_file_is_private_and_never_overwritten(stopped: Site, tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "export.json"
    assert call(stopped, "outbox", "export", "--output", str(output)) == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    before = output.read_text()
    assert call(stopped, "outbox", "export", "--output", str(output), "--format", "csv") == 5
    assert output.read_text() == before
    assert "exists; name a new file" in capsys.readouterr().err


def test_export_as_a_database_needs_a_file(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--format", "sqlite") == 2
    assert "--output" in capsys.readouterr().err


def test_export_into_a_folder_that_is_not_there(stopped: Site, tmp_path: Path, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--output", str(tmp_path / "no" / "x.json")) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
