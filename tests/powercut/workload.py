"""A station's days in miniature: every kind of message, every verdict, every path of a session, in an order by lot."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from roampost.domain.messages import Message
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.outbox.backoff import Backoff, Pace
from roampost.outbox.classes import LATE_AUTHORIZATION, draft, session_lane
from roampost.outbox.verdicts import settle
from roampost.store.changes import (
    Audit,
    Change,
    CommitReceipt,
    Draft,
    EvseRow,
    Latch,
    LiveRow,
    OpenedSession,
    RowState,
    Sendable,
    SessionRow,
    SessionState,
    Who,
)
from tests.powercut import paper
from tests.powercut.station import Station
from tests.powercut.witness import columns

HUBS = ("oicp", "oioi")
EVSES = ("DE*ABC*E1", "DE*ABC*E2", "DE*ABC*E3")
PERSON = Who(1000, 42)
_VERDICTS = (*(Verdict.DELIVERED,) * 3, *Verdict)
_REQUEUED_FROM = ("parked", "discarded", "unconfirmed", "held", "refused")


@dataclass
class Charge:
    """A session that goes on; hub_session_id is None while no hub could be asked."""

    session_id: str
    hub: str
    evse_id: str
    hub_session_id: str | None


@dataclass
class Workload:
    """met: what has happened, for the test that says that everything has. numbers: of the sessions before."""

    station: Station
    rng: Random
    met: Counter[str] = field(default_factory=Counter)
    charges: dict[str, Charge] = field(default_factory=dict)  # by EVSE
    ended: list[Charge] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    numbers: int = 0

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

    # --- the state loop's -------------------------------------------------------------------------------------

    async def charge(self) -> None:
        """One to three EVSEs begin or end a session, in one commit."""
        changes = [self._next_of(evse_id) for evse_id in self.rng.sample(EVSES, self.rng.randint(1, 3))]
        await self.write(*changes)

    def _next_of(self, evse_id: str) -> Change:
        charge = self.charges.pop(evse_id, None)
        return self._begin(evse_id) if charge is None else self._end(charge)

    def _begin(self, evse_id: str) -> Change:
        self.numbers += 1
        name, hub = f"s{self.numbers}", self.rng.choice(HUBS)
        charge = Charge(name, hub, evse_id, None if self.rng.random() < 0.4 else f"H-{name}")
        self.charges[evse_id] = charge
        stamp = self.station.stamp()
        ref = paper.session(name, charge.hub_session_id, evse_id)
        told = [] if charge.hub_session_id else [paper.late(ref, stamp)]
        return Change(
            stamp,
            evses=(EvseRow(evse_id, "charging", f'{{"session": "{name}"}}', 16_000, stamp),),
            sessions=(SessionRow(name, evse_id, "{}", SessionState.OPEN, hub, charge.hub_session_id),),
            drafts=self._drafts(hub, *told, paper.start(ref, stamp), paper.status(evse_id, occupied=True)),
        )

    def _end(self, charge: Charge) -> Change:
        self.ended.append(charge)
        stamp = self.station.stamp(trusted=self.rng.random() < 0.8)
        ref = paper.session(charge.session_id, charge.hub_session_id, charge.evse_id)
        wrong = [paper.error(ref)] if self.rng.random() < 0.3 else []
        record = paper.record(ref, stamp, signed_values=self.rng.choice([0, 0, 0, 3]))
        row = SessionRow(
            charge.session_id, charge.evse_id, "{}", SessionState.CLOSED, charge.hub, charge.hub_session_id, "unplugged"
        )
        return Change(
            stamp,
            evses=(EvseRow(charge.evse_id, "available", "{}", 0, stamp),),
            sessions=(row,),
            drafts=self._drafts(
                charge.hub, *wrong, paper.end(ref, stamp), record, paper.status(charge.evse_id, occupied=False)
            ),
        )

    def _drafts(self, hub: str, *messages: Message) -> tuple[Draft, ...]:
        return tuple(draft(hub, message) for message in messages)

    async def fault(self) -> None:
        """A fault latches, or a person acknowledges it."""
        stamp, evse_id = self.station.stamp(), self.rng.choice(EVSES)
        audit = Audit("fault", evse_id, "residual current", PERSON)
        if (evse_id, "residual current") in self.station.ledger.latches:
            await self.write(Change(stamp, latches_cleared=((evse_id, "residual current"),), audits=(audit,)))
        else:
            await self.write(Change(stamp, latches_set=(Latch(evse_id, "residual current", stamp),), audits=(audit,)))

    async def tell_of_the_site(self) -> None:
        """Statuses, data and prices; of each only the newest counts. What the hub then knows is remembered."""
        hub, evse_id = self.rng.choice(HUBS), self.rng.choice(EVSES)
        message = self.rng.choice(paper.of_the_site(EVSES, evse_id))
        known = ((evse_id, self.rng.choice([None, f"data {self.numbers}"])),)
        one = draft(hub, message, remembers=known if message.kind in ("evse_data", "evse_data_set") else ())
        await self.write(Change(self.station.stamp(), drafts=(one,)))

    async def hub_opens(self) -> None:
        """The hub's own yes overtakes the late authorization."""
        waiting = [one for one in self.charges.values() if one.hub_session_id is None]
        for charge in waiting[:1]:
            self.met["the hub opens"] += 1
            opened = OpenedSession(charge.hub, session_lane(charge.session_id), charge.session_id, "H-late")
            await self.write(Change(self.station.stamp(), opened=(opened,)))

    async def clock_comes(self) -> None:
        await self.write(Change(self.station.stamp(), trusted_offset_ms=self.station.now_ms - self.station.mono_ms))

    async def hand_in_nonsense(self) -> None:
        """A change that the schema refuses at its last row leaves nothing of the ones before, nor harms its group."""
        stamp = self.station.stamp()
        evse = EvseRow("DE*ABC*E9", "nonsense", "{}", 0, stamp)
        bad = Draft("oicp", "data/oicp", "evse_data", "DE*ABC*E9", None, "this is no JSON")
        await self.write(Change(stamp, evses=(evse,), drafts=(bad,)), self._next_of(self.rng.choice(EVSES)), refused=1)
        assert ("DE*ABC*E9",) not in columns(self.station.content, "evse", "evse_id")
        self.met["refused change"] += 1

    async def write(self, *changes: Change, refused: int = 0) -> None:
        """refused: how many of the first are not taken."""
        store, ledger = self.station.store, self.station.ledger
        receipts = await self.station.together(*(partial(_submit, store, change) for change in changes))
        assert not any(isinstance(one, CommitReceipt) for one in receipts[:refused])
        for change, receipt in zip(changes[refused:], receipts[refused:], strict=True):
            ledger.written(change, receipt, frozenset(self._refused_now()))

    def _refused_now(self) -> set[str]:
        """Sessions without an ID of the hub that it has refused."""
        known = {one.session_id for one in (*self.ended, *self.charges.values()) if one.hub_session_id is None}
        rows = columns(self.station.content, "hub_session", "session_id", "refused")
        return {name for name, why in rows if why is not None and name in known}

    # --- the lanes' -------------------------------------------------------------------------------------------

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
            await self.station.together(partial(_future, call))
            self.met["superseded notifications"] += 1

    # --- people's, and time's ---------------------------------------------------------------------------------

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
        (outcome,) = await self.station.together(partial(_future, partial(self.station.store.requeue, seq, who=PERSON)))
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
        await self.station.together(partial(_future, call))
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


def _is_late(row: LiveRow) -> bool:
    return row.kind == LATE_AUTHORIZATION


async def _submit(store: Any, change: Change) -> Any:
    return await store.submit(change)


async def _future(call: Any) -> Any:
    return await call()
