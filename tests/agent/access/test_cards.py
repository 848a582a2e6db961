"""One reader, two EVSEs: whose card is it?"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack

import pytest

from roampost.access.cards import KEEP_CARD_S, CardDesk, hand_over
from roampost.evse.event import Card, Grant
from roampost.evse.state import State
from roampost_drivers.roles import Pilot, Tap
from tests.agent.evse.makers import UID, reservation
from tests.agent.loop.rig import Rig

OTHER = "04BBBB02"


class Desk:
    """A reader for the EVSEs `left` and `right`, which share a clock."""

    def __init__(self, left: Rig, right: Rig) -> None:
        self.left, self.right = left, right
        self.ids = 0
        self.desk = CardDesk([left.loop, right.loop], now_s=left.clock.mono_s, new_id=self._new_id)

    def _new_id(self) -> str:
        self.ids += 1
        return f"own-{self.ids}"

    async def tap(self, uid: str = UID) -> None:
        self.desk.tap(Tap(uid, self.left.clock.now_s))
        await self.left.settle()

    async def look(self, left: Pilot, right: Pilot, times: int = 3) -> None:
        for _ in range(times):
            await self.left.look(left, times=1)
            await self.right.look(right, times=1)
            self.desk.turn()
        await self.left.settle()

    async def authorize(self, rig: Rig, uid: str = UID) -> None:
        rig.loop.granted(Grant("hubject", "hub-1", Card(uid, f"own-{self.ids}")))
        await rig.settle()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        left = await stack.enter_async_context(Rig())
        right = await stack.enter_async_context(Rig(clock=left.clock))
        yield Desk(left, right)


async def test_a_card_is_for_the_vehicle_that_was_plugged_in_last(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.look(Pilot.B, Pilot.B)
    await desk.tap()
    assert desk.left.state() is State.ASKING_PLUGGED
    assert desk.right.state() is State.PLUGGED


async def test_a_card_first_is_kept_for_the_next_vehicle(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.A)
    await desk.tap()
    assert desk.ids == 0
    await desk.look(Pilot.A, Pilot.B)
    assert desk.right.state() is State.ASKING_PLUGGED


async def test_a_kept_card_is_dropped_after_its_time(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.A)
    await desk.tap()
    desk.left.clock.now_s += KEEP_CARD_S + 1
    await desk.look(Pilot.A, Pilot.B)
    assert desk.right.state() is State.PLUGGED


async def test_a_card_is_for_the_only_free_evse(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap(OTHER)
    await desk.authorize(desk.right, OTHER)
    await desk.tap()
    assert desk.left.state() is State.ASKING


async def test_a_stranger_never_pays_for_a_vehicle_that_has_finished(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap(OTHER)
    await desk.authorize(desk.right, OTHER)
    await desk.tap(OTHER)
    await desk.look(Pilot.A, Pilot.B, times=20)
    assert desk.right.state() is State.FINISHING
    await desk.tap()
    assert desk.left.state() is State.ASKING
    assert desk.right.state() is State.FINISHING


async def test_a_finished_vehicle_may_go_on_where_nothing_else_is_free(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap(OTHER)
    await desk.authorize(desk.right, OTHER)
    await desk.tap(OTHER)
    desk.left.loop.disable()
    await desk.look(Pilot.A, Pilot.B, times=20)
    await desk.tap(OTHER)
    assert desk.right.state() is State.ASKING_PLUGGED


async def test_an_impatient_second_tap_asks_nothing_anew(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap()
    await desk.tap()
    assert desk.ids == 1
    assert desk.left.state() is State.AVAILABLE


async def test_a_card_that_may_stop_a_session_stops_it(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap()
    await desk.authorize(desk.right)
    await desk.look(Pilot.B, Pilot.B)
    await desk.tap()
    assert desk.right.state() is State.FINISHING
    assert desk.left.state() is State.PLUGGED


async def test_a_kept_card_is_not_for_a_vehicle_that_was_there_before(desk: Desk) -> None:
    desk.left.inputs[0] = desk.right.inputs[0] = False
    await desk.look(Pilot.B, Pilot.B)
    await desk.tap()
    assert desk.ids == 0
    desk.left.clock.now_s += KEEP_CARD_S + 1
    desk.left.inputs[0] = desk.right.inputs[0] = True
    await desk.look(Pilot.B, Pilot.B, times=40)
    assert desk.left.state() is State.PLUGGED


async def test_card_numbers_stay_out_of_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap()
    await desk.tap()
    await desk.authorize(desk.right)
    await desk.tap()
    await desk.look(Pilot.A, Pilot.A, times=30)
    assert caplog.records
    assert UID not in caplog.text


async def reserved(desk: Desk, uid: str) -> None:
    await desk.look(Pilot.A, Pilot.A)
    assert desk.right.loop.reserve(reservation(since=desk.right.clock.stamp(), uid=uid))


async def test_a_reserved_evse_is_free_for_its_driver_only(desk: Desk) -> None:
    await reserved(desk, OTHER)
    await desk.tap()
    assert desk.left.state() is State.ASKING
    await desk.tap(OTHER)
    assert desk.right.state() is State.ASKING


async def test_a_reservation_says_more_than_a_vehicle_that_waits(desk: Desk) -> None:
    await reserved(desk, UID)
    await desk.look(Pilot.B, Pilot.A)
    await desk.tap()
    assert desk.right.state() is State.ASKING
    assert desk.left.state() is State.PLUGGED


async def test_a_stranger_pays_for_no_vehicle_at_a_reserved_evse(desk: Desk) -> None:
    await reserved(desk, OTHER)
    await desk.look(Pilot.A, Pilot.B)
    await desk.tap()
    assert desk.right.state() is State.PLUGGED
    assert desk.left.state() is State.ASKING


async def test_a_kept_card_is_not_for_an_evse_that_was_reserved_since(desk: Desk) -> None:
    await desk.look(Pilot.A, Pilot.A)
    await desk.tap()
    assert desk.right.loop.reserve(reservation(since=desk.right.clock.stamp(), uid=OTHER))
    await desk.look(Pilot.A, Pilot.B)
    assert desk.right.state() is State.PLUGGED
    await desk.look(Pilot.B, Pilot.B)
    assert desk.left.state() is State.ASKING_PLUGGED


class OneCard:
    """A reader that has one card and holds its port while its taps are taken."""

    name = "front"
    fault = None

    def __init__(self) -> None:
        self.port_is_open = False

    async def taps(self) -> AsyncGenerator[Tap, None]:
        self.port_is_open = True
        try:
            yield Tap(UID, 0.0)
        finally:
            self.port_is_open = False


def bug(_uid: str) -> str:
    raise RuntimeError("a bug")


async def test_a_bug_at_the_desk_lets_go_of_the_readers_port() -> None:
    reader = OneCard()
    with pytest.raises(RuntimeError, match="a bug") as kept:
        await hand_over(reader, CardDesk([], now_s=lambda: 0.0, new_id=str, shown=bug))
    # As the supervisor does: it keeps the error, and with it the frames, until the next run is over.
    assert kept.value is not None
    assert not reader.port_is_open
