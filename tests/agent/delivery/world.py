"""One agent's way to its hubs: a store in a file, a dispatcher and a backend for each hub, sandbox hubs over real TLS.

Time stands still but for `pass_time`; sockets are real. `hit` is the hub that a test has trouble with, `others` are
those that must not notice.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from roampost.config.hubs import AnyHub
from roampost.control.stored import stored_report
from roampost.domain.messages import EvseStatus, Message, SessionRef
from roampost.hubs.base import Decision, Hub
from roampost.hubs.plugin import plugin
from roampost.outbox.backoff import Pace
from roampost.outbox.classes import draft
from roampost.outbox.dispatcher import Dispatcher
from roampost.outbox.heard import Heard
from roampost.store import reading
from roampost.store.changes import Change, RowState, Who
from roampost.store.store import Store
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Sandbox, Trouble, Words
from tests.agent.delivery.words_oicp import Oicp
from tests.agent.delivery.words_oioi import Oioi
from tests.agent.oicp.samples import BERLIN

PROTOCOLS: Mapping[str, Words] = {"oicp": Oicp(), "oioi": Oioi()}
_SECTION: TypeAdapter[AnyHub] = TypeAdapter(AnyHub)


@dataclass
class Side:
    """One hub, and what the agent has for it. The hub's name is its protocol's."""

    name: str
    far: Sandbox
    folder: Path
    timeout_s: float = 20.0
    opened: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    wants_data: list[str] = field(default_factory=list)
    backend: Hub = field(init=False)
    dispatcher: Dispatcher = field(init=False)
    leave: Callable[[], None] = field(init=False)

    @property
    def words(self) -> Words:
        return PROTOCOLS[self.name]

    def section(self) -> AnyHub:
        """As it stands in the configuration."""
        told = self.words.section(self.folder) | {
            "url": self.far.url,
            "operator_id": "DE*ABC",
            "ca_file": str(self.far.ca_file),
            "timeout_s": self.timeout_s,
            "rate_share": 1.0,
        }
        return _SECTION.validate_json(json.dumps(told))

    def takes(self, *messages: Message) -> tuple[Message, ...]:
        return tuple(message for message in messages if self.backend.takes(message))

    def meets(self, trouble: Trouble, about: str | None = None, requests: int = 1) -> None:
        """about: the kind of message that it hits."""
        operation = None if about is None else self.words.calls[about]
        self.far.fault(trouble.kind, requests=requests, operation=operation, **trouble.parameters)

    def show(self, *, right: bool) -> None:
        self.words.show(self.far, self.folder, right=right)

    def held(self, of: SessionRef) -> Held:
        return self.words.held(self.far, of.session_id)

    def statuses(self) -> list[tuple[str, str]]:
        """What the hub took, oldest first."""
        refused = [one for one in self.far.record if any(why.startswith("refused") for why in one.violations)]
        means = [one.means for one in self.far.record if one.processed and one.means and one not in refused]
        return [(one["evse_id"], one["status"]) for one in means if one["what"] == "status"]

    async def turns(self) -> float:
        """Turn until nothing more starts; the milliseconds until the dispatcher wants to look again."""
        while True:
            wait_ms = self.dispatcher.turn()
            if self.dispatcher.health().in_flight == 0:
                return wait_ms
            await self.dispatcher.settled()

    async def begins_to_send(self, calls: int) -> None:
        """Until so many requests have arrived at the hub and have no answer."""
        self.dispatcher.turn()
        await self.far.wait_for(lambda: len(self.far.pending) == calls, 60)


@dataclass
class World:
    path: Path
    sides: tuple[Side, ...] = ()
    now_ms: int = cast.AFTER_MS
    sessions: int = 0

    def wall_ms(self) -> int:
        return cast.WALL_MS + self.now_ms

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall_ms() / 1000, UTC)

    @property
    def hit(self) -> Side:
        return self.sides[0]

    @property
    def others(self) -> tuple[Side, ...]:
        return self.sides[1:]

    # --- its life ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        self.store = Store.open(self.path, now_wall_ms=self.wall_ms, boot=cast.BOOT)
        self._reader = reading.open_readonly(self.path)
        for side in self.sides:
            side.backend = plugin(side.name).backend(side.name, side.section(), BERLIN, self.now)
            side.dispatcher = self._dispatcher(side)
            side.leave = await side.dispatcher.start()
        # By now the hubs' limits let a few calls go at once.
        self.now_ms += 60_000

    async def close(self) -> None:
        """What is in flight stays so: nobody hears the answer."""
        for side in self.sides:
            await side.dispatcher.stop()
            await side.backend.aclose()
        self._reader.close()
        self.store.close()

    async def restart(self) -> None:
        await self.close()
        await self.open()

    async def restart_with(self, *, timeout_s: float) -> None:
        """The configuration of the hub in trouble has changed."""
        self.hit.timeout_s = timeout_s
        await self.restart()

    async def restart_lanes(self) -> None:
        """As a supervisor does it, in the same process: the store stays open."""
        for side in self.sides:
            side.leave()
            await side.dispatcher.stop()
            side.leave = await side.dispatcher.start()

    def _dispatcher(self, side: Side) -> Dispatcher:
        return Dispatcher(
            side.backend,
            self.store,
            now_mono_ms=lambda: self.now_ms,
            now_wall_ms=self.wall_ms,
            rng=random.Random(1),
            clock_ready=lambda: True,
            beat=lambda: None,
            pace=Pace(drain_s=0.0),
            heard=Heard(
                opened=lambda session_id, hub_session_id: side.opened.update({session_id: hub_session_id}),
                refused=lambda session_id, why: side.refused.update({session_id: why}),
                wants_data=side.wants_data.append,
            ),
        )

    # --- what happens --------------------------------------------------------------------------------------------

    async def tell(self, side: Side, *messages: Message) -> list[int]:
        """Into the outbox, for this hub; the rows' numbers."""
        drafts = tuple(draft(side.name, message) for message in messages)
        return list((await self.store.submit(Change(cast.at(self.now_ms), drafts=drafts))).seqs)

    async def new_session(self, side: Side) -> SessionRef:
        """One that the hub has authorized."""
        session = self.unopened_session()
        yes = await side.backend.authorize_start(evse_id=session.evse_id, uid=cast.CARD, session_id=session.session_id)
        assert yes.decision is Decision.YES, yes.text
        return session.model_copy(update={"hub_session_id": yes.hub_session_id})

    def unopened_session(self, uid: str = cast.CARD) -> SessionRef:
        self.sessions += 1
        return cast.session(f"rp-{self.sessions:04}", uid=uid)

    async def discard(self, *seqs: int) -> None:
        """A person's way to be rid of what waits."""
        for seq in seqs:
            if not self.row(seq).state.finished:
                await self.store.discard(seq, "seen", who=Who())

    async def turns(self) -> None:
        await asyncio.gather(*(side.turns() for side in self.sides))

    async def pass_time(self, seconds: float, *, step_s: float = 1.0) -> None:
        """Let time pass in steps, with the turns that fall due."""
        end_ms = self.now_ms + round(1000 * seconds)
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + round(1000 * step_s))
            await self.turns()

    async def serve_the_others(self) -> None:
        """A session and two statuses for each of the other hubs: all delivered at the first try, in order, at once."""
        for side in self.others:
            session = await self.new_session(side)
            told = side.takes(*cast.whole(session))
            news = [cast.status(EvseStatus.OCCUPIED), cast.status(EvseStatus.RESERVED, cast.NEIGHBOUR)]
            seqs = await self.tell(side, *news, *told)
            await side.turns()
            rows = [self.row(seq) for seq in seqs]
            assert {(one.state, one.attempts) for one in rows} == {(RowState.DELIVERED, 1)}
            assert {one.finished_ms for one in rows} == {self.wall_ms()}
            assert side.held(session) == Held(tuple(one.kind for one in told[:-1]), 1)
            assert sorted(side.statuses()[-2:]) == [(cast.EVSE_ID, "Occupied"), (cast.NEIGHBOUR, "Reserved")]
            assert side.far.violations == []

    # --- what is seen --------------------------------------------------------------------------------------------

    def row(self, seq: int) -> reading.OutboxRow:
        found = reading.outbox_one(self._reader, seq)
        assert found is not None
        return found[0]

    def states(self, seqs: Sequence[int]) -> list[RowState]:
        return [self.row(seq).state for seq in seqs]

    def rows(self, side: Side) -> list[reading.OutboxRow]:
        return list(reversed(reading.outbox_rows(self._reader, hub=side.name, limit=100_000)))

    def reasons(self, side: Side) -> list[str]:
        """Why something of this hub still waits, as `roampost status` tells it."""
        report = stored_report(self._reader, at_ms=self.wall_ms())
        return [one.why for one in report.waiting if one.hub == side.name]


@asynccontextmanager
async def a_world(
    kinds: Sequence[str], certificates: Path, folder: Path, *, needs_data: bool = False
) -> AsyncIterator[World]:
    """needs_data: the first hub takes a status only of EVSEs whose data it has."""
    world = World(folder / "roampost.db")
    async with AsyncExitStack() as stack:
        for kind in kinds:
            far = PROTOCOLS[kind].sandbox(
                directory=certificates,
                cards=frozenset({cast.CARD}),
                needs_data=needs_data and not world.sides,
                now=world.now,
                monotonic=lambda: world.now_ms / 1000,
            )
            await stack.enter_async_context(far)
            (folder / kind).mkdir()
            world.sides += (Side(kind, far, folder / kind),)
            world.sides[-1].show(right=True)
        await world.open()
        try:
            yield world
        finally:
            await world.close()
