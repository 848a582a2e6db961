"""The last day: all heals, the cars leave, hubs answer. Then what must be true of all that was written and told."""

from collections import Counter
from contextlib import closing
from functools import partial

from roampost.evse.state import State
from roampost.store.changes import RowState
from roampost_drivers.roles import Pilot
from tests.agent.machine.cards import OF_HUBS
from tests.agent.machine.hands import WAITING, Row, by_hand, rows
from tests.agent.machine.paper import Book, Booked
from tests.agent.machine.world import World

# A session that a person should look at may have lost what was never read.
_OWED = "select session_id from session where hub is not null and json_extract(body, '$.flag') is null"
_WHOSE = "select session_id, hub, json_extract(body, '$.provider_session_id') from session"
DRAIN_ROUNDS = 60


def last_day(world: World) -> None:
    _heal(world)
    _drain(world)
    world.wait(240)  # statuses that were lost may have landed, and were repeated
    _drain(world)
    _nothing_waits(world)
    _evses_are_free(world)
    _sessions_are_closed(world)
    _records_are_right(world)
    _refused_are_kept(world)
    _nobody_hears_of_anothers(world)
    _a_payment_pays_once(world)
    _statuses_are_right(world)
    assert world.trouble == [], world.trouble
    assert world.bugs.found == [], world.bugs.found
    for book in world.books.values():
        assert book.wrong == [], book.wrong


def _heal(world: World) -> None:
    world.clock.synchronize()
    world.disk.heal()
    for book in world.books.values():
        book.cards |= OF_HUBS
    for weather in world.weathers.values():
        weather.clear_up()
    for bay in world.bays.values():
        bay.heal()
        bay.pilot = Pilot.A
    world.settle()
    world.pass_time(30)
    for evse_id, loop in world.loops.items():
        world.do(loop.disable)
        world.pass_time(24)
        world.do(loop.enable)
        for fault in (f"tilt-{evse_id[-1]}", "stuck_on"):
            world.do(partial(loop.acknowledge, fault))
        world.pass_time(2)
        world.do(partial(loop.unreserve, "the last day"))
    world.pass_time(4)


def _drain(world: World) -> None:
    """A person has every parked record sent again; then time passes until nothing waits."""
    for _ in range(DRAIN_ROUNDS):
        for row in rows(world):
            if row.state is RowState.PARKED and row.kind in ("cdr", "late_authorization"):
                by_hand(world, row, requeue=True)
        if not any(row.state in WAITING for row in rows(world)):
            return
        world.wait(60)


def _nothing_waits(world: World) -> None:
    left = [row for row in rows(world) if row.state in WAITING]
    assert left == []
    for row in rows(world):
        if row.state is RowState.PARKED:
            kinds = {kind for about, kind in world.weathers[row.hub].parked if about in (row.session_id, row.evse_id)}
            assert kinds, row


def _evses_are_free(world: World) -> None:
    for evse_id, loop in world.loops.items():
        assert loop.evse.state is State.AVAILABLE, loop.evse
        assert loop.evse.session is None
        assert loop.evse.closing is None
        assert world.bays[evse_id].charger.set_ma == 0


def _sessions_are_closed(world: World) -> None:
    """Every session that a hub has opened and the agent has heard of is closed there."""
    written = world.on_disk()
    told = rows(world)
    for book in world.books.values():
        for one in book.sessions.values():
            if one.heard_run is None or one.hub_session_id in world.excused:
                continue
            assert one.hub_session_id in written, one
            given_up = any(
                row.session_id == one.own_id
                and row.hub == book.name
                and row.kind == "end"
                and row.state in (RowState.PARKED, RowState.DISCARDED)
                for row in told
            )
            assert given_up or not book.is_open(one), one


def _records_are_right(world: World) -> None:
    """One record at the hub for each that was written, with the energy that the register really counted."""
    records = [row for row in rows(world) if row.kind == "cdr"]
    counted = Counter((row.hub, row.session_id) for row in records)
    assert all(number == 1 for number in counted.values()), counted
    for row in records:
        if row.state is RowState.REFUSED:
            continue
        assert row.state in (RowState.DELIVERED, RowState.UNCONFIRMED), row
        hub_session_id = _hub_session_id(world, row)
        book = world.books[row.hub]
        booked = book.sessions[hub_session_id]
        assert len(booked.records) == 1, (row, booked)
        _energy_is_right(world, row, book, booked)
    for book in world.books.values():
        for one in book.sessions.values():
            assert len(one.records) <= 1, one
    _all_energy_has_a_record(world, {row.session_id for row in records})


def _all_energy_has_a_record(world: World, recorded: set[str | None]) -> None:
    """What was drawn in a session that a hub is owed is in a record, also where the hub has refused the session."""
    with closing(world.read()) as found:
        owed = {one for (one,) in found.execute(_OWED)}
    for bay in world.bays.values():
        for session_id, energy_wh in bay.drawn.items():
            assert session_id not in owed or not energy_wh or session_id in recorded, (session_id, energy_wh)


def _refused_are_kept(world: World) -> None:
    """Nothing of a session that a hub has refused is sent, or lost."""
    with closing(world.read()) as found:
        refused = set(found.execute("select hub, session_id from hub_session where refused is not null"))
    for row in rows(world):
        if (row.hub, row.session_id) in refused:
            assert row.state is RowState.REFUSED, row
        elif row.state is RowState.REFUSED:
            raise AssertionError(f"refused, and nobody knows of it: {row}")


def _nobody_hears_of_anothers(world: World) -> None:
    """Charges and records are told to the hub that authorized, and to no other. (A reservation has one hub only.)"""
    with closing(world.read()) as found:
        hubs = {session_id: hub for session_id, hub, _ in found.execute(_WHOSE)}
    for book in world.books.values():
        for one in book.sessions.values():
            assert not book.was_charged(one) or hubs.get(one.own_id, book.name) == book.name, (book.name, one)


def _a_payment_pays_once(world: World) -> None:
    with closing(world.read()) as found:
        payments = {session_id: (hub, payment) for session_id, hub, payment in found.execute(_WHOSE) if payment}
    paid = Counter(payments[row.session_id] for row in rows(world) if row.kind == "cdr" and row.session_id in payments)
    assert all(number == 1 for number in paid.values()), paid


def _energy_is_right(world: World, row: Row, book: Book, booked: Booked) -> None:
    (record,) = booked.records
    energy_wh = book.energy_wh(record)
    assert energy_wh == row.body["energy_wh"]
    if row.body["meter_start_wh"] is None:
        assert energy_wh == 0
        return
    assert row.body["meter_end_wh"] - row.body["meter_start_wh"] == energy_wh
    drawn = world.bays[row.evse_id].drawn.get(row.session_id or "", 0)
    if row.body["flag"] is None:
        assert energy_wh == drawn, (row, drawn)
        assert energy_wh >= booked.told_wh, (row, booked)


def _hub_session_id(world: World, row: Row) -> str:
    given = row.body["session"]["hub_session_id"]
    if given is not None:
        return str(given)
    with closing(world.read()) as found:
        ((late,),) = found.execute(
            "select hub_session_id from hub_session where hub = ? and session_id = ?", (row.hub, row.session_id)
        )
    return str(late)


def _statuses_are_right(world: World) -> None:
    """Every EVSE is shown as it is, whatever was lost, late or refused before."""
    for evse_id, loop in world.loops.items():
        status = loop.evse.status
        assert status is not None
        for name in world.plan.of_evse[evse_id]:
            book = world.books[name]
            assert book.statuses.get(evse_id) == book.shows(status), (name, evse_id, book.statuses)
