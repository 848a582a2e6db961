"""A step on the disk, and what the next start makes of it: the real store, opened again and again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roampost.domain.messages import Calibration, ChargeRecord, EndMessage, SessionMessage
from roampost.domain.stamp import Stamp
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.evse import Evse
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.evse.step import Rules
from roampost.site.recovery import UNKNOWN_AWAY_S, away_s, guard_of, starting
from roampost.site.station import rules_of, timing_of
from roampost.store.changes import Change, EvseRow
from roampost.store.errors import StoreUnusable
from roampost_drivers.roles import Pilot
from tests.agent.cli.stopped_station import EVSE_ID
from tests.agent.evse.makers import UID, at, evse, reservation, session
from tests.agent.loop.rig import HandClock
from tests.agent.site.place import Place

Start = Callable[..., Place]
LATCHED = [("input = 1\n", 'input = 1\n[[evse.fault]]\nname = "tilt"\nkind = "tilt"\ndevice = "io"\ninput = 2\n')]
RENAMED = [(EVSE_ID, "DE*ABC*E9*9")]
SMALL = [("evse-din", "heidelberg-ec"), ('charger = "controller-1"', 'charger = "controller-1"\nmax_current_a = 32')]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the agent once more, after ending the run before."""
    clock = HandClock()
    runs: list[Place] = []

    def make(**how: object) -> Place:
        if runs:
            runs[-1].close()
        runs.append(Place(tmp_path, clock, **how))  # type: ignore[arg-type]  # passed on
        return runs[-1]

    yield make
    if runs:
        runs[-1].close()


GRANT = Grant("hubject", "hub-1", Card(UID, "own-1"))


async def charge(place: Place, grant: Grant = GRANT) -> None:
    await place.look(Pilot.B)
    place.loop.card(UID, "own-1")
    await place.written()
    place.loop.granted(grant)
    await place.written()
    await place.look(Pilot.C, set_ma=16_000, power_w=7_000)
    assert place.loop.evse.state is State.CHARGING


def known(one: Evse) -> dict[str, object]:
    """All but the moment of the last meter reading, which is written now and then only."""
    return one.model_dump(exclude={"session": {"meter_last"}})


async def test_a_step_is_one_transaction_with_its_messages_session_and_record(start: Start) -> None:
    place = start()
    await charge(place)
    assert known(place.record()) == known(place.loop.evse)
    assert place.session_states() == ["open"]
    assert [(hub, message.kind) for hub, message in place.outbox()] == [
        ("hubject", "status"),
        ("second", "status"),
        ("hubject", "start"),
    ]


async def test_a_session_is_closed_with_its_messages(start: Start) -> None:
    place = start()
    await charge(place)
    await place.look(Pilot.C, set_ma=16_000, power_w=7_000, energy_wh=12_050)
    await place.look(Pilot.A, energy_wh=12_051)
    await place.look(Pilot.A, energy_wh=12_051)
    assert place.session_states() == ["closed"]
    assert [message.kind for hub, message in place.outbox() if hub == "hubject"][-3:] == ["status", "end", "cdr"]
    assert "cdr" not in [message.kind for hub, message in place.outbox() if hub == "second"]


async def test_what_is_recovered_is_what_was_known(start: Start) -> None:
    place = start()
    await charge(place)
    before = place.loop.evse
    place = start()
    after = place.loop.evse
    changed = ("state", "since", "why", "told")
    assert {**known(after), **dict.fromkeys(changed)} == {**known(before), **dict.fromkeys(changed)}
    assert after.state is State.STARTING
    assert place.station.keepers["controller-1"].target_ma is None


async def test_a_charge_goes_on_after_a_restart_and_is_billed_once(start: Start) -> None:
    await charge(start())
    place = start()
    await place.look(Pilot.C, set_ma=16_000, power_w=7_000, energy_wh=12_020)
    assert place.loop.evse.state is State.CHARGING
    assert place.station.keepers["controller-1"].target_ma == 16_000
    for _ in range(2):
        await place.look(Pilot.A, energy_wh=12_030)
    (record,) = [message for _, message in place.outbox() if isinstance(message, ChargeRecord)]
    assert record.energy_wh == 30
    assert [message.kind for _, message in place.outbox()].count("start") == 1


