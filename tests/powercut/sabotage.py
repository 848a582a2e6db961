"""The store broken on purpose: machinery that does not see this sees nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from unittest.mock import patch

from roampost.store import sql

_NORMAL = tuple(one.replace("synchronous = full", "synchronous = normal") for one in sql.WRITER_PRAGMAS)
_NAMED = {name: f"select '{name}'" for name in ("BEGIN", "COMMIT", "SAVE", "RELEASE", "UNSAVE")}
_BARE = {"MIGRATION": sql.MIGRATION.replace("begin immediate;", "").replace("commit;", "")}


class Sabotage(StrEnum):
    NORMAL = "normal"  # synchronous=NORMAL: a commit is acknowledged before it is synced
    BEGIN = "begin"  # no BEGIN IMMEDIATE: every statement is a commit of its own
    MIGRATION = "migration"  # the same, of the migrations


_REPLACED: dict[Sabotage, dict[str, object]] = {
    Sabotage.NORMAL: {"WRITER_PRAGMAS": _NORMAL},
    Sabotage.BEGIN: dict(_NAMED),
    Sabotage.MIGRATION: dict(_BARE),
}


@contextmanager
def broken(how: Sabotage | None) -> Iterator[None]:
    with ExitStack() as patches:
        for name, statement in _REPLACED[how].items() if how is not None else ():
            patches.enter_context(patch.object(sql, name, statement))
        yield
