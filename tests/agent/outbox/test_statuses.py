"""What a hub has acknowledged, what is about to change there, and what is worded when it is sent."""

import json

import pytest

from roampost.domain.messages import (
    EvseDataMessage,
    EvseDataSetMessage,
    EvseStatus,
    FullLoadMessage,
    Message,
    StationDataMessage,
    StatusMessage,
)
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.outbox.acknowledged import Acknowledged
from roampost.store.changes import RowState
from tests.agent.outbox.bench import BUSY, DELIVERED, NO_ROUTE, SILENT, UNKNOWN_EVSE, Bench
from tests.agent.store.makers import change, start, status

E1, E2 = "DE*ABC*E1", "DE*ABC*E2"
FREE, BUSY_THERE, UNKNOWN = EvseStatus.AVAILABLE, EvseStatus.OCCUPIED, EvseStatus.UNKNOWN


def full_load(**statuses: EvseStatus) -> FullLoadMessage:
    return FullLoadMessage(statuses=tuple(status(value, f"DE*ABC*{name}") for name, value in statuses.items()))


def after(*answered: tuple[Message, Answer]) -> dict[str, EvseStatus]:
    made = Acknowledged()
    for second, (message, answer) in enumerate(answered):
        made.answered(message, answer, now_ms=1000 * second)
    return dict(made.statuses)


@pytest.mark.parametrize(
    ("answered", "known"),
    [
        ([(status(FREE), DELIVERED)], {E1: FREE}),
        ([(status(FREE), DELIVERED), (status(BUSY_THERE), BUSY)], {E1: FREE}),
        ([(status(FREE), DELIVERED), (status(BUSY_THERE), UNKNOWN_EVSE)], {E1: FREE}),
        ([(status(FREE), DELIVERED), (status(BUSY_THERE), NO_ROUTE)], {E1: FREE}),
        ([(status(FREE), DELIVERED), (status(BUSY_THERE), SILENT)], {}),
        ([(status(BUSY_THERE), SILENT), (status(FREE), DELIVERED)], {E1: FREE}),
        ([(status(FREE, E2), DELIVERED), (full_load(E1=FREE), DELIVERED)], {E1: FREE}),
        ([(status(FREE), DELIVERED), (full_load(E1=FREE), BUSY)], {E1: FREE}),
        ([(status(FREE, E2), DELIVERED), (full_load(E1=FREE), SILENT)], {}),
        ([(full_load(E1=FREE), SILENT), (full_load(E1=FREE, E2=FREE), DELIVERED), (status(FREE), DELIVERED)], {}),
        ([(start(), DELIVERED)], {}),
    ],
)
def test_only_what_is_certain_is_known(answered: list[tuple[Message, Answer]], known: dict[str, EvseStatus]) -> None:
    assert after(*answered) == known


def test_a_full_load_whose_answer_was_lost_is_doubted_for_a_minute() -> None:
    made = Acknowledged()
    made.answered(full_load(E1=FREE), SILENT, now_ms=0)
    assert (made.doubted(59_999), made.doubted(60_000)) == (True, False)
    made.answered(status(FREE), DELIVERED, now_ms=60_000)
    assert made.statuses == {E1: FREE}


