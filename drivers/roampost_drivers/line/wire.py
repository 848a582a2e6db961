"""An open line: one question at a time goes out, its own answer comes back. The only module that imports pymodbus.

pymodbus carries frames; it is not trusted with more. It never retries or reconnects here, and it gets to see no
byte that could not be part of the answer we wait for.
"""

import asyncio
import logging
import termios
from collections.abc import Awaitable, Callable
from typing import Final

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import ModbusPDU

from roampost_drivers.errors import DriverError, ForeignAnswer, LineDown, NoAnswer, Refused
from roampost_drivers.line.links import Link, RtuLink
from roampost_drivers.line.question import READ_BITS, READS, Question, rtu_length

# The bus sets its own bound on every request; this one only keeps the library's own from coming first.
_NEVER_FIRST_S: Final = 60
# A dead unit behind a gateway is no reason to drop the connection to the gateway: the owner decides that.
_NO_LIMIT: Final = 1 << 30
# Modbus application protocol 1.1b3, 7: the gateway has no path, or the unit behind it did not answer.
_GATEWAY_SILENT: Final = (0x0A, 0x0B)

_Client = AsyncModbusSerialClient | AsyncModbusTcpClient


class Wire:
    """One open port or connection; when it is lost it stays lost, and the owner makes a new one."""

    def __init__(self, link: Link, now: Callable[[], float], on_lost: Callable[[], None]) -> None:
        self.lost = False
        self.last_traffic_s = now()
        self._link = link
        self._now = now
        self._on_lost = on_lost
        self._question: Question | None = None
        self._sent = b""
        self._upset: asyncio.Future[DriverError] | None = None
        self._client = self._make_client()

    def _make_client(self) -> _Client:
        # pymodbus reports every late frame as an error; the owner counts them instead.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        if isinstance(self._link, RtuLink):
            return AsyncModbusSerialClient(
                self._link.port,
                baudrate=self._link.baud,
                parity=self._link.parity,
                stopbits=self._link.stop_bits,
                timeout=_NEVER_FIRST_S,
                retries=0,
                reconnect_delay=0,
                trace_packet=self._on_serial_bytes,
                trace_connect=self._on_connect,
            )
        client = AsyncModbusTcpClient(
            self._link.host,
            port=self._link.port,
            timeout=_NEVER_FIRST_S,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._on_tcp_bytes,
            trace_connect=self._on_connect,
        )
        client.set_max_no_responses(_NO_LIMIT)
        return client

    async def open(self) -> None:
        """Open the port or connection; raises LineDown with the reason."""
        bound_s = 1.0 if isinstance(self._link, RtuLink) else self._link.connect_timeout_s
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets its result.
            async with asyncio.timeout(bound_s):
                opened = await self._client.connect()
        except (OSError, ValueError, termios.error) as error:  # TimeoutError is an OSError, termios.error is none
            raise LineDown(f"{self._link} cannot be opened: {str(error) or 'no answer'}.") from error
        if not opened:
            raise LineDown(f"{self._link} cannot be opened; is something else using it, or is the other end off?")

    def close(self) -> None:
        self._client.close()
        self.lost = True

    async def ask(self, question: Question, timeout_s: float) -> tuple[int, ...]:
        """Put one question and return the words (bits as 0 and 1); empty for a write.

        Raises NoAnswer after `timeout_s`, ForeignAnswer at the first byte that is not ours, Refused, LineDown.
        """
        if self.lost:
            raise LineDown(f"{self._link} was lost.")
        self._question = question
        self._upset = asyncio.get_running_loop().create_future()
        request = asyncio.ensure_future(_call(self._client, question))
        request.add_done_callback(_forget)
        try:
            await asyncio.wait((request, self._upset), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if request.done():
                return _answer(question, request.result())
            if self._upset.done():
                raise self._upset.result()
            raise NoAnswer(f"Unit {question.unit} did not answer within {timeout_s:.2f} s.")
        except (ModbusException, OSError) as error:
            raise LineDown(f"{self._link} failed: {error}") from error
        finally:
            self._question = None
            self.last_traffic_s = max(self.last_traffic_s, self._now())
            request.cancel()

    async def silence(self, silence_s: float, bound_s: float) -> bool:
        """Wait until the line has been silent for that long; False where it is not within the bound."""
        give_up_s = self._now() + bound_s
        while not self.lost:
            wait_s = self.last_traffic_s + silence_s - self._now()
            if wait_s <= 0 and await self._nothing_waits():
                return True
            if self._now() >= give_up_s:
                return False
            await asyncio.sleep(wait_s)
        return True

    async def _nothing_waits(self) -> bool:
        """After a stall of the loop, bytes may lie in the kernel: let them be read before the line counts as silent."""
        before_s = self.last_traffic_s
        for _ in range(2):  # the first turn finds the port readable, its reader runs behind us; the second sees it
            await asyncio.sleep(0)
        return self.last_traffic_s == before_s

    def _on_connect(self, up: bool) -> None:
        if not up:
            self.lost = True
            self._interrupt(LineDown(f"{self._link} was lost."))
            self._on_lost()

    def _on_tcp_bytes(self, sending: bool, data: bytes) -> bytes:
        self.last_traffic_s = self._now()
        return data

    def _on_serial_bytes(self, sending: bool, data: bytes) -> bytes:
        """Incoming `data` is all that came since the request; what cannot be our answer is not passed on."""
        if sending:
            # The driver takes the bytes at once; the wire is busy for as long as it takes to send them.
            self.last_traffic_s = self._now() + len(data) * self._link.character_s
            self._sent = data
            return data
        self.last_traffic_s = max(self.last_traffic_s, self._now())
        if self._question is None:
            return b""
        length = rtu_length(self._question, data)
        if length is None or (len(data) >= length and not self._is_sound(data[:length])):
            self._interrupt(ForeignAnswer(f"What came is no answer to the {self._question}: {data[:16].hex(' ')}."))
            return b""
        return data[:length]

    def _is_sound(self, frame: bytes) -> bool:
        """The check sum fits, and it is not our own request that an adapter echoes.

        The right answer to a write equals the request for functions 5 and 6; the read-back has the last word there.
        """
        crc = int.from_bytes(frame[-2:], "big")
        return FramerRTU.check_CRC(frame[:-2], crc) and (frame[1] not in READS or frame != self._sent)

    def _interrupt(self, error: DriverError) -> None:
        if self._upset is not None and not self._upset.done():
            self._upset.set_result(error)


def _forget(request: "asyncio.Future[ModbusPDU]") -> None:
    """An abandoned request may still fail; nobody is left to hear of it."""
    if not request.cancelled():
        request.exception()


def _call(client: _Client, question: Question) -> Awaitable[ModbusPDU]:
    unit, address, count, values = question.unit, question.address, question.count, question.values
    match question.function:
        case 1:
            return client.read_coils(address, count=count, device_id=unit)
        case 2:
            return client.read_discrete_inputs(address, count=count, device_id=unit)
        case 3:
            return client.read_holding_registers(address, count=count, device_id=unit)
        case 4:
            return client.read_input_registers(address, count=count, device_id=unit)
        case 5:
            return client.write_coil(address, bool(values[0]), device_id=unit)
        case 6:
            return client.write_register(address, values[0], device_id=unit)
        case _:
            return client.write_registers(address, list(values), device_id=unit)


def _answer(question: Question, pdu: ModbusPDU) -> tuple[int, ...]:
    if pdu.isError():
        if pdu.exception_code in _GATEWAY_SILENT:
            raise NoAnswer(f"The gateway says that unit {question.unit} does not answer.")
        raise Refused(f"The {question} was refused with exception {pdu.exception_code}.", pdu.exception_code)
    if pdu.function_code != question.function:
        raise ForeignAnswer(f"Function {pdu.function_code} answered the {question}.")
    if question.function not in READS:
        return _written(question, pdu)
    if question.function in READ_BITS:
        words = tuple(int(bit) for bit in pdu.bits[: question.count])
        fits = len(pdu.bits) == 8 * question.data_bytes
    else:
        words = tuple(pdu.registers)
        fits = len(words) == question.count
    if not fits:
        raise ForeignAnswer(f"The {question} was answered with another length.")
    return words


def _written(question: Question, pdu: ModbusPDU) -> tuple[int, ...]:
    """Functions 5 and 6 echo the value, 16 the number of registers."""
    if question.function == 16:
        fits = pdu.count == question.count
    elif question.function == 6:
        fits = tuple(pdu.registers) == question.values
    else:
        fits = pdu.bits == [bool(question.values[0])]
    if pdu.address != question.address or not fits:
        raise ForeignAnswer(f"The {question} was answered with another address or value.")
    return ()
