"""What the lanes tell the store: what is in flight, and what the hubs have said of it."""

from functools import partial
from typing import Any

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.outbox.backoff import Backoff, Pace
from roampost.outbox.classes import LATE_AUTHORIZATION, session_lane
from roampost.outbox.verdicts import settle
from roampost.store.changes import LiveRow, RowState, Sendable
from tests.powercut.charging import HUBS, Charging

_VERDICTS = (*(Verdict.DELIVERED,) * 3, *Verdict)


class Delivering(Charging):
    async def deliver(self) -> None:
        """One to four messages of different lanes: in flight in one commit, their answers in another."""
        hub = self.rng.choice(HUBS)
        (live,) = await self.station.together(partial(self.station.store.live_rows, hub))
        rows = self._one_of_each_lane([row for row in live if row.state in (RowState.QUEUED, RowState.HELD)])
        marked = await self.station.together(*(partial(self.station.store.mark_sending, row.seq) for row in rows))
        for sendable in marked:
            self.station.ledger.stands(sendable.row.seq, RowState.SENDING)
        self.station.ledger.check(self.station.content)
        await self.station.together(*(partial(self._answer, sendable) for sendable in marked))

    def _one_of_each_lane(self, rows: list[LiveRow]) -> list[LiveRow]:
        """The oldest of each, as the lanes do it."""
        heads = list({row.lane: row for row in reversed(rows)}.values())
        return self.rng.sample(heads, min(len(heads), self.rng.randint(1, 4)))

    async def _answer(self, sendable: Sendable) -> None:
        row, store, now_ms = sendable.row, self.station.store, self.station.now_ms
        lot = self.rng.random()
        if lot < 0.04:
            await store.unmark_sending(row.seq)
            state = RowState.QUEUED
        elif lot < 0.08:
            await store.put_off(row.seq, due_ms=now_ms + 60_000)
            state = RowState.QUEUED
        elif lot < 0.14:
            return  # left in flight: the next boot, or the lane's next start, finds it
        else:
            answer = self._word_of_the_hub(row)
            settled = settle(row, answer, now_ms=now_ms, backoff=Backoff(self.rng, Pace()), probe_s=30)
            state = await store.settle(row.seq, settled)
            self.met[f"{row.kind}: {answer.verdict}"] += 1
        self.station.ledger.stands(row.seq, state)
        if state is RowState.REFUSED:
            self.station.ledger.lane_stands(row.lane, RowState.REFUSED)

    def _word_of_the_hub(self, row: LiveRow) -> Answer:
        verdict = self.rng.choice([one for one in _VERDICTS if one is not Verdict.REFUSED or _is_late(row)])
        unsure = verdict in (Verdict.RETRY, Verdict.UNCONFIRMED)
        arrival = self.rng.choice(list(Arrival)) if unsure else Arrival.YES
        brought = f"H-{row.session_id}" if _is_late(row) and verdict is Verdict.DELIVERED else None
        return Answer(verdict, arrival, f"the hub says {verdict}", hub_reference="r-1", hub_session_id=brought)

    async def lane_restarts(self) -> None:
        """What a lane left in flight waits again."""
        hub = self.rng.choice(HUBS)
        await self.station.together(partial(self.station.store.recover_sending, hub))
        self._in_flight_waits(hub)

    def _in_flight_waits(self, *hubs: str) -> None:
        ledger = self.station.ledger
        for seq, state in ledger.records.items():
            if state is RowState.SENDING and ledger.bodies[seq].hub in hubs:
                ledger.stands(seq, RowState.QUEUED)

    async def let_record_go(self) -> None:
        """The record does not wait for its notifications any more."""
        for charge in self.ended[-1:]:
            lane = session_lane(charge.session_id)
            call = partial(self.station.store.supersede_notifications, charge.hub, lane, "it was too late for them")
            await self.station.together(partial(answered, call))
            self.met["superseded notifications"] += 1


def _is_late(row: LiveRow) -> bool:
    return row.kind == LATE_AUTHORIZATION


async def answered(call: Any) -> Any:
    """What the future that a call returns comes to."""
    return await call()
