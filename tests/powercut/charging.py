"""What the state loop tells the store: sessions that begin and end, faults, statuses, data and prices."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from roampost.domain.messages import Message
from roampost.outbox.classes import draft, session_lane
from roampost.store.changes import (
    Audit,
    Change,
    CommitReceipt,
    Draft,
    EvseRow,
    Latch,
    OpenedSession,
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


@dataclass
class Charge:
    """A session that goes on; hub_session_id is None while no hub could be asked."""

    session_id: str
    hub: str
    evse_id: str
    hub_session_id: str | None


@dataclass
class Charging:
    """met: what has happened, for the test that says that everything has. numbers: of the sessions before."""

    station: Station
    rng: Random
    met: Counter[str] = field(default_factory=Counter)
    charges: dict[str, Charge] = field(default_factory=dict)  # by EVSE
    ended: list[Charge] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    numbers: int = 0

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


async def _submit(store: Any, change: Change) -> Any:
    return await store.submit(change)
