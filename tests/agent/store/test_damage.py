"""Real files damaged in many ways: the store opens, what could be read is not lost, no record is there twice."""

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roampost.store import aside, reading
from roampost.store.errors import NotAStore, StoreDamaged, StoreTooNew
from tests.agent.store.damaging import (
    DELIVERED,
    EVSE_ID,
    PAGE,
    RECORDS,
    Left,
    make,
    make_cut,
    mended,
    restart,
)
from tests.agent.store.makers import open_store

ALL = {f"s{number}" for number in range(RECORDS)}
OWED = {f"s{number}" for number in range(DELIVERED, RECORDS)}
# The most that one page of the fixture's messages holds.
ON_A_PAGE = 5


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("closed") / "roampost.db"
    make(path)
    return path


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cut") / "roampost.db"
    make_cut(path)
    return path


def copied(made: Path, folder: Path) -> Path:
    path = folder / made.name
    for tail in ("", "-wal"):
        if Path(f"{made}{tail}").exists():
            shutil.copy(f"{made}{tail}", f"{path}{tail}")
    return path


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def flip(path: Path, at: int, mask: int = 0xFF) -> None:
    overwrite(path, at, bytes([path.read_bytes()[at] ^ mask]))


def root_of(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("select rootpage from sqlite_master where name = ?", (name,)).fetchone()
        return int(root)


def assert_whole(found: Left) -> None:
    """Nothing was lost: every record that is owed waits, and all that was stored is in the file."""
    assert found.waiting == OWED
    assert found.outbox[DELIVERED + 1][2] == 1, "it was in flight"
    assert found.sessions == ["s-open"]
    assert json.loads(found.evses[EVSE_ID])["session"]["session_id"] == "s-open"
    assert found.latches == ["rcd"]
    assert found.filed is None or found.filed_records == ALL


@pytest.mark.parametrize("name", ["closed", "cut"])
def test_what_is_not_damaged_is_left_as_it_is(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    path = copied(request.getfixturevalue(name), tmp_path)
    found = restart(path)
    assert_whole(found)
    assert found.filed is None
    assert aside.alarms(path) == []


def test_a_byte_in_the_head_of_each_page_costs_that_page_at_most(closed: Path, tmp_path: Path) -> None:
    """The first byte says what kind of page it is: of one without it nothing is believed."""
    pages = closed.stat().st_size // PAGE
    damaged = 0
    for number in range(1, pages):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = copied(closed, folder)
        flip(path, number * PAGE)
        found = restart(path)
        damaged += found.filed is not None
        assert len(OWED - found.waiting) <= ON_A_PAGE
        assert found.waiting <= OWED
        assert json.loads(found.evses[EVSE_ID])["session"]["session_id"] == "s-open"
    assert damaged >= pages // 2  # all but free pages and those of overflow


@pytest.mark.parametrize("at", [0, 16, 18, 19, 20, 21, 28, 40, 44, 47, 56, 59, 60, 68, 71, 100, 103, 105])
def test_a_byte_in_the_header_costs_nothing(closed: Path, tmp_path: Path, at: int) -> None:
    path = copied(closed, tmp_path)
    flip(path, at)
    assert_whole(restart(path))


@pytest.mark.parametrize("number", [0, 2, 2_000_000])
def test_a_wrong_schema_number_is_damage_where_the_tables_are_ours(closed: Path, tmp_path: Path, number: int) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, 60, number.to_bytes(4, "big"))
    found = restart(path)
    assert_whole(found)
    assert found.filed is not None


@pytest.mark.parametrize("number", [4, 99])
def test_a_newer_version_that_kept_the_tables_is_refused_and_stays_where_it_is(
    closed: Path, tmp_path: Path, number: int
) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, 60, number.to_bytes(4, "big"))
    with pytest.raises(StoreTooNew):
        restart(path)
    assert [one.name for one in tmp_path.glob("*damaged*")] == []


def test_a_header_of_zeros_costs_nothing(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, 0, bytes(100))
    assert_whole(restart(path))


