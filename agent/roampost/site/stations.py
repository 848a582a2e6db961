"""What drivers' apps are told about charging stations, for hubs that know stations and not single EVSEs. Pure.

A station is the EVSEs with the same station_id; an EVSE without one is a station of its own, under its own ID. A hub
has an EVSE in one station only: what gives one away is told before what takes it, and what vanishes before both.
What a hub has acknowledged is remembered per station: the JSON list of its EVSEs, in the order of their IDs.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from roampost.config.identifiers import canonical
from roampost.domain.messages import StationDataMessage
from roampost.site.pushes import Push, Waiting, Wanted, holds

_STATION = "station_data/"
# The EVSEs of a station, each as JSON.
Station = tuple[str, ...]
Stations = Mapping[str, Station]


def plan_stations(wanted: Wanted, known: Mapping[str, str], *, waiting: Waiting = MappingProxyType({})) -> list[Push]:
    """The pushes that bring the hub from `known` to `wanted`, when what waits has been answered."""
    told = _stations(wanted.data)
    if not told:
        return []
    there = _remembered(known)
    there_or_soon = {**there, **_remembered(waiting)}
    left = _left(wanted, there_or_soon)
    gone = {name: data for name, data in there_or_soon.items() if name not in told and name not in left}
    due = {
        name: data
        for name, data in told.items()
        if name not in left and not holds(_STATION + name, _text(data), known, waiting)
    }
    posts = (_post(name, due[name], there.get(name)) for name in _givers_first(due, there_or_soon))
    return [*(_delete(name, data, there.get(name)) for name, data in gone.items()), *posts]


def post_again(wanted: Wanted, known: Mapping[str, str], waiting: Waiting, evse_ids: Collection[str]) -> list[Push]:
    """The hub says that it does not know these EVSEs: their stations once more.

    An EVSE that it has never acknowledged is no sign that it has lost the station; then the post that brings this EVSE
    waits already, or is due.
    """
    there = _remembered(known)
    left = _left(wanted, there)
    unknown = {canonical(evse_id) for evse_id in evse_ids}
    pushes: list[Push] = []
    for name, data in _stations(wanted.data).items():
        asked = unknown & _evses(data)
        if not asked or name in left:
            continue
        if asked & _evses(there.get(name, ())):
            pushes.append(_post(name, data, None))
        elif waiting.get(_STATION + name) != _text(data):
            pushes.append(_post(name, data, there.get(name)))
    return pushes


def _stations(data: Mapping[str, str] | None) -> Stations:
    """By station, in the order in which they are first met."""
    found: dict[str, list[str]] = {}
    for text in (data or {}).values():
        found.setdefault(_station(text), []).append(text)
    return {name: tuple(sorted(texts, key=_evse)) for name, texts in found.items()}


def _remembered(memory: Waiting) -> Stations:
    return {
        name.removeprefix(_STATION): tuple(json.loads(text))
        for name, text in memory.items()
        if name.startswith(_STATION) and text is not None
    }


def _left(wanted: Wanted, there: Stations) -> set[str]:
    """The stations that stay as they are: they should have, or have, an EVSE whose data the hub would refuse."""
    unsaid = {canonical(evse_id) for evse_id in wanted.unsaid}
    have = {name for name, data in there.items() if unsaid & _evses(data)}
    return have | {_station(text) for text in wanted.unsaid.values()}


def _givers_first(due: Stations, there: Stations) -> list[str]:
    """As far as that can be: of two that swap their EVSEs, one has to take before it has given."""
    rest, order = list(due), []
    while rest:
        takes = {name: _evses(due[name]) for name in rest}
        held = {name: _evses(there.get(name, ())) for name in rest}
        free = [one for one in rest if not any(takes[one] & held[other] for other in rest if other != one)]
        order.append((free or rest)[0])
        rest.remove(order[-1])
    return order


def _post(name: str, data: Station, before: Station | None) -> Push:
    message = StationDataMessage(action="post", station_id=name, data=data, before=before)
    return Push(message, ((_STATION + name, _text(data)),))


def _delete(name: str, data: Station, before: Station | None) -> Push:
    """A post that waits may be one that the hub will never take; what it has is what has to go."""
    message = StationDataMessage(action="delete", station_id=name, data=before or data, before=before)
    return Push(message, ((_STATION + name, None),))


def _text(data: Station) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _evses(data: Iterable[str]) -> set[str]:
    return {canonical(_evse(text)) for text in data}


def _evse(text: str) -> str:
    evse_id: str = json.loads(text)["evse_id"]
    return evse_id


def _station(text: str) -> str:
    station_id: str | None = json.loads(text).get("station_id")
    return station_id or _evse(text)