async def test_a_status_waits_until_the_hub_has_it(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY
    await bench.store.submit(change(status(FREE)))
    await bench.turns()
    assert (bench.dispatcher.waiting_status(E1), bench.dispatcher.waiting_status(E2)) == (True, False)
    bench.hub.script = lambda message: DELIVERED
    await bench.pass_time(5)
    assert not bench.dispatcher.waiting_status(E1)
    assert bench.dispatcher.acknowledged == {E1: FREE}


async def test_a_rejected_status_does_not_wait_and_is_not_acknowledged(bench: Bench) -> None:
    bench.hub.script = lambda message: UNKNOWN_EVSE
    await bench.store.submit(change(status(FREE)))
    await bench.turns()
    assert not bench.dispatcher.waiting_status(E1)
    assert bench.dispatcher.acknowledged == {}


async def test_a_full_load_in_flight_at_a_crash_is_doubted_after_it(bench: Bench) -> None:
    bench.hub.script = lambda message: SILENT
    await bench.store.submit(change(full_load(E1=FREE)))
    await bench.turns()
    bench.hub.script = lambda message: DELIVERED
    await bench.restart()
    await bench.turns()
    assert bench.dispatcher.waiting_status(E1)
    assert bench.dispatcher.acknowledged == {}
    await bench.pass_time(61)
    assert not bench.dispatcher.waiting_status(E1)


async def test_a_full_load_says_what_is_so_when_it_is_sent(bench: Bench) -> None:
    bench.refresh = lambda message: full_load(E1=BUSY_THERE) if isinstance(message, FullLoadMessage) else message
    await bench.store.submit(change(full_load(E1=FREE), status(UNKNOWN)))
    await bench.turns()
    assert [message for message, _ in bench.hub.sent] == [full_load(E1=BUSY_THERE), status(UNKNOWN)]


async def test_what_cannot_be_said_now_is_looked_at_again_after_a_minute_and_keeps_nobody_waiting(
    bench: Bench,
) -> None:
    bench.refresh = lambda message: message if isinstance(message, StatusMessage) else None
    await bench.store.submit(change(full_load(E1=FREE), status(UNKNOWN)))
    assert await bench.turns() == 60_000
    assert bench.hub.kinds == ["status"]
    (row, _) = bench.rows()
    assert (row.state, row.attempts, row.unknown_outcome) == (RowState.QUEUED, 0, False)
    bench.refresh = lambda message: message
    await bench.pass_time(59)
    assert bench.hub.kinds == ["status"]
    await bench.pass_time(1)
    assert bench.hub.kinds == ["status", "full_load"]


async def test_a_bug_in_the_wording_is_tried_again_and_not_the_end(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(message: Message) -> Message:
        raise KeyError("surprise")

    bench.refresh = broken
    await bench.store.submit(change(start()))
    await bench.turns()
    assert bench.states() == [RowState.HELD]
    assert not bench.rows()[0].unknown_outcome, "nothing was sent: a record that was refused later would count as there"
    assert bench.hub.sent == []
    assert "Traceback" in caplog.text


def data(evse_id: str) -> EvseDataMessage:
    return EvseDataMessage(action="update", evse_id=evse_id, data="{}")


async def test_the_data_of_one_evse_that_the_hub_cannot_take_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY if message == data(E1) else DELIVERED
    await bench.store.submit(change(data(E1), data(E2)))
    await bench.turns()
    assert [message for message, _ in bench.hub.sent] == [data(E1), data(E2)]


def station(station_id: str, *evses: str) -> StationDataMessage:
    return StationDataMessage(action="post", station_id=station_id, data=evses)


async def test_a_station_that_the_hub_cannot_take_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY if message == station("S1") else DELIVERED
    await bench.store.submit(change(station("S1"), station("S2")))
    await bench.turns()
    assert [message for message, _ in bench.hub.sent] == [station("S1"), station("S2")]


async def test_stations_go_one_at_a_time_and_the_newest_word_on_each_counts(bench: Bench) -> None:
    bench.hub.gate.clear()
    await bench.store.submit(change(station("S1"), station("S2", "old"), station("S2", "new")))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    bench.dispatcher.turn()
    assert bench.hub.in_flight == 1
    bench.hub.gate.set()
    await bench.turns()
    assert [message for message, _ in bench.hub.sent] == [station("S1"), station("S2", "new")]


async def test_data_never_goes_before_the_set_that_would_replace_it(bench: Bench) -> None:
    whole = EvseDataSetMessage(data=("{}",))
    bench.hub.script = lambda message: BUSY if message == whole else DELIVERED
    await bench.store.submit(change(whole, data(E2)))
    await bench.turns()
    bench.hub.script = lambda message: DELIVERED
    await bench.pass_time(5)
    assert [message for message, _ in bench.hub.sent] == [whole, whole, data(E2)]


NO_DATA = Answer(Verdict.HOLD, Arrival.NO, "181: no such EVSE", code="181", http_status=200, wants_data=True)


def statuses_sent(bench: Bench) -> list[str]:
    return [message.evse_id for message, _ in bench.hub.sent if isinstance(message, StatusMessage)]


@pytest.mark.parametrize(
    "told",
    [
        data(E1),
        EvseDataSetMessage(data=(json.dumps({"evse_id": E1}),)),
        station("Hauptstrasse 1", json.dumps({"evse_id": "DE*ABC*E9"}), json.dumps({"evse_id": E1})),
    ],
)
async def test_a_status_goes_out_when_the_hub_has_the_data_that_it_lacked(bench: Bench, told: Message) -> None:
    bench.hub.script = lambda message: NO_DATA if isinstance(message, StatusMessage) else DELIVERED
    await bench.store.submit(change(status(FREE), status(BUSY_THERE, E2)))
    await bench.turns()
    bench.hub.script = lambda message: DELIVERED
    bench.hub.sent.clear()
    await bench.store.submit(change(told))
    await bench.turns()
    assert statuses_sent(bench) == [E1], "the other one waits for its own"
    assert bench.dispatcher.acknowledged == {E1: FREE}


async def test_a_hub_that_lacks_data_for_ever_is_told_so_at_a_slow_pace(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_DATA if isinstance(message, StatusMessage) else DELIVERED
    await bench.store.submit(change(status(FREE)))
    for _ in range(20):  # as the agent does: each no brings the data once more
        await bench.turns()
        for _ in range(len(bench.wants_data)):
            await bench.store.submit(change(data(bench.wants_data.pop())))
    assert len(statuses_sent(bench)) == 4
    assert bench.rows()[0].state is RowState.HELD
    await bench.pass_time(3600, step_s=60)
    assert len(statuses_sent(bench)) < 4 + 13