@pytest.mark.parametrize("name", ["outbox", "session", "sqlite_autoindex_session_1", "outbox_live", "audit"])
@pytest.mark.parametrize("junk", [b"\xff", b"\0", b"\x0d"])
def test_a_root_page_that_is_overwritten_costs_what_stood_on_it(
    closed: Path, tmp_path: Path, name: str, junk: bytes
) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, (root_of(path, name) - 1) * PAGE, junk * PAGE)
    found = restart(path)
    assert found.filed is not None
    assert found.waiting == OWED  # a root of many messages has none itself
    assert json.loads(found.evses[EVSE_ID])["session"]["session_id"] == "s-open"
    assert found.sessions == ([] if name == "session" else ["s-open"])


def test_a_session_whose_evse_is_lost_gets_its_evse_again(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, (root_of(path, "evse") - 1) * PAGE, bytes(PAGE))
    assert_whole(restart(path))


def test_an_entry_that_an_index_has_lost_is_found(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    page = (root_of(path, "outbox_live") - 1) * PAGE
    at = path.read_bytes().rindex(b"hubsession", page, page + PAGE)
    overwrite(path, at, b"bug")
    found = restart(path)
    assert_whole(found)
    assert found.filed is not None


def test_a_missing_table_is_damage(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("drop table memory")
    found = restart(path)
    assert_whole(found)
    assert found.filed is not None


def test_text_that_is_no_text_any_more_stays_in_the_file(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, path.read_bytes().rindex(b'"session_id":"s20"') + 14, b"\xff\xff\xff")
    found = restart(path)
    assert found.waiting == OWED - {"s20"}
    assert found.filed_records == ALL


def test_truncated_at_every_page_the_rest_is_kept(closed: Path, tmp_path: Path) -> None:
    pages = closed.stat().st_size // PAGE
    before = OWED
    for count in range(pages - 1, -1, -3):
        folder = tmp_path / str(count)
        folder.mkdir()
        path = copied(closed, folder)
        os.truncate(path, count * PAGE)
        found = restart(path)
        assert found.waiting <= before
        before = found.waiting
        assert (found.filed is None) == (count == 0)
    assert before == set()


@pytest.mark.parametrize("size", [0, PAGE, 2 * PAGE + 100])
def test_with_its_log_alone_all_is_there(cut: Path, tmp_path: Path, size: int) -> None:
    path = copied(cut, tmp_path)
    os.truncate(path, size)
    assert_whole(restart(path))


def test_the_log_without_its_file_is_not_deleted(cut: Path, tmp_path: Path) -> None:
    path = copied(cut, tmp_path)
    path.unlink()
    assert_whole(restart(path))


def test_a_log_that_was_cut_off_keeps_what_stands_before(cut: Path, tmp_path: Path) -> None:
    size = Path(f"{cut}-wal").stat().st_size
    before: set[str] = set()
    for part in range(20):
        folder = tmp_path / str(part)
        folder.mkdir()
        path = copied(cut, folder)
        os.truncate(f"{path}-wal", size * part // 20)
        found = restart(path)
        assert found.waiting <= ALL
        assert before - found.waiting <= {f"s{number}" for number in range(DELIVERED)}
        before = found.waiting


def test_a_frame_that_was_overwritten_takes_no_later_one_along(cut: Path, tmp_path: Path) -> None:
    path = copied(cut, tmp_path)
    overwrite(path.with_name(path.name + "-wal"), 32 + 60 * (PAGE + 24) + 24 + 2000, b"\xff" * 50)
    os.truncate(path, 0)
    assert_whole(restart(path))


def test_a_text_file_and_a_folder_are_moved_aside_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "roampost.db"
    path.write_text("evse: DE*ABC*E1\n" * 1000)
    assert restart(path).outbox == {}
    path.unlink()
    path.mkdir()
    (path / "precious").write_text("here")
    assert restart(path).outbox == {}
    first, second = sorted(tmp_path.glob("*.damaged-*"), key=Path.is_dir)
    assert first.read_text().startswith("evse")
    assert (second / "precious").read_text() == "here"
    assert len(aside.alarms(path)) == 2


def test_an_empty_file_is_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "roampost.db"
    path.touch()
    assert restart(path).filed is None


def test_what_is_not_ours_or_newer_is_not_touched(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("create table later (x); pragma user_version = 4")
    with pytest.raises(StoreTooNew):
        mended(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table contacts (name)")
    with pytest.raises(NotAStore):
        mended(path)
    assert list(tmp_path.glob("*-*.jsonl")) == []


def test_who_is_no_agent_tells_the_damage_and_changes_nothing(closed: Path, tmp_path: Path) -> None:
    path = copied(closed, tmp_path)
    overwrite(path, 0, bytes(100))
    before = path.read_bytes()
    for attempt in (open_store, reading.open_readonly):
        with pytest.raises(StoreDamaged, match="the agent, when it is started, moves it aside"):
            attempt(path)
    assert path.read_bytes() == before


def test_the_damaged_files_stay_as_they_were_and_the_damage_is_on_record(cut: Path, tmp_path: Path) -> None:
    path = copied(cut, tmp_path)
    os.truncate(path, 0)
    path.chmod(0o640)
    before = [path.read_bytes(), Path(f"{path}-wal").read_bytes()]
    restart(path)
    old = aside.aside(path, "20260921T141320Z")
    assert [old.read_bytes(), Path(f"{old}-wal").read_bytes()] == before
    assert aside.salvaged(path, "20260921T141320Z").stat().st_mode & 0o777 == 0o640
    with closing(reading.open_readonly(path)) as connection:
        (audit,) = reading.audits(connection)
    assert audit.what == "database.damaged"
    assert "20 unfinished" not in audit.reason
    assert f"{RECORDS - DELIVERED + 2} unfinished messages and 1 sessions" in audit.reason
    assert "salvaged-20260921T141320Z.jsonl" in aside.alarms(path)[0]


def test_without_the_time_damages_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "roampost.db"
    for _ in range(2):
        path.write_text("x" * 5000)
        mended(path, trusted=False).close()
    assert sorted(one.name for one in tmp_path.glob("*.damaged-????")) == [
        "roampost.db.damaged-0001",
        "roampost.db.damaged-0002",
    ]


class PowerCut(BaseException):
    """Ends everything at once."""


def test_a_crash_at_any_move_loses_nothing(cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.rename
    for moves in range(5):
        folder = tmp_path / str(moves)
        folder.mkdir()
        path = copied(cut, folder)
        os.truncate(path, 0)
        done = iter([True] * moves)

        def rename(old: Path, new: Path, done: "object" = done) -> None:
            if not next(done, False):  # type: ignore[call-overload]
                raise PowerCut
            real(old, new)

        with monkeypatch.context() as patched:
            patched.setattr(os, "rename", rename)
            with pytest.raises(PowerCut):
                mended(path)
        assert_whole(restart(path))
        assert len(aside.alarms(path)) == 1


def test_what_cannot_be_salvaged_leaves_an_empty_store(
    closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a bug")

    path = copied(closed, tmp_path)
    overwrite(path, 0, bytes(100))
    monkeypatch.setattr("roampost.store.mending.salvage", fails)
    assert restart(path).outbox == {}
    with closing(reading.open_readonly(path)) as connection:
        assert "could not be read at all" in reading.audits(connection)[0].reason
    assert aside.aside(path, "20260921T141320Z").exists()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), in_log=st.booleans())
@example(seed=0, in_log=True)
def test_no_damage_stops_the_start_or_doubles_a_record(seed: int, in_log: bool, closed: Path, cut: Path) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        path = copied(cut if in_log else closed, Path(folder))
        target = Path(f"{path}-wal") if in_log else path
        for _ in range(chance.choice([1, 1, 3, 20])):
            at = chance.randrange(target.stat().st_size)
            overwrite(target, at, chance.randbytes(chance.choice([1, 1, 16, 600, PAGE])))
        if chance.random() < 0.2:
            os.truncate(target, chance.randrange(target.stat().st_size))
        found = restart(path)
        assert len(found.waiting) <= RECORDS
        again = restart(path)
        assert again.outbox == found.outbox
