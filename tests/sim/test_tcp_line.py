"""Modbus TCP on a real socket: a module of inputs, one request after the other and several at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.sim.support import A_WHILE_S, World, raw

READ_INPUTS = "00 00 00 06 15 02 00 00 00 08"


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, text: str) -> None:
        self._writer.write(raw(text))

    async def receive(self, length: int) -> str:
        """Hex of so many bytes, fewer at the end of the connection."""
        async with asyncio.timeout(A_WHILE_S):
            try:
                return (await self._reader.readexactly(length)).hex(" ").upper()
            except asyncio.IncompleteReadError as end:
                return end.partial.hex(" ").upper()


@asynccontextmanager
async def client_of(site: World) -> AsyncIterator[Client]:
    host, port = site.station.address("io").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_inputs_follow_the_contacts(site: World) -> None:
    async with client_of(site) as client:
        client.send("00 07 " + READ_INPUTS)
        assert await client.receive(10) == "00 07 00 00 00 04 15 02 01 05"  # rcd and mirror are closed, door is open
        await site.do(do="trip", contact="rcd")
        await site.do(do="trip", contact="door")
        client.send("00 08 " + READ_INPUTS)
        assert await client.receive(10) == "00 08 00 00 00 04 15 02 01 06"
        await site.do(do="break_wire", contact="mirror")
        client.send("00 09 " + READ_INPUTS)
        assert await client.receive(10) == "00 09 00 00 00 04 15 02 01 02"


async def test_requests_in_one_segment_and_in_pieces_are_answered_in_order(site: World) -> None:
    async with client_of(site) as client:
        client.send("00 01 " + READ_INPUTS + "00 02 00 00 00 06 15 03")
        client.send("00 00 00 01")
        assert await client.receive(19) == "00 01 00 00 00 04 15 02 01 05 00 02 00 00 00 03 15 83 01"


async def test_a_unit_that_is_not_there_is_silent_and_the_next_request_is_heard(site: World) -> None:
    async with client_of(site) as client:
        client.send("00 01 00 00 00 06 16 02 00 00 00 08" + "00 02 " + READ_INPUTS)
        assert await client.receive(10) == "00 02 00 00 00 04 15 02 01 05"


@pytest.mark.parametrize("frame", ["00 01 00 01 00 06 15 02 00 00 00 08", "00 01 00 00 00 01 15"])
async def test_what_is_not_modbus_tcp_closes_the_connection(site: World, frame: str) -> None:
    async with client_of(site) as client:
        client.send(frame)
        assert await client.receive(1) == ""


async def test_a_wrong_transaction_is_answered_when_told(site: World) -> None:
    async with client_of(site) as client:
        await site.do(do="line_fault", line="io", fault="wrong-transaction", times=1)
        client.send("00 00 " + READ_INPUTS + "00 01 " + READ_INPUTS)
        assert (await client.receive(20))[:5] == "FF FF"


async def test_unplugged_the_connection_breaks_and_replugged_the_port_is_the_same(site: World) -> None:
    address = site.station.address("io")
    async with client_of(site) as client:
        client.send("00 01 " + READ_INPUTS)
        await client.receive(10)
        await site.do(do="unplug_line", line="io")
        assert await client.receive(1) == ""
    with pytest.raises(ConnectionError):
        async with client_of(site):
            pass
    assert await site.do(do="replug_line", line="io") == {"address": address}
    async with client_of(site) as again:
        again.send("00 02 " + READ_INPUTS)
        assert await again.receive(10) == "00 02 00 00 00 04 15 02 01 05"
