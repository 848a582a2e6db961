"""The end of the service: answers in flight are given, nothing else is waited for."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

import pytest

from roampost.hubs.remote import Reception
from roampost.inbound.service import InboundService, Times
from tests.agent.inbound.place import (
    BODIES,
    PATIENT,
    PATIENT_S,
    START,
    Callers,
    Hangs,
    pinned,
    settings,
    wire,
)
from tests.agent.inbound.wires import answer_of, plain

# --- the end ----------------------------------------------------------------------------------------------------------


@dataclass
class Ending:
    """A service that runs until `cancel`, which is its end in the agent."""

    service: InboundService
    task: asyncio.Task[None]

    @classmethod
    async def of(cls, callers: Callers, station: Reception, times: Times = PATIENT) -> "Ending":
        service = InboundService(settings(callers), [pinned(callers)], station, times=times)
        task = asyncio.create_task(service.run())
        await service.listening.wait()
        return cls(service, task)

    async def ended(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await self.task


async def cut(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        assert await reader.read() == b""


async def test_an_answer_in_flight_is_given_before_the_end_and_idle_connections_wait_for_nothing(
    callers: Callers,
) -> None:
    station = Hangs()
    ending = await Ending.of(callers, station)
    async with (
        wire(ending.service, callers, callers.hub) as (reader, writer),
        wire(ending.service, callers, callers.hub) as (idle, _),
    ):
        writer.write(plain(START, json.dumps(BODIES[START]).encode()))
        await station.begun.wait()
        ending.task.cancel()
        await cut(idle)
        station.decide.set()
        assert (await answer_of(reader))[0] == 200
        await cut(reader)
    await ending.ended()


async def test_a_command_that_nobody_waits_for_any_more_may_come_to_its_end(callers: Callers) -> None:
    station = Hangs()
    ending = await Ending.of(callers, station, Times(answer_s=0.1, request_s=PATIENT_S, drain_s=PATIENT_S))
    async with wire(ending.service, callers, callers.hub) as (reader, writer):
        writer.write(plain(START, json.dumps(BODIES[START]).encode()))
        assert (await answer_of(reader))[1]["StatusCode"]["Code"] == "021"
        ending.task.cancel()
        await cut(reader)
    station.decide.set()
    await ending.ended()
    assert station.finished == 1


async def test_the_end_does_not_wait_for_a_station_that_hangs(callers: Callers) -> None:
    station = Hangs()
    ending = await Ending.of(callers, station, Times(answer_s=PATIENT_S, request_s=PATIENT_S, drain_s=0.1))
    async with wire(ending.service, callers, callers.hub) as (reader, writer):
        writer.write(plain(START, json.dumps(BODIES[START]).encode()))
        await station.begun.wait()
        ending.task.cancel()
        await cut(reader)
        await ending.ended()
    assert not ending.service.listening.is_set()
    station.decide.set()
