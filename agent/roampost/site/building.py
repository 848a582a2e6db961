"""The parts of one running agent, built from the configuration and what the store remembers; nothing runs yet."""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from roampost.access.asker import Asker
from roampost.access.cards import CardDesk
from roampost.access.offline import Offline, build_offline
from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import rules_of
from roampost.certificates.watch import CertificateWatch
from roampost.clock import BootOffset, SystemClock, WallTime
from roampost.config.model import Config
from roampost.domain.uid import uid_text
from roampost.outbox.heard import Heard
from roampost.site.commissioning import Commissioning
from roampost.site.hardware import Builder, Hardware
from roampost.site.hubs import Hubs, build_backends, open_lanes
from roampost.site.ledger import Ledger
from roampost.site.outreach import Outreach
from roampost.site.station import Station, StationBuilder
from roampost.store.changes import Recovered
from roampost.store.store import Store
from roampost.supervise.watchdog import Watchdog
from roampost_drivers.device import Device


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the agent starts, asks and ends."""

    wall_time: WallTime
    builder: Builder
    hardware: Hardware
    hubs: Hubs
    station: Station
    ledger: Ledger
    offline: Offline
    remote: RemoteDesk
    outreach: Outreach
    certificates: CertificateWatch
    commissioning: Commissioning
    desks: dict[str, CardDesk]


def build(
    config: Config,
    devices: Mapping[str, Device],
    clock: SystemClock,
    watchdog: Watchdog,
    store: Store,
    spawn: Callable[..., object],
) -> Parts:
    """spawn keeps a question to a hub until it has ended."""
    recovered = store.recover()
    wall_time = _wall_time(config, clock, recovered)
    builder = Builder(config, devices, clock, watchdog)
    hardware = builder.build()
    hubs = build_backends(config, clock, wall_time)
    ledger = Ledger(store.submit, hubs.of_evse, hubs.takes, clock=clock, wall_time=wall_time)
    ledger.remember(recovered.latches)
    offline = build_offline(
        config, hubs.backends, clock, random.SystemRandom(), reachable=hubs.reachable, spend=hubs.spend
    )
    station = StationBuilder(
        config,
        builder,
        hardware,
        ledger,
        clock,
        _asker(config, hubs, offline, spawn).ask,
        stalled=lambda: store.stalled_since_ms is not None,
        progress=hubs.offer,
        new_id=_new_id,
    ).build(recovered)
    remote = _remote(config, hubs, station, clock, recovered, offline)
    outreach = Outreach(config, hubs, station, store, clock)
    open_lanes(hubs, config, store, clock, wall_time, watchdog, partial(_heard, outreach, remote))
    certificates, commissioning = _certificates(config, clock), Commissioning(hardware.chargers)
    return Parts(
        wall_time, builder, hardware, hubs, station, ledger, offline, remote, outreach, certificates, commissioning,
        _desks(config, station, clock),
    )  # fmt: skip


def _wall_time(config: Config, clock: SystemClock, recovered: Recovered) -> WallTime:
    offsets = [BootOffset(boot, offset_ms) for boot, offset_ms in recovered.offsets_ms.items()]
    return WallTime(ZoneInfo(config.station.time_zone), clock=clock, offsets=offsets)


def _heard(outreach: Outreach, remote: RemoteDesk, hub: str) -> Heard:
    """Who hears what becomes of this hub's messages."""
    refresh, wants_data = partial(outreach.refresh, hub), partial(outreach.wants_data, hub)
    return Heard(refresh, remote.late_opened, remote.late_refused, wants_data)


def _asker(config: Config, hubs: Hubs, offline: Offline, spawn: Callable[..., object]) -> Asker:
    return Asker(
        hubs.asked_for,
        hubs.backends,
        spawn,
        policy=offline.policy,
        own=offline.holds,
        listed=offline.listed,
        reachable=hubs.reachable,
        spend=hubs.spend,
        heard=hubs.heard,
        shown=uid_text(config.log.uids),
    )


def _remote(
    config: Config, hubs: Hubs, station: Station, clock: SystemClock, recovered: Recovered, offline: Offline
) -> RemoteDesk:
    return RemoteDesk(
        station.loops,
        lambda evse_id: hubs.of_evse.get(evse_id, ()),
        rules_of(config),
        clock=clock,
        new_id=_new_id,
        ended=recovered.ended,
        paid=recovered.paid,
        replace_cards=offline.replace_cards,
    )


def _desks(config: Config, station: Station, clock: SystemClock) -> dict[str, CardDesk]:
    shown = uid_text(config.log.uids)
    return {
        name: CardDesk(
            [station.loops[evse_id] for evse_id in reader.evses], now_s=clock.mono_s, new_id=_new_id, shown=shown
        )
        for name, reader in config.readers.items()
    }


def _new_id() -> str:
    return str(uuid.uuid4())


def _certificates(config: Config, clock: SystemClock) -> CertificateWatch:
    files = {name: hub.certificates for name, hub in config.hubs.items()}
    if config.inbound is not None:
        files["inbound"] = {"cert_file": config.inbound.cert_file}
    return CertificateWatch(
        files, lambda: datetime.fromtimestamp(clock.wall_ms() / 1000, UTC), lambda: clock.stamp().trusted
    )
