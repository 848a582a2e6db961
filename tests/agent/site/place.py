"""A station with a real store, real device files, and lines that are never opened."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path

from roampost.cli.settings import types_of
from roampost.clock import WallTime
from roampost.config.load import load
from roampost.domain.messages import MESSAGE, Message
from roampost.evse.effect import AskStart, AskStop
from roampost.evse.evse import Evse
from roampost.loop.evse_loop import EvseLoop
from roampost.site.hardware import Builder
from roampost.site.ledger import Ledger
from roampost.site.station import StationBuilder
from roampost.store.reading import AuditRow, audits, open_readonly, outbox_rows, sessions
from roampost.store.store import Store
from roampost.supervise.notify import Notifier
from roampost.supervise.watchdog import Watchdog
from roampost_drivers.devicefile import Catalog
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot
from tests.agent.cli.stopped_station import EVSE_ID, site
from tests.agent.loop.rig import HandClock

HUBS = {EVSE_ID: ("hubject", "second")}
CATALOG = Catalog.load()


class Place:
    """One start of the agent in `folder`; `close` and make another one for the next."""

    def __init__(
        self,
        folder: Path,
        clock: HandClock,
        *,
        replace: Sequence[tuple[str, str]] = (),
        hubs: Mapping[str, Sequence[str]] = HUBS,
    ) -> None:
        made = site(folder)
        text = made.config.read_text("utf-8")
        for old, new in replace:
            assert old in text
            text = text.replace(old, new)
        made.config.write_text(text, "utf-8")
        self.clock, self.database = clock, made.database
        self.hubs = {evse_id: tuple(names) for evse_id, names in hubs.items()}
        self.config = load(made.config, types_of(CATALOG))
        self.store = Store.open(made.database, now_wall_ms=clock.wall_ms, boot=clock.stamp().boot)
        self.recovered = self.store.recover()
        self.asked: list[AskStart | AskStop] = []
        self.builder = Builder(self.config, CATALOG.devices, clock, Watchdog(Notifier(None), mono_s=clock.mono_s))
        self.hardware = self.builder.build()
        self.wall_time = WallTime(UTC, clock=clock)
        self.ledger = Ledger(self.store.submit, hubs, clock=clock, wall_time=self.wall_time)
        self.station = StationBuilder(
            self.config,
            self.builder,
            self.hardware,
            self.ledger,
            clock,
            lambda _loop, question: self.asked.append(question),
            stalled=lambda: self.store.stalled_since_ms is not None,
        ).build(self.recovered)

    @property
    def loop(self) -> EvseLoop:
        return self.station.loops[EVSE_ID]

    async def written(self) -> None:
        """Wait until everything that was handed over is on the disk, and the loops know."""
        await self.store.live_rows("hubject")

    async def look(self, pilot: Pilot, *, energy_wh: int = 12_000, set_ma: int = 0, power_w: int = 0) -> None:
        """Four looks at every device."""
        for _ in range(4):
            self.clock.now_s += 0.5
            now_s = self.clock.now_s
            self.loop.take_inputs("io", InputsReading((True,) * 8, now_s))
            self.loop.take_meter(MeterReading(energy_wh, power_w, now_s))
            closed = pilot is Pilot.C and set_ma > 0
            self.loop.take_charger(ChargerReading(pilot, set_ma, set_ma, 32_000, closed, frozenset(), now_s))
            await self.written()

    def close(self) -> None:
        self.store.close()

    def outbox(self) -> list[tuple[str, Message]]:
        """Every message that was ever written, oldest first."""
        connection = open_readonly(self.database)
        try:
            rows = outbox_rows(connection, limit=1_000)
        finally:
            connection.close()
        return [(row.hub, MESSAGE.validate_json(row.body)) for row in reversed(rows)]

    def audits(self) -> list[AuditRow]:
        connection = open_readonly(self.database)
        try:
            return audits(connection)
        finally:
            connection.close()

    def session_states(self) -> list[str]:
        connection = open_readonly(self.database)
        try:
            return [row.state for row, _ in sessions(connection)]
        finally:
            connection.close()

    def record(self) -> Evse:
        """The EVSE as the store has it."""
        (row,) = self.store.recover().evses
        return Evse.model_validate_json(row.context)
