"""Reading rows into values; used by the writer's connection at start and by read-only ones."""

import sqlite3

from roampost.domain.stamp import Stamp
from roampost.store import sql
from roampost.store.changes import EvseRow, Latch, Recovered


def read_evses(connection: sqlite3.Connection) -> tuple[EvseRow, ...]:
    return tuple(
        EvseRow(evse_id, state, context, permitted_ma, _stamp(*changed))
        for evse_id, state, context, permitted_ma, *changed in connection.execute(sql.EVSES)
    )


def read_latches(connection: sqlite3.Connection) -> tuple[Latch, ...]:
    return tuple(Latch(evse_id, fault, _stamp(*since)) for evse_id, fault, *since in connection.execute(sql.LATCHES))


def read_recovered(connection: sqlite3.Connection) -> Recovered:
    """Everything that the state loop needs at start."""
    offsets_ms = dict(connection.execute(sql.BOOTS).fetchall())
    known = connection.execute(sql.ENDED_SESSIONS).fetchall()
    ended = frozenset((hub, hub_session_id) for hub, hub_session_id, _ in known)
    paid = frozenset((hub, payment) for hub, _, payment in known if payment is not None)
    return Recovered(read_evses(connection), read_latches(connection), offsets_ms, ended, paid)


def _stamp(boot: str, mono_ms: int, wall_ms: int, trusted: int) -> Stamp:
    return Stamp(boot=boot, mono_ms=mono_ms, wall_ms=wall_ms, trusted=bool(trusted))
