"""A station's days in miniature: every kind of message, every verdict, every path of a session, in an order by lot."""

from functools import partial

from roampost.store.changes import Audit, RowState
from tests.powercut.charging import HUBS, PERSON
from tests.powercut.delivering import Delivering, answered
from tests.powercut.witness import columns

_REQUEUED_FROM = ("parked", "discarded", "unconfirmed", "held", "refused")


class Workload(Delivering):
    async def live(self, groups: int) -> None:
        """So many groups of calls; what each has promised is looked up after it."""
        happenings = (
            *(self.charge,) * 6, *(self.deliver,) * 16, *(self.tell_of_the_site,) * 5, self.fault,
            self.by_hand, self.by_hand, self.by_hand, self.hub_opens, self.lane_restarts, self.let_record_go,
            self.hand_in_nonsense, self.clock_comes, self.prune, self.reopen,
        )  # fmt: skip
        for _ in range(groups):
            happening = self.rng.choice(happenings)
            await happening()
            self.station.ledger.check(self.station.content)

    async def by_hand(self) -> None:
        rows = columns(self.station.content, "outbox", "seq", "state")
        requeue = self.rng.random() < 0.7
        wanted = [row for row in rows if row[1] in (_REQUEUED_FROM if requeue else ("queued", "held", "parked"))]
        if not wanted:
            return
        seq, state = self.rng.choice(wanted)
        await (self._requeue(seq, state) if requeue else self._discard(seq))

    async def _requeue(self, seq: int, state: str) -> None:
        ledger = self.station.ledger
        (outcome,) = await self.station.together(
            partial(answered, partial(self.station.store.requeue, seq, who=PERSON))
        )
        if outcome is not None:
            return
        self.met[f"requeued: {state}"] += 1
        ledger.audited(Audit("requeue", f"outbox {seq}", ""))
        if state == RowState.REFUSED:
            ((lane,),) = [row[1:] for row in columns(self.station.content, "outbox", "seq", "lane") if row[0] == seq]
            ledger.lane_stands(lane, RowState.QUEUED, was=frozenset({RowState.REFUSED}))
        else:
            ledger.stands(seq, RowState.QUEUED)

    async def _discard(self, seq: int) -> None:
        call = partial(self.station.store.discard, seq, "a test charge", who=PERSON)
        await self.station.together(partial(answered, call))
        self.station.ledger.stands(seq, RowState.DISCARDED)
        self.station.ledger.audited(Audit("discard", f"outbox {seq}", "a test charge"))
        self.met["discarded"] += 1

    async def prune(self) -> None:
        now_ms = self.station.now_ms
        call = partial(self.station.store.prune, before_ms=now_ms - 30_000, cdrs_before_ms=now_ms - 90_000)
        await self.station.together(call)
        self.station.ledger.pruned(self.station.content)
        self.met["pruned"] += 1

    async def reopen(self) -> None:
        self.station.reopen()
        self._in_flight_waits(*HUBS)
        self.met["reopened"] += 1
