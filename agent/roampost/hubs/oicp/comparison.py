"""Reads back what the hub holds of our EVSEs and holds it against what this station would tell it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from pydantic import ValidationError

from roampost.config.hubs import OicpHub
from roampost.config.identifiers import canonical
from roampost.domain.poi import EvsePoi
from roampost.hubs.base import Answer
from roampost.hubs.comparison import Comparison, Difference, Here
from roampost.hubs.https.line import Line
from roampost.hubs.oicp.differences import of_record, of_statuses
from roampost.hubs.oicp.poi import record
from roampost.hubs.oicp.readback import Partner, Record, Sleep, pull_data, pull_statuses
from roampost.hubs.oicp.settings import OicpSettings

Compared = Comparison | Answer
_INCOMPLETE = "not complete: roampost poi check"


async def compare(settings: OicpHub, name: str, here: Here, *, now: Callable[[], datetime], sleep: Sleep) -> Compared:
    """settings.provider_id is given."""
    partner = Partner(settings.provider_id or "", settings.operator_id)
    line = Line(OicpSettings.of(name, settings).endpoint, now)
    try:
        held = await pull_statuses(line, partner, now=now)
        if isinstance(held, Answer):
            return held
        records = None if here.described is None else await pull_data(line, partner, now=now, sleep=sleep)
    finally:
        await line.aclose()
    if isinstance(records, Answer):
        return records
    return _compared(name, here, held, records, owns_operator=settings.owns_operator)


def _compared(
    name: str, here: Here, held: Mapping[str, str], records: Mapping[str, Record] | None, *, owns_operator: bool
) -> Comparison:
    others = _others(here.evse_ids, held, records or {})
    # Whoever has every EVSE of the operator would have these too; else they are other sites'.
    ours_too = others if owns_operator else ()
    wrong = of_statuses({evse_id: here.statuses.get(evse_id) for evse_id in here.evse_ids}, held)
    data = None
    if records is not None:
        data = (*_of_data(here.described or {}, records), *_not_ours("EVSE data", ours_too, records))
    return Comparison(name, (*wrong, *_not_ours("status", ours_too, held)), data, others)


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


def _not_ours(what: str, others: tuple[str, ...], held: Mapping[str, object]) -> Iterator[Difference]:
    yield from (Difference(one, what, None, "there") for one in others if one in held)
