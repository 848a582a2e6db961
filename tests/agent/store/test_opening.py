"""A file that is not ours, is too new, is in use or is half migrated: refused in one sentence, untouched."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from roampost.store import reading
from roampost.store.errors import (
    NotAStore,
    StoreCannotOpen,
    StoreDamaged,
    StoreLocked,
    StoreMissing,
    StoreTooNew,
    StoreTooOld,
)
from roampost.store.migrate import migrate, open_writer, shipped_migrations
from tests.agent.store.makers import open_store

GOOD = "pragma application_id = 0x526f616d; create table one (x);"
HALF = "create table two (x); insert into two values (1); insert into missing values (1);"


def execute(path: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_store_of_a_newer_version_is_refused_in_words(path: Path) -> None:
    open_store(path).close()
    execute(path, "pragma user_version = 99")
    with pytest.raises(StoreTooNew, match=r"schema 99 .* knows 3; install the newer version"):
        open_store(path)
    with pytest.raises(StoreTooNew):
        reading.open_readonly(path)


def test_a_store_that_waits_for_its_migration_is_not_read(path: Path) -> None:
    open_store(path).close()
    execute(path, "pragma user_version = 0")
    with pytest.raises(StoreTooOld, match="start the agent first"):
        reading.open_readonly(path)


def test_a_migration_that_fails_leaves_the_version_before_it(path: Path) -> None:
    with pytest.raises(StoreCannotOpen, match="missing"):
        open_writer(path, (GOOD, HALF))
    assert execute(path, "select name from sqlite_master") == [("one",)]
    assert execute(path, "pragma user_version") == [(1,)]
    repaired = open_writer(path, (GOOD, "create table two (x)"))
    assert repaired.execute("pragma user_version").fetchone() == (2,)
    repaired.close()


def test_migrating_twice_changes_nothing(path: Path) -> None:
    connection = open_writer(path, shipped_migrations())
    before = connection.execute("select sql from sqlite_master").fetchall()
    migrate(connection, shipped_migrations())
    assert connection.execute("select sql from sqlite_master").fetchall() == before
    connection.close()


def test_a_second_agent_is_refused_and_told_who_holds_the_store(path: Path) -> None:
    first = open_store(path)
    with pytest.raises(StoreLocked, match=rf"another roampost \(pid {os.getpid()}\); stop it first"):
        open_store(path)
    first.close()
    open_store(path).close()


def test_the_lock_goes_with_the_process_that_held_it(path: Path) -> None:
    script = "import sys; from pathlib import Path; from tests.agent.store.makers import open_store\n"
    script += "open_store(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked, match=f"pid {child.pid}"):
            open_store(path)
        child.kill()
        child.communicate()
    open_store(path).close()


def test_a_text_file_is_not_a_store_and_stays_as_it_is(path: Path) -> None:
    path.write_text("evse: DE*ABC*E1\n" * 100)
    with pytest.raises(StoreDamaged, match=r"is damaged \(file is not a database\); the agent, when it is started"):
        open_store(path)
    with pytest.raises(StoreDamaged):
        reading.open_readonly(path)
    assert path.read_text().startswith("evse")


def test_somebody_elses_database_is_not_taken_over(path: Path) -> None:
    execute(path, "create table contacts (name)")
    with pytest.raises(NotAStore, match="not a store of Roampost"):
        open_store(path)
    assert execute(path, "select name from sqlite_master") == [("contacts",)]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreCannotOpen, match="nowhere"):
        open_store(tmp_path / "nowhere" / "roampost.db")
    with pytest.raises(StoreMissing, match="the agent has not run yet"):
        reading.open_readonly(tmp_path / "roampost.db")


def test_a_refused_store_can_be_opened_once_it_is_put_right(path: Path) -> None:
    path.write_bytes(b"x" * 4096)
    with pytest.raises(StoreDamaged):
        open_store(path)
    path.unlink()
    open_store(path).close()
