"""What a person may do, against a real store: every change leaves a row that names who did it, or does not happen."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.access.authorization import Policy
from roampost.access.offline import Offline
from roampost.access.remote import RemoteDesk
from roampost.certificates.watch import CertificateWatch
from roampost.control.protocol import ControlError, Peer, Refusal
from roampost.evse.state import State
from roampost.site.building import Parts
from roampost.site.commissioning import Commissioning
from roampost.site.hands import Hands
from roampost.site.hubs import Hubs
from roampost.site.outreach import Outreach
from roampost.site.report import Reporter
from roampost.supervise.supervisor import Supervisor
from roampost_drivers.errors import NoAnswer
from roampost_drivers.roles import Pilot
from tests.agent.cli.stopped_station import EVSE_ID
from tests.agent.loop.rig import HandClock, PaperCharger
from tests.agent.site.place import Place

PEER = Peer(uid=1000, gid=1000, pid=4711)


class UnsafeCharger(PaperCharger):
    """Charges on its own default until it is told not to; may be silent."""

    safe = False
    silent = False

    async def is_commissioned(self) -> bool:
        if self.silent:
            raise NoAnswer("controller-1 did not answer within 0.3 s")
        return self.safe

    async def commission(self) -> bool:
        written = not await self.is_commissioned()
        self.safe = True
        return written


def parts_of(place: Place, commissioning: Commissioning) -> Parts:
    """The place's own parts, and hubs that nobody runs lanes for."""
    hubs = Hubs({}, {}, {}, place.hubs)
    remote = RemoteDesk(place.station.loops, lambda _evse_id: (), {}, clock=place.clock, new_id=lambda: "own-9")
    return Parts(
        wall_time=place.wall_time,
        builder=place.builder,
        hardware=place.hardware,
        hubs=hubs,
        station=place.station,
        ledger=place.ledger,
        offline=Offline(Policy()),
        remote=remote,
        outreach=Outreach(place.config, hubs, place.station, place.store, place.clock),
        certificates=CertificateWatch({}, lambda: datetime.now(UTC), lambda: True),
        commissioning=commissioning,
        desks={},
    )


class Counter:
    """A station and the commands of its socket."""

    def __init__(self, folder: Path, replace: Sequence[tuple[str, str]] = ()) -> None:
        self.place = Place(folder, HandClock(), replace=replace)
        self.charger = UnsafeCharger()
        self.commissioning = Commissioning({"controller-1": self.charger})
        place = self.place
        parts = parts_of(place, self.commissioning)
        self.full_loads = parts.outreach.full_loads
        reporter = Reporter(place.database, parts, place.store, Supervisor(mono_s=place.clock.mono_s), place.clock)
        self.commands = Hands(parts, place.store, reporter, place.clock).commands()

    async def ask(self, command: str, **arguments: object) -> object:
        result = await self.commands[command](arguments, PEER)
        await self.place.written()
        return result

    async def refused(self, command: str, **arguments: object) -> tuple[Refusal, str]:
        with pytest.raises(ControlError) as caught:
            await self.ask(command, **arguments)
        return caught.value.code, caught.value.text

    def audited(self) -> list[tuple[str, str, str, int | None]]:
        return [(row.what, row.target, row.reason, row.who.pid) for row in self.place.audits()]


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.place.close()


async def test_an_evse_is_disabled_and_enabled_with_its_reasons(counter: Counter) -> None:
    await counter.place.look(Pilot.A)
    assert await counter.ask("evse.disable", evse_id=EVSE_ID, reason="painting") == {"state": State.DISABLED}
    assert counter.place.record().disabled
    assert await counter.ask("evse.enable", evse_id=EVSE_ID) == {"state": State.STARTING}
    await counter.place.look(Pilot.A)
    assert counter.place.loop.evse.state is State.AVAILABLE
    assert counter.audited() == [
        ("evse.enable", EVSE_ID, "by hand", 4711),
        ("evse.disable", EVSE_ID, "painting", 4711),
    ]


async def test_what_is_so_already_is_refused_in_words(counter: Counter) -> None:
    assert await counter.refused("evse.enable", evse_id=EVSE_ID) == (Refusal.REFUSED, f"{EVSE_ID} is not disabled")
    await counter.ask("evse.disable", evse_id=EVSE_ID)
    code, text = await counter.refused("evse.disable", evse_id=EVSE_ID)
    assert (code, text) == (Refusal.REFUSED, f"{EVSE_ID} is disabled already")


@pytest.mark.parametrize("command", ["evse.enable", "evse.disable", "fault.ack"])
async def test_an_unknown_evse_is_named_with_the_known_ones(counter: Counter, command: str) -> None:
    code, text = await counter.refused(command, evse_id="DE*ABC*E7", fault="rcd")
    assert code is Refusal.NOT_FOUND
    assert "DE*ABC*E7" in text
    assert EVSE_ID in text


BAD: list[tuple[str, Mapping[str, object]]] = [
    ("evse.disable", {}),
    ("evse.disable", {"evse_id": 7}),
    ("evse.disable", {"evse_id": EVSE_ID, "reason": "x" * 251}),
    ("evse.disable", {"evse_id": EVSE_ID, "reason": ["x"]}),
    ("evse.disable", {"evse_id": EVSE_ID, "reason": "half a \ud83d"}),
    ("evse.disable", {"evse_id": EVSE_ID, "reason": "red \x1b[31m"}),
    ("fault.ack", {"evse_id": EVSE_ID}),
    ("fault.ack", {"evse_id": EVSE_ID, "fault": "stuck_on", "reason": "x" * 251}),
    ("outbox.requeue", {"seq": "1"}),
    ("outbox.requeue", {"seq": True}),
    ("outbox.requeue", {"seq": 2**63}),
    ("outbox.discard", {"seq": 1}),
    ("device.commission", {"device": ""}),
]


