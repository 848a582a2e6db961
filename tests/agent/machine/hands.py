"""The outbox as a person sees it, and what a person does about it."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from roampost.store.changes import RowState, Who
from tests.agent.machine.world import World

_ROWS = "select seq, hub, kind, evse_id, session_id, state, body, last_code, last_text from outbox order by seq"
WAITING = frozenset({RowState.QUEUED, RowState.SENDING, RowState.HELD})


@dataclass(frozen=True)
class Row:
    seq: int
    hub: str
    kind: str
    evse_id: str
    session_id: str | None
    state: RowState
    body: dict[str, Any]
    code: str | None
    text: str | None


def rows(world: World) -> list[Row]:
    with closing(world.read()) as found:
        return [
            Row(seq, hub, kind, evse_id, session_id, RowState(state), json.loads(body), code, text)
            for seq, hub, kind, evse_id, session_id, state, body, code, text in found.execute(_ROWS)
        ]


def handle_parked(world: World, *, requeue: bool) -> None:
    """A person has the first parked message sent again, or gives it up; never a record."""
    for row in rows(world):
        if row.state is RowState.PARKED and (requeue or row.kind not in ("cdr", "late_authorization")):
            by_hand(world, row, requeue=requeue)
            return


def by_hand(world: World, row: Row, *, requeue: bool) -> None:
    store = world.disk.store
    if row.session_id is not None:
        world.books[row.hub].stirred.add(row.session_id)

    async def acted() -> None:
        done = store.requeue(row.seq, who=Who()) if requeue else store.discard(row.seq, "not wanted", who=Who())
        done.add_done_callback(lambda future: future.cancelled() or future.exception())

    world.loop.run_until_complete(acted())
    world.settle()
