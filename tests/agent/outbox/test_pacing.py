"""The lanes under a hub's limits: who goes first when calls are scarce, and what is told of the wait."""

from dataclasses import replace
from pathlib import Path

import pytest

from roampost.domain.messages import FullLoadMessage, Message
from roampost.hubs.base import Limit
from tests.agent.outbox.bench import BUSY, DELIVERED, Bench, ScriptedHub
from tests.agent.store.makers import cdr, change, end, error, late, start, status

SCARCE = Limit("notifications", 5, frozenset({"start", "end", "error", "progress"}))
AUTHORIZE = Limit("authorize_start", 5, frozenset({"authorize_start", "late_authorization"}))
LOADS = Limit("full_load", 600, frozenset({"full_load"}))


@pytest.fixture
def limited(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "roampost.db", hub=ScriptedHub(limits=(SCARCE, AUTHORIZE, LOADS)))


async def test_an_end_goes_before_a_start_and_what_has_no_limit_before_both(limited: Bench) -> None:
    await limited.dispatcher.start()
    await limited.store.submit(change(start("s1"), start("s2"), end("s3"), error("s4"), cdr("s5"), status()))
    await limited.turns()
    at_once = sorted(limited.hub.kinds)
    await limited.pass_time(50)
    limited.store.close()
    assert at_once == ["cdr", "end", "status"]
    assert limited.hub.kinds[3:] == ["error", "start", "start"]


async def test_a_limited_hub_is_looked_at_again_when_the_next_call_may_be_made(limited: Bench) -> None:
    await limited.dispatcher.start()
    await limited.store.submit(change(start("s1"), start("s2")))
    wait_ms = await limited.turns()
    assert wait_ms == 15_000
    limited.now_ms += 14_999
    assert await limited.turns() == 1
    limited.now_ms += 1
    await limited.turns()
    limited.store.close()
    assert len(limited.hub.sent) == 2


async def test_authorization_goes_before_billing(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", max_parallel=1)
    await bench.dispatcher.start()
    await bench.store.submit(change(end("s1"), cdr("s2"), late("s3"), start("s4"), error("s5")))
    await bench.turns()
    bench.store.close()
    assert bench.hub.kinds == ["late_authorization", "cdr", "end", "error", "start"]


async def test_what_is_asked_while_somebody_waits_puts_off_what_is_queued(limited: Bench) -> None:
    await limited.dispatcher.start()
    limited.dispatcher.limits.spend("authorize_start")
    limited.dispatcher.limits.spend("authorize_start")
    await limited.store.submit(change(late()))
    assert await limited.turns() == 30_000
    await limited.pass_time(30)
    limited.store.close()
    assert limited.hub.kinds == ["late_authorization"]


async def test_a_hub_that_says_too_much_is_believed(limited: Bench) -> None:
    await limited.dispatcher.start()
    limited.now_ms += 60_000
    limited.hub.script = lambda message: replace(BUSY, http_status=429)
    await limited.store.submit(change(FullLoadMessage(statuses=())))
    await limited.turns()
    waits_ms = limited.dispatcher.limits.wait_ms("full_load")
    limited.store.close()
    assert waits_ms > 0


@pytest.mark.parametrize("refreshed", [None, FullLoadMessage(statuses=())])
async def test_only_a_call_that_is_made_counts(limited: Bench, refreshed: Message | None) -> None:
    limited.refresh = lambda message: refreshed
    await limited.dispatcher.start()
    await limited.store.submit(change(FullLoadMessage(statuses=())))
    await limited.turns()
    waits_ms = limited.dispatcher.limits.wait_ms("full_load")
    limited.store.close()
    assert (waits_ms == 0) == (refreshed is None)


async def test_the_time_that_answers_take_is_measured(bench: Bench) -> None:
    assert bench.dispatcher.health().drain_s is None
    for number in range(30):
        bench.hub.gate.clear()
        bench.hub.arrived.clear()
        await bench.store.submit(change(cdr(f"s{number}")))
        bench.dispatcher.turn()
        await bench.hub.arrived.wait()
        bench.now_ms += 4_000
        bench.hub.gate.set()
        await bench.dispatcher.settled()
    await bench.store.submit(change(*(cdr(f"x{number}") for number in range(40))))
    assert bench.dispatcher.health().drain_s == pytest.approx(40 / 4 * 4, rel=0.05)
    bench.hub.script = lambda message: DELIVERED
    await bench.turns()
    assert bench.dispatcher.health().drain_s is None
