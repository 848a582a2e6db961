"""A TWN4 on its own pty: one command line, one reply line; pulled out, it forgets its settings."""

from collections.abc import Callable

from roampost_sim.clock import Clock
from roampost_sim.devices.twn4 import LineSplitter, Twn4, Twn4Plan
from roampost_sim.wire.faults import FaultKind, LineFaults
from roampost_sim.wire.pieces import reply_pieces
from roampost_sim.wire.pty import PtyPort

ONLY_UNIT = 0


class Twn4Port:
    def __init__(self, plan: Twn4Plan, port: PtyPort, clock: Clock, settle: Callable[[], None]) -> None:
        self.reader = Twn4()
        self.port = port
        self.faults = LineFaults()
        self._turnaround_s = plan.turnaround_ms / 1000
        self._clock = clock
        self._settle = settle

    async def run(self) -> None:
        splitter = LineSplitter()
        while True:
            for line in splitter.feed(await self.port.read()):
                await self._exchange(line)

    async def _exchange(self, line: str) -> None:
        self._settle()
        if self.faults.take(FaultKind.SILENT, ONLY_UNIT):
            return
        reply = (self.reader.answer(line) + "\r").encode("ascii")
        await self._clock.sleep(self._turnaround_s)
        for wait_s, piece in reply_pieces(reply, self.faults, ONLY_UNIT):
            if wait_s:
                await self._clock.sleep(wait_s)
            self.port.write(piece)
