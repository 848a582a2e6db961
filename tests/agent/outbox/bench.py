"""A hub that answers from a script, clocks that are set by hand, and a dispatcher over a real store."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from roampost.domain.messages import Message
from roampost.hubs.base import Answer, Arrival, Authorization, CardList, Limit, Verdict
from roampost.outbox.backoff import Pace
from roampost.outbox.dispatcher import Dispatcher
from roampost.outbox.heard import Heard
from roampost.outbox.words import Refresh
from roampost.store import reading
from roampost.store.changes import RowState
from roampost.store.store import Store
from tests.agent.store.makers import BOOT, WALL_MS

DELIVERED = Answer(Verdict.DELIVERED, Arrival.YES, "taken", code="000", http_status=200)
UNCONFIRMED = Answer(Verdict.UNCONFIRMED, Arrival.YES, "session is invalid", code="400", http_status=200)
BUSY = Answer(Verdict.RETRY, Arrival.YES, "the hub is busy", code="001", http_status=200)
SILENT = Answer(Verdict.RETRY, Arrival.MAYBE, "no answer within 30 s")
NO_ROUTE = Answer(Verdict.RETRY, Arrival.NO, "connection refused")
WRONG_CERTIFICATE = Answer(Verdict.HOLD, Arrival.YES, "017: wrong certificate", code="017", http_status=200)
NO_CONTRACT = Answer(Verdict.REFUSED, Arrival.YES, "102: no contract", code="102", http_status=200)
UNKNOWN_EVSE = Answer(Verdict.REJECT, Arrival.YES, "018: unknown EVSE", code="018", http_status=200)


@dataclass
class ScriptedHub:
    """Answers with what `script` says for the message; remembers what it was sent, and what was in flight together."""

    script: Callable[[Message], Answer] = lambda message: DELIVERED
    name: str = "hub"
    limits: tuple[Limit, ...] = ()
    sent: list[tuple[Message, bool]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def takes(self, message: Message) -> bool:
        return True

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        self.sent.append((message, maybe_arrived))
        self.in_flight += 1
        self.arrived.set()
        try:
            await self.gate.wait()
        finally:
            self.in_flight -= 1
        return self.script(message)

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        raise NotImplementedError

    async def authorize_stop(
        self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str, contract_id: str | None = None
    ) -> Authorization:
        raise NotImplementedError

    async def pull_cards(self) -> CardList | Answer:
        raise NotImplementedError

    async def aclose(self) -> None: ...

    @property
    def kinds(self) -> list[str]:
        return [message.kind for message, _ in self.sent]


@dataclass
class Bench:
    """now_s is monotonic and wall time at once, unless wall_jump_ms moves the wall."""

    path: Path
    hub: ScriptedHub = field(default_factory=ScriptedHub)
    now_ms: int = 10_000
    wall_jump_ms: int = 0
    clock_ready: bool = True
    seed: int = 1
    max_parallel: int = 4
    pace: Pace = field(default_factory=Pace)
    rate_share: float = 1.0
    refresh: Refresh = lambda message: message
    opened: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    wants_data: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.store = Store.open(self.path, now_wall_ms=self.wall_ms, boot=BOOT)
        self.dispatcher = Dispatcher(
            self.hub,
            self.store,
            now_mono_ms=lambda: self.now_ms,
            now_wall_ms=self.wall_ms,
            rng=random.Random(self.seed),
            clock_ready=lambda: self.clock_ready,
            beat=lambda: None,
            max_parallel=self.max_parallel,
            pace=self.pace,
            rate_share=self.rate_share,
            heard=Heard(
                refresh=lambda message: self.refresh(message),
                opened=lambda *found: self.opened.append(found),
                refused=lambda *found: self.refused.append(found),
                wants_data=self.wants_data.append,
            ),
        )

    def wall_ms(self) -> int:
        return WALL_MS + self.now_ms + self.wall_jump_ms

    async def restart(self) -> None:
        self.store.close()
        self.open()
        await self.dispatcher.start()

    async def turns(self) -> float:
        """Turn until nothing more starts; the milliseconds until the dispatcher wants to look again."""
        while True:
            wait_ms = self.dispatcher.turn()
            if self.dispatcher.health().in_flight == 0:
                return wait_ms
            await self.dispatcher.settled()

    async def pass_time(self, seconds: float, *, step_s: float = 1.0) -> None:
        """Let time pass in steps, with the turns that fall due."""
        end_ms = self.now_ms + round(1000 * seconds)
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + round(1000 * step_s))
            await self.turns()

    def rows(self) -> list[reading.OutboxRow]:
        connection = reading.open_readonly(self.path)
        try:
            return list(reversed(reading.outbox_rows(connection, limit=100_000)))
        finally:
            connection.close()

    def states(self) -> list[RowState]:
        return [row.state for row in self.rows()]
