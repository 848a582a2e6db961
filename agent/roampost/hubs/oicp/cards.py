"""The list of all cards that providers would authorize, read from the answer to eRoamingPullAuthenticationData. Pure.

Its shape is that of OICP 2.2: AuthenticationData, ProviderAuthenticationData[], AuthenticationDataRecord[],
Identification. The list may hold hundreds of thousands of records, so each object is shrunk as soon as it is read;
media that no card reader reads, duplicates and whatever is malformed are passed over.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from roampost.hubs.base import Answer, Arrival, CardList, Verdict
from roampost.hubs.hostile import truth
from roampost.hubs.oicp.answers import CARD_MEDIA, clean_uid, code_of
from roampost.hubs.oicp.pulled import no_pull

# 230,000 cards. With what reading them costs it stays below the MemoryHigh of the unit.
LIST_MAX_BYTES = 16 * 1024 * 1024
# The shortest record there can be has 15 bytes for each bracket and comma.
_FEWEST_BYTES, _DENSE_FROM_BYTES = 12, 1_000_000
_TOP = ("authenticationdata", "statuscode", "result")
_KEPT = (*_TOP, "code", "providerauthenticationdata", "authenticationdatarecord", "uid")


class _Card(str):
    """The UID of an Identification."""

    __slots__ = ()


def read_cards(http_status: int, headers: Mapping[str, str], body: bytes | None, *, now: datetime) -> CardList | Answer:
    """body is None when it was longer than LIST_MAX_BYTES. Takes seconds for a long list: not for an event loop."""
    if body is None:
        return Answer(
            Verdict.RETRY,
            Arrival.NO,
            f"The hub's list of cards is longer than {LIST_MAX_BYTES // 2**20} MiB and was not read.",
            http_status=http_status,
        )
    top = _shrunk(body) if 200 <= http_status < 300 and not _is_dense(body) else {}
    if _is_list(top):
        return CardList(frozenset(str(card) for card in _cards(top["authenticationdata"])))
    return no_pull("list of cards", http_status, headers, body, now)


def _is_dense(body: bytes) -> bool:
    """Whether a long answer has more values than any list of cards: as Python's objects they could take all memory."""
    return len(body) > _DENSE_FROM_BYTES and _FEWEST_BYTES * sum(map(body.count, (b"{", b"[", b","))) > len(body)


def _is_list(top: Mapping[str, object]) -> bool:
    """Without a single provider it has to be called a success: it replaces the list before."""
    data, code = top.get("authenticationdata"), code_of(top)
    if code not in (None, "000") or truth(top.get("result")) is False:
        return False
    return isinstance(data, dict) or ("authenticationdata" in top and data is None and code == "000")


def _shrunk(body: bytes) -> dict[str, object]:
    try:
        top = json.loads(body, object_pairs_hook=_shrink)
    except (ValueError, RecursionError):  # as in answers.json_object
        return {}
    return top if isinstance(top, dict) else {}


def _shrink(pairs: list[tuple[str, object]]) -> object:
    """Called for each object, the innermost first."""
    kept: dict[str, object] = {}
    for key, value in pairs:
        name = key.lower()
        if name == "identification" and isinstance(value, _Card):
            return value
        if name in CARD_MEDIA and isinstance(value, dict):
            uid = clean_uid(value.get("uid"))
            if uid is not None:
                return _Card(uid)
        if name in _KEPT:
            kept[name] = value
    return kept


def _cards(data: object) -> Iterator[_Card]:
    for provider in _listed(data, "providerauthenticationdata"):
        for record in _listed(provider, "authenticationdatarecord"):
            if isinstance(record, _Card):
                yield record


def _listed(parent: object, name: str) -> list[object]:
    found = parent.get(name) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []
