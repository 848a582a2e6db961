"""OIOI behind the core's interfaces: see `hubs.plugin`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from roampost.config.hubs import OioiHub as Settings
from roampost.hubs.base import Hub, When
from roampost.hubs.inbound import Dialect
from roampost.hubs.plugin import Sleep

if TYPE_CHECKING:
    from roampost.domain.poi import EvsePoi
    from roampost.poi.finding import Finding


def backend(name: str, settings: Settings, when: When, now: Callable[[], datetime]) -> Hub:
    from roampost.hubs.oioi.client import OioiHub  # brings httpx, which who only listens does not need
    from roampost.hubs.oioi.settings import OioiSettings

    return OioiHub(OioiSettings.of(name, settings), when, now=now)


def readback(name: str, settings: Settings, now: Callable[[], datetime], sleep: Sleep) -> str:
    return f"hubs.{name}: OIOI has no call that reads back what the hub holds"


def objections(evses: "Sequence[EvsePoi]") -> "Iterable[tuple[str, Finding]]":
    from roampost.hubs.oioi.objections import against  # brings the models of EVSE data

    return against(evses)


def dialect(name: str, settings: Settings, evse_ids: Sequence[str], when: When) -> Dialect:
    from roampost.hubs.oioi.inbound import OioiInbound

    assert settings.inbound is not None
    return OioiInbound(
        name,
        evse_ids,
        partner_identifier=settings.partner_identifier,
        reservation=timedelta(minutes=settings.reservation_minutes),
        when=when,
        body_max_bytes=settings.inbound.max_body_bytes,
    )
