"""Reads back what the hub holds of our EVSEs and holds it against what this station would tell it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from roampost.config.hubs import OicpHub
from roampost.config.identifiers import canonical
from roampost.config.model import Config
from roampost.config.poi import pois
from roampost.domain.messages import EvseStatus
from roampost.domain.poi import EvsePoi
from roampost.hubs.base import Answer
from roampost.hubs.https.line import Line
from roampost.hubs.oicp.differences import Difference, of_record, of_statuses
from roampost.hubs.oicp.poi import record
from roampost.hubs.oicp.readback import Partner, Record, Sleep, pull_data, pull_statuses
from roampost.hubs.oicp.settings import OicpSettings

_INCOMPLETE = "not complete: roampost poi check"


@dataclass(frozen=True, slots=True)
class Comparison:
    """others: EVSEs of the operator that the hub has and this configuration does not. data: None without [poi]."""

    hub: str
    statuses: tuple[Difference, ...]
    data: tuple[Difference, ...] | None
    others: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.statuses and not self.data


async def compare(
    config: Config,
    name: str,
    statuses: Mapping[str, EvseStatus | None],
    *,
    now: Callable[[], datetime],
    sleep: Sleep,
) -> Comparison | Answer:
    """An Answer says why the hub cannot be read. statuses: what the hub was told of each EVSE, as far as known."""
    hub = config.hubs[name]
    assert isinstance(hub, OicpHub)
    partner = Partner(hub.provider_id or "", hub.operator_id)
    line = Line(OicpSettings.of(name, hub).endpoint, now)
    try:
        held = await pull_statuses(line, partner, now=now)
        if isinstance(held, Answer):
            return held
        records = None if config.poi is None else await pull_data(line, partner, now=now, sleep=sleep)
    finally:
        await line.aclose()
    return records if isinstance(records, Answer) else _compared(config, name, statuses, held, records)


def _compared(
    config: Config,
    name: str,
    statuses: Mapping[str, EvseStatus | None],
    held: Mapping[str, str],
    records: Mapping[str, Record] | None,
) -> Comparison:
    hub, ours = config.hubs[name], config.evse_ids(name)
    assert isinstance(hub, OicpHub)
    others = _others(ours, held, records or {})
    wrong = of_statuses({evse_id: statuses.get(evse_id) for evse_id in ours}, held)
    data = None
    if records is not None:
        described = {evse_id: one for evse_id, one in pois(config).items() if evse_id in ours}
        data = (*_of_data(described, records), *_not_ours(hub, "EVSE data", others, records))
    return Comparison(name, (*wrong, *_not_ours(hub, "status", others, held)), data, others)


def _of_data(described: Mapping[str, EvsePoi], held: Mapping[str, Record]) -> Iterator[Difference]:
    for evse_id, poi in described.items():
        theirs = held.get(canonical(evse_id))
        try:
            ours = record(poi).model_dump()
        except ValidationError:
            yield Difference(evse_id, "EVSE data", _INCOMPLETE, None if theirs is None else "a record")
            continue
        if theirs is None:
            yield Difference(evse_id, "EVSE data", "a record", None)
        else:
            yield from of_record(evse_id, ours, theirs)


def _others(ours: tuple[str, ...], *held: Mapping[str, object]) -> tuple[str, ...]:
    known = {canonical(evse_id) for evse_id in ours}
    return tuple(sorted({evse_id for each in held for evse_id in each} - known))


def _not_ours(hub: OicpHub, what: str, others: tuple[str, ...], held: Mapping[str, object]) -> Iterator[Difference]:
    """Whoever has every EVSE of the operator would have these too; else they are other sites'."""
    if hub.owns_operator:
        yield from (Difference(one, what, None, "there") for one in others if one in held)
