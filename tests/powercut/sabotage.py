"""The store broken on purpose: machinery that does not see this sees nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from unittest.mock import patch

from roampost.store import sql

_NORMAL = tuple(one.replace("synchronous = full", "synchronous = normal") for one in sql.WRITER_PRAGMAS)
_BARE = sql.MIGRATION.replace("begin immediate;", "").replace("commit;", "")
_SURE = sql.RECOVER_SENDING.replace("unknown_outcome = 1", "unknown_outcome = 0")


class Sabotage(StrEnum):
    NORMAL = "normal"  # synchronous=NORMAL: a commit is acknowledged before it is synced
    BEGIN = "begin"  # no BEGIN IMMEDIATE: a group of changes is there in part
    MIGRATION = "migration"  # the same of the migrations: every statement is a commit of its own
    OUTCOME = "outcome"  # what was in flight is sent again as if it had never left


_REPLACED: dict[Sabotage, dict[str, object]] = {
    Sabotage.NORMAL: {"WRITER_PRAGMAS": _NORMAL},
    Sabotage.BEGIN: {"BEGIN": "select 'begin'", "COMMIT": "select 'commit'"},
    Sabotage.MIGRATION: {"MIGRATION": _BARE},
    Sabotage.OUTCOME: {"RECOVER_SENDING": _SURE},
}


@contextmanager
def broken(how: Sabotage | None) -> Iterator[None]:
    with ExitStack() as patches:
        for name, statement in _REPLACED[how].items() if how is not None else ():
            patches.enter_context(patch.object(sql, name, statement))
        yield