@pytest.mark.parametrize(("command", "arguments"), BAD)
async def test_wrong_arguments_change_nothing(counter: Counter, command: str, arguments: Mapping[str, object]) -> None:
    await counter.place.look(Pilot.A)
    code, text = await counter.refused(command, **arguments)
    assert code is Refusal.BAD_REQUEST
    assert text
    assert counter.place.loop.evse.state is State.AVAILABLE
    assert counter.audited() == []


async def test_a_latched_fault_is_acknowledged_when_it_is_over(counter: Counter) -> None:
    place = counter.place
    await place.look(Pilot.A)
    (line,) = place.loop.lines["io"]
    line.latch = True
    place.loop.tick()
    assert place.loop.evse.state is State.FAULTED
    assert await counter.ask("fault.ack", evse_id=EVSE_ID, fault="rcd", reason="reset") == {"state": State.AVAILABLE}
    assert counter.audited() == [("fault.ack", EVSE_ID, "rcd: reset", 4711)]


async def test_a_fault_that_is_not_there_is_not_found(counter: Counter) -> None:
    code, text = await counter.refused("fault.ack", evse_id=EVSE_ID, fault="tilt")
    assert code is Refusal.NOT_FOUND
    assert text == f"there is no latched fault tilt at {EVSE_ID}"


async def test_a_message_is_requeued_or_discarded_by_number(counter: Counter) -> None:
    await counter.place.look(Pilot.A)
    await counter.ask("outbox.requeue", seq=1)
    await counter.ask("outbox.discard", seq=2, reason="test hub is gone")
    assert [row[:3] for row in counter.audited()] == [
        ("discard", "outbox 2", "test hub is gone"),
        ("requeue", "outbox 1", ""),
    ]
    assert await counter.refused("outbox.requeue", seq=99) == (Refusal.REFUSED, "there is no message 99")


async def test_a_controller_is_looked_at_until_it_answers_and_made_safe_when_asked(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.charger.silent = True
    await counter.commissioning.look()
    assert counter.commissioning.unsafe == set()
    assert (await counter.refused("device.commission", device="controller-1"))[0] is Refusal.FAILED
    counter.charger.silent = False
    for _ in range(3):
        await counter.commissioning.look()
    assert counter.commissioning.unsafe == {"controller-1"}
    assert caplog.text.count("roampost commission controller-1") == 1
    assert await counter.ask("device.commission", device="controller-1") == {"written": True}
    assert counter.commissioning.unsafe == set()
    assert await counter.ask("device.commission", device="controller-1") == {"written": False}
    assert [row[:2] for row in counter.audited()] == [("device.commission", "controller-1")]


async def test_only_controllers_can_be_commissioned(counter: Counter) -> None:
    code, text = await counter.refused("device.commission", device="meter-1")
    assert code is Refusal.NOT_FOUND
    assert text == "meter-1 is not a charging controller of this station"


async def test_the_status_tells_of_every_evse_and_what_is_wrong(counter: Counter) -> None:
    await counter.place.look(Pilot.A)
    await counter.commissioning.look()
    status = await counter.ask("status")
    assert isinstance(status, dict)
    (one,) = status["evses"]
    assert (one["evse_id"], one["state"], one["status"]) == (EVSE_ID, "available", "available")
    assert any("roampost commission controller-1" in alarm for alarm in status["alarms"])


async def test_messages_of_a_hub_that_was_taken_out_are_an_alarm(counter: Counter) -> None:
    await counter.place.look(Pilot.A)  # tells two hubs, and none of them has lanes here
    status = await counter.ask("status")
    assert isinstance(status, dict)
    assert [alarm for alarm in status["alarms"] if "any more" in alarm] == [
        f"hub {name} is not in the configuration any more; messages that wait for it: 1"
        for name in ("hubject", "second")
    ]


async def test_commands_are_refused_when_the_store_is_closed(counter: Counter) -> None:
    counter.place.close()
    await asyncio.sleep(0)
    with pytest.raises(ControlError) as caught:
        await counter.commands["outbox.requeue"]({"seq": 1}, PEER)
    assert caught.value.code is Refusal.FAILED


async def test_a_full_load_is_only_for_who_owns_the_operator(counter: Counter) -> None:
    code, text = await counter.refused("hub.full_load", hub="hubject")
    assert code is Refusal.REFUSED
    assert "owns_operator" in text


async def test_a_full_load_by_hand_waits_for_every_status_and_names_who_asked(tmp_path: Path) -> None:
    counter = Counter(tmp_path, replace=[('kind = "oicp"', 'kind = "oicp"\nowns_operator = true')])
    code, text = await counter.refused("hub.full_load", hub="hubject")
    assert (code, text) == (Refusal.REFUSED, "not every status is known yet; try again")
    await counter.place.look(Pilot.A)
    await counter.ask("hub.full_load", hub="hubject")
    assert [message.kind for hub, message in counter.place.outbox() if hub == "hubject"][-1] == "full_load"
    assert counter.audited()[-1][:2] == ("hub.full_load", "hubject")
    counter.place.close()
