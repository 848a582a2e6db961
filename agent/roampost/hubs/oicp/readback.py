"""What the hub holds of the operator's EVSEs and shows drivers, read back with a ProviderID: statuses and EVSE data.

Every answer is hostile until parsed. EVSE data comes in pages: the last one, the count of pages, a page without
anything new and a bound end the reading, whichever comes first.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from roampost.config.identifiers import canonical
from roampost.hubs.base import Answer
from roampost.hubs.hostile import json_object, lowered, truth
from roampost.hubs.https.line import Line
from roampost.hubs.oicp import wire
from roampost.hubs.oicp.answers import code_of
from roampost.hubs.oicp.limits import DATA_PULLS_PER_MINUTE
from roampost.hubs.oicp.pulled import no_pull

# Of about 3 kB a record; the hub gives at most 2000 of them.
PAGE_SIZE = 1000
PAGES_MAX = 200
PAGE_MAX_BYTES = 16 * 1024 * 1024
PULL_S = 120.0
PAUSE_S = 60 / DATA_PULLS_PER_MINUTE

# An EvseDataRecord with its keys in lower case.
Record = Mapping[str, object]
Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Partner:
    """Who asks, and about whose EVSEs."""

    provider_id: str
    operator_id: str


@dataclass(frozen=True, slots=True)
class Page:
    records: tuple[Record, ...]
    last: bool


async def pull_statuses(line: Line, partner: Partner, *, now: Callable[[], datetime]) -> dict[str, str] | Answer:
    """The hub's words for each EVSE, by canonical id."""
    asked = wire.PullEvseStatus(ProviderID=partner.provider_id, OperatorID=(partner.operator_id,))
    path = f"/evsepull/v21/providers/{quote(partner.provider_id, safe='')}/status-records-by-operator-id"
    reply = await line.post(path, wire.to_json(asked), total_s=PULL_S, body_max=PAGE_MAX_BYTES)
    if isinstance(reply, Answer):
        return reply
    return read_statuses(reply.status, reply.headers, reply.body, now=now())


async def pull_data(
    line: Line, partner: Partner, *, now: Callable[[], datetime], sleep: Sleep
) -> dict[str, Record] | Answer:
    """The hub's record of each EVSE, by canonical id."""
    asked = wire.PullEvseData(ProviderID=partner.provider_id, OperatorIds=(partner.operator_id,))
    path = f"/evsepull/v23/providers/{quote(partner.provider_id, safe='')}/data-records"
    held: dict[str, Record] = {}
    for number in range(PAGES_MAX):
        if number:
            await sleep(PAUSE_S)
        target = f"{path}?page={number}&size={PAGE_SIZE}"
        reply = await line.post(target, wire.to_json(asked), total_s=PULL_S, body_max=PAGE_MAX_BYTES)
        if isinstance(reply, Answer):
            return reply
        page = read_page(reply.status, reply.headers, reply.body, number=number, now=now())
        if isinstance(page, Answer):
            return page
        new = {evse_id: one for one in page.records if (evse_id := _evse_id(one)) is not None and evse_id not in held}
        held |= new
        if page.last or not new:
            break
    return held


def read_page(
    http_status: int, headers: Mapping[str, str], body: bytes | None, *, number: int, now: datetime
) -> Page | Answer:
    top = json_object(body) or {}
    content = top.get("content")
    if not (200 <= http_status < 300 and _well(top) and isinstance(content, list)):
        return no_pull("EVSE data", http_status, headers, body, now)
    pages = top.get("totalpages")
    last = truth(top.get("last")) is True or (type(pages) is int and number + 1 >= pages)
    return Page(tuple(record for item in content if (record := lowered(item))), last)


def read_statuses(
    http_status: int, headers: Mapping[str, str], body: bytes | None, *, now: datetime
) -> dict[str, str] | Answer:
    top = json_object(body) or {}
    if not (200 <= http_status < 300 and _well(top) and "evsestatuses" in top):
        return no_pull("statuses", http_status, headers, body, now)
    return {
        evse_id: status.strip()
        for record in _status_records(top["evsestatuses"])
        if (evse_id := _evse_id(record)) is not None and isinstance(status := record.get("evsestatus"), str)
    }


def _status_records(statuses: object) -> Iterator[Record]:
    for operator in _objects(lowered(statuses).get("operatorevsestatus")):
        yield from _objects(operator.get("evsestatusrecord"))


def _objects(listed: object) -> Iterator[Record]:
    return map(lowered, listed if isinstance(listed, list) else ())


def _evse_id(record: Record) -> str | None:
    evse_id = record.get("evseid")
    return canonical(evse_id.strip()) if isinstance(evse_id, str) and evse_id.strip() else None


def _well(top: Mapping[str, object]) -> bool:
    return code_of(top) in (None, "000") and truth(top.get("result")) is not False