async def test_a_closing_session_is_closed_by_the_next_run(start: Start) -> None:
    place = start()
    await charge(place)
    place.loop.card(UID, "own-2")
    await place.written()
    assert place.session_states() == ["closing"]
    place = start()
    for _ in range(2):
        await place.look(Pilot.B, energy_wh=12_001)
    (record,) = [message for _, message in place.outbox() if isinstance(message, ChargeRecord)]
    assert (record.energy_wh, record.flag) == (1, None)
    assert place.loop.evse.state is State.PLUGGED


async def test_a_session_that_waited_for_its_plug_is_closed_by_the_next_run(start: Start) -> None:
    place = start()
    await place.look(Pilot.A)
    place.loop.card(UID, "own-1")
    await place.written()
    place.loop.granted(Grant("hubject", "hub-1", Card(UID, "own-1")))
    await place.written()
    assert place.loop.evse.state is State.AWAITING_PLUG
    place = start()
    for _ in range(2):
        await place.look(Pilot.A)
    assert [message.kind for _, message in place.outbox()].count("end") == 1
    assert place.session_states() == ["closed"]


async def test_a_question_does_not_outlive_its_run(start: Start) -> None:
    place = start()
    await place.look(Pilot.B)
    place.loop.card(UID, "own-1")
    await place.written()
    place = start()
    await place.look(Pilot.B)
    assert place.loop.evse.state is State.PLUGGED
    assert place.loop.evse.asking is None


async def test_a_latch_is_recovered(start: Start) -> None:
    place = start(replace=LATCHED)
    tilt = next(line for line in place.loop.lines["io"] if line.rule.name == "tilt")
    for at_s in (0.0, 2.0):
        tilt.sample(False, at_s)
    place.loop.tick()
    await place.written()
    assert place.loop.evse.state is State.FAULTED
    place = start(replace=LATCHED)
    await place.look(Pilot.A)
    assert place.loop.evse.state is State.FAULTED
    assert place.loop.evse.faults == ("tilt",)


async def test_a_status_is_told_anew_to_every_hub_after_a_start(start: Start) -> None:
    await start().look(Pilot.A)
    place = start()
    await place.look(Pilot.A)
    assert [(hub, message.kind) for hub, message in place.outbox()] == [("hubject", "status"), ("second", "status")] * 2


