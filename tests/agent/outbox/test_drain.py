"""Four thousand messages of a day without a line leave under the hub's limits, in the time that was told at the start.

Store, lanes and limits are real; the clock is simulated, and goes on when nothing can happen before it does.
"""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roampost.domain.messages import EvseDataMessage, Message
from roampost.hubs.base import Answer, Arrival, Limit, Verdict
from roampost.store.changes import RowState
from tests.agent.outbox.bench import DELIVERED, Bench, ScriptedHub
from tests.agent.store.makers import cdr, change, end, late, offline, start, status

NOTIFICATIONS = frozenset({"start", "progress", "end", "error"})
SHARE = 0.25
LIMITS = (
    Limit("authorize_start", 200, frozenset({"authorize_start", "late_authorization"})),
    Limit("cdr", 350, frozenset({"cdr"})),
    Limit("notifications", 100, NOTIFICATIONS),
    Limit("status", 2000, frozenset({"status", "full_load"})),
    Limit("evse_data", 375, frozenset({"evse_data", "evse_data_set"})),
)
TOO_MANY = Answer(Verdict.RETRY, Arrival.NO, "429", http_status=429)


@dataclass
class CountingHub(ScriptedHub):
    """Takes no more calls in any minute than this site's share; answers after a while of the simulated clock."""

    limits: tuple[Limit, ...] = LIMITS
    latency_ms: int = 300
    now_ms: int = 0
    calls: dict[str, deque[int]] = field(default_factory=dict)
    refused: int = 0
    answers: deque[tuple[int, asyncio.Event]] = field(default_factory=deque)

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        done = asyncio.Event()
        self.answers.append((self.now_ms + self.latency_ms, done))
        self.sent.append((message, maybe_arrived))
        answer = self._counted(message)
        self.arrived.set()
        await done.wait()
        return answer

    def _counted(self, message: Message) -> Answer:
        (limit,) = (one for one in self.limits if message.kind in one.kinds)
        calls = self.calls.setdefault(limit.name, deque())
        while calls and calls[0] <= self.now_ms - 60_000:
            calls.popleft()
        calls.append(self.now_ms)
        if len(calls) > limit.per_minute * SHARE:
            self.refused += 1
            return TOO_MANY
        return DELIVERED if message.kind != "late_authorization" else OPENED


OPENED = Answer(Verdict.DELIVERED, Arrival.YES, "opened", http_status=200, hub_session_id="h-late")


async def until_drained(bench: Bench, hub: CountingHub) -> None:
    """Let the simulated clock go on to whatever comes first: an answer, or what the dispatcher waits for."""
    while bench.dispatcher.health().waiting:
        wait_ms = bench.dispatcher.turn()
        await calls_made(bench, hub)
        answer_ms = hub.answers[0][0] if hub.answers else bench.now_ms + 3_600_000
        bench.now_ms = hub.now_ms = min(answer_ms, bench.now_ms + round(min(wait_ms, 3_600_000)))
        while hub.answers and hub.answers[0][0] <= hub.now_ms:
            hub.answers.popleft()[1].set()
            await calls_made(bench, hub)


async def calls_made(bench: Bench, hub: CountingHub) -> None:
    """Until every message in flight is at the hub: what was answered is committed, what was started has left."""
    while bench.dispatcher.health().in_flight > len(hub.answers):
        hub.arrived.clear()
        tasks = {task for task in asyncio.all_tasks() if task.get_name().startswith("hub ")}
        arrival = asyncio.create_task(hub.arrived.wait())
        await asyncio.wait({arrival, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        arrival.cancel()
        await asyncio.sleep(0)  # what ended says so on the loop


def backlog() -> list[Message]:
    """Of 1,200 sessions with and without the hub's word, an evening's statuses, and EVSE data."""
    messages: list[Message] = [status(evse_id=f"DE*ABC*E{number}") for number in range(150)]
    messages += [EvseDataMessage(action="delete", evse_id=f"DE*ABC*E{number}", data="{}") for number in range(150)]
    for number in range(1200):
        name = f"s{number}"
        if number < 100:
            messages += [late(name), offline(start(name)), offline(end(name)), offline(cdr(name))]
        else:
            messages += [start(name), end(name), cdr(name)]
    return messages


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_four_thousand_messages_drain_under_the_limits_in_the_stated_time(tmp_path: Path) -> None:
    hub = CountingHub()
    bench = Bench(tmp_path / "roampost.db", hub=hub, rate_share=SHARE)
    hub.now_ms = bench.now_ms
    messages = backlog()
    assert len(messages) == 4000
    await bench.store.submit(change(*messages))
    await bench.dispatcher.start()
    stated_s, began_ms = bench.dispatcher.health().drain_s, bench.now_ms
    await until_drained(bench, hub)
    took_s = (bench.now_ms - began_ms) / 1000
    states = Counter(bench.states())
    bench.store.close()
    assert hub.refused == 0
    assert states == {RowState.DELIVERED: 4000}
    assert len(hub.sent) == 4000
    assert stated_s == pytest.approx(took_s, rel=0.1)
