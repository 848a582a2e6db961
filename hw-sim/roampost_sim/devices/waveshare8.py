"""Waveshare Modbus RTU IO 8CH: eight inputs (FC02), eight relays (FC01, FC05, FC0F; FC05 to 0x00FF moves all)."""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from roampost_sim.plan import Plan
from roampost_sim.wire.unit import (
    READ_COILS,
    READ_DISCRETE_INPUTS,
    WRITE_COIL,
    WRITE_COILS,
    Unit,
    block,
)

CHANNELS = 8
ALL_RELAYS = 0x00FF


class Waveshare8Plan(Plan):
    kind: Literal["waveshare-8ch"] = "waveshare-8ch"
    line: str
    unit: int = Field(ge=1, le=255)
    turnaround_ms: int = Field(default=5, ge=0)


class Waveshare8(Unit):
    functions = frozenset({READ_COILS, READ_DISCRETE_INPUTS, WRITE_COIL, WRITE_COILS})

    def __init__(self, plan: Waveshare8Plan) -> None:
        super().__init__(plan.unit, plan.turnaround_ms / 1000)
        self.plan = plan
        self.relays = [False] * CHANNELS
        self._contacts: dict[int, Callable[[], bool]] = {}

    def wire(self, channel: int, contact_closed: Callable[[], bool]) -> None:
        """Connects a contact to input 1…8. An input with nothing connected reads 0."""
        self._contacts[channel - 1] = contact_closed

    @property
    def inputs(self) -> list[bool]:
        return [channel in self._contacts and self._contacts[channel]() for channel in range(CHANNELS)]

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        bits = self.inputs if function == READ_DISCRETE_INPUTS else self.relays
        return block(dict(enumerate(bits)), address, count)

    def write_bits(self, address: int, values: Sequence[bool]) -> None:
        if address == ALL_RELAYS and len(values) == 1:
            self.relays = list(values) * CHANNELS
            return
        block(dict(enumerate(self.relays)), address, len(values))
        self.relays[address : address + len(values)] = values