async def test_an_evse_that_left_the_configuration_owes_nothing_after_the_start(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await charge(start())
    place = start(replace=RENAMED)
    await place.written()
    told = [message for _, message in place.outbox()]
    (end,) = [message for message in told if isinstance(message, EndMessage)]
    (record,) = [message for message in told if isinstance(message, ChargeRecord)]
    assert end.energy_wh == record.energy_wh == 0
    assert record.flag == "the EVSE is not in the configuration any more"
    assert place.session_states() == ["closed"]
    assert EVSE_ID in caplog.text
    place = start(replace=RENAMED)
    await place.written()
    assert len(place.outbox()) == len(told)


async def test_a_reservation_at_an_evse_that_left_the_configuration_has_its_record(start: Start) -> None:
    place = start()
    await place.look(Pilot.A)
    assert place.loop.reserve(reservation(since=place.clock.stamp(), evse_id=EVSE_ID))
    await place.written()
    for _ in range(2):
        place = start(replace=RENAMED)
        await place.written()
        (record,) = [message for _, message in place.outbox() if isinstance(message, ChargeRecord)]
        assert (record.session.session_id, record.meter_start_wh) == ("own-r", None)


async def test_a_charge_that_no_hub_has_named_goes_on_after_a_restart(start: Start) -> None:
    place = start()
    await charge(place, Grant("hubject", None, Card(UID, "own-1"), decided_by=Decider.LIST, cap_wh=20_000))
    place = start()
    await place.look(Pilot.C, set_ma=16_000, power_w=7_000)
    place.loop.opened("own-1", "hub-1")
    for _ in range(2):
        await place.look(Pilot.A)
    told = [message for _, message in place.outbox() if isinstance(message, SessionMessage)]
    assert [message.kind for message in told] == ["late_authorization", "start", "end", "cdr"]
    assert [message.session.hub_session_id for message in told] == [None, None, "hub-1", "hub-1"]


async def test_a_charge_by_an_own_card_is_closed_with_its_reason(start: Start) -> None:
    place = start()
    await charge(place, Grant(None, None, Card(UID, "own-1"), decided_by=Decider.OPERATOR))
    place = start()
    await place.look(Pilot.C, set_ma=16_000, power_w=7_000)
    for _ in range(2):
        await place.look(Pilot.A)
    assert place.session_states() == ["closed"]
    assert {message.kind for _, message in place.outbox()} == {"status"}


OF_CHARGING = [
    (
        'charger = "controller-1"',
        'charger = "controller-1"\nauthorization = "free"\nidle_end_s = 60\npenalty_after_s = 30\n'
        'calibration = { public_key = "04ab", encoding = "OCMF" }',
    )
]


async def test_the_configuration_says_how_a_charge_begins_and_ends(start: Start) -> None:
    place = start(replace=OF_CHARGING)
    await place.look(Pilot.B)
    session = place.loop.evse.session
    assert session is not None
    assert (session.decided_by, session.hub, session.uid) == (Decider.FREE, None, None)
    one = place.config.evse[0]
    assert rules_of(one, 16_000) == Rules(
        16_000, penalty_after_s=30, calibration=Calibration(public_key="04ab", encoding="OCMF")
    )
    assert timing_of(one, falls_back=True).idle_end_s == 60


async def test_a_limit_beyond_the_controller_is_what_the_controller_can(start: Start) -> None:
    place = start(replace=SMALL)
    await charge(place)
    assert place.loop.evse.permitted_ma == 16_000


def stamped(boot: str, mono_ms: int, wall_ms: int, *, trusted: bool = True) -> Stamp:
    return Stamp(boot=boot, mono_ms=mono_ms, wall_ms=wall_ms, trusted=trusted)


@pytest.mark.parametrize(
    ("now", "gone_s"),
    [
        (stamped("b1", 160_000, 0, trusted=False), 150.0),
        (stamped("b2", 5_000, at(70).wall_ms), 60.0),
        (stamped("b2", 5_000, at(70).wall_ms, trusted=False), None),
        (stamped("b2", 5_000, at(9).wall_ms), None),
    ],
)
def test_how_long_the_agent_was_away(now: Stamp, gone_s: float | None) -> None:
    assert away_s(evse(State.CHARGING, session=session(meter_last=at(10))), now) == gone_s


def closing(last: Session) -> Evse:
    return evse(State.AVAILABLE, closing=last)


@pytest.mark.parametrize("before", [evse(State.CHARGING), closing(session())])
@pytest.mark.parametrize(
    ("gone_s", "energy_wh", "good"),
    [
        (3_600.0, 12_000 + 11_000, True),
        (3_600.0, 12_000 + 12_000, False),
        (3_600.0, 11_999, False),
        (None, 12_000 + int(UNKNOWN_AWAY_S / 3600 * 11_000), True),
        (None, 11_999, False),
    ],
)
def test_the_meter_guard_stands_over_a_restart(before: Evse, gone_s: float | None, energy_wh: int, good: bool) -> None:
    guard = guard_of(before, 11_000, 30.0, gone_s)
    assert (guard.look(energy_wh, 30.0, may_rebase=False)[1] is None) is good


def test_without_a_session_any_meter_is_believed_after_a_restart() -> None:
    guard = guard_of(evse(State.AVAILABLE), 11_000, 30.0, 5.0)
    assert guard.look(5, 30.0, may_rebase=True)[1] is None


def test_a_first_start_knows_nothing() -> None:
    first = starting(EVSE_ID, None, at(1))
    assert (first.state, first.session, first.permitted_ma) == (State.STARTING, None, 0)


async def test_a_record_of_another_version_is_refused_in_words(start: Start) -> None:
    place = start()
    stamp = place.clock.stamp()
    await place.store.submit(Change(stamp=stamp, evses=(EvseRow(EVSE_ID, "elsewhere", '{"later": 1}', 0, stamp),)))
    with pytest.raises(StoreUnusable, match="install the version that wrote it"):
        start()
