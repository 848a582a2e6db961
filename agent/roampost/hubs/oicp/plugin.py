"""OICP behind the core's interfaces: see `hubs.plugin`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from roampost.config.hubs import OicpHub as Settings
from roampost.hubs.base import Hub, When
from roampost.hubs.comparison import Compare
from roampost.hubs.inbound import Dialect
from roampost.hubs.plugin import Sleep

if TYPE_CHECKING:
    from roampost.domain.poi import EvsePoi
    from roampost.poi.finding import Finding


def backend(name: str, settings: Settings, when: When, now: Callable[[], datetime]) -> Hub:
    from roampost.hubs.oicp.client import OicpHub  # brings httpx, which who only listens does not need
    from roampost.hubs.oicp.settings import OicpSettings

    return OicpHub(OicpSettings.of(name, settings), when, now=now)


def readback(name: str, settings: Settings, now: Callable[[], datetime], sleep: Sleep) -> Compare | str:
    if settings.provider_id is None:
        return (
            f"hubs.{name}.provider_id is not configured: the hub lets only a partner that is operator and provider read"
            " back what it holds"
        )
    from roampost.hubs.oicp.comparison import compare

    return partial(compare, settings, name, now=now, sleep=sleep)


def objections(evses: "Sequence[EvsePoi]") -> "Iterable[tuple[str, Finding]]":
    from roampost.hubs.oicp.objections import against  # brings the models of EVSE data

    return against(evses)


def dialect(name: str, settings: Settings, evse_ids: Sequence[str], when: When) -> Dialect:
    from roampost.hubs.oicp.inbound import OicpInbound

    return OicpInbound(name, evse_ids)
