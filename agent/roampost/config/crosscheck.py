"""What no section can know alone: references, roles, things used twice. Pure; returns sentences.

A section that is wrong in itself is absent from the view's values, while its name is present in `names`:
a reference to it is not complained about a second time.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from roampost.config.device_types import DeviceType, Types
from roampost.config.hubs import AnyHub
from roampost.config.identifiers import belongs_to, canonical
from roampost.config.model import Device, Evse, Line, Reader, RtuLine
from roampost.config.pricing import Pricing
from roampost.config.wording import did_you_mean

_T = TypeVar("_T", bound=Hashable)
_ROLES = ("charger", "meter", "inputs")
# Modbus over serial line 1.02, 2.2: 248 to 255 are reserved. Over TCP they are in use, 255 for the gateway itself.
_LAST_SERIAL_UNIT = 247


@dataclass(frozen=True, slots=True)
class View:
    """The sections that are right in themselves; `evse` is keyed by its path in the file."""

    lines: Mapping[str, Line]
    devices: Mapping[str, Device]
    readers: Mapping[str, Reader]
    evse: Mapping[str, Evse]
    hubs: Mapping[str, AnyHub]
    names: Mapping[str, frozenset[str]]
    evse_ids: frozenset[str]
    types: Types
    has_poi: bool = True
    pricing: Pricing | None = None

    def type_of(self, device: str) -> DeviceType | None:
        found = self.devices.get(device)
        return None if found is None else self.types.get(found.type)


def problems(view: View) -> Iterator[str]:
    yield from _lines(view)
    yield from _devices(view)
    yield from _readers(view)
    yield from _evses(view)
    yield from _inputs(view)
    yield from _hubs(view)
    yield from _told(view)


def _lines(view: View) -> Iterator[str]:
    places = [(f"lines.{name}.port", _place(line)) for name, line in view.lines.items()]
    places += [(f"readers.{name}.port", str(reader.port)) for name, reader in view.readers.items()]
    for key, place, first in _twice(places):
        yield f"{key} = {place!r}: is the port of {first} already; a port has one owner"


def _place(line: Line) -> str:
    return str(line.port) if isinstance(line, RtuLine) else f"{line.host}:{line.port}"


def _devices(view: View) -> Iterator[str]:
    for name, device in view.devices.items():
        yield from _known_type(view, f"devices.{name}.type", device.type, _ROLES)
        found = view.types.get(device.type)
        if found is not None and found.role not in _ROLES:
            yield f"devices.{name}.type = {device.type!r}: is a {found.role}; it belongs under [readers.{name}]"
        yield from _reference(f"devices.{name}.line", device.line, view.names["lines"], "line")
        if device.line in view.lines:
            yield from _on_line(view, name, device, view.lines[device.line])
    units = [(f"devices.{name}.unit", (device.line, device.unit)) for name, device in view.devices.items()]
    for key, (line, unit), first in _twice(units):
        yield f"{key} = {unit}: is the unit of {first} on line {line!r} already"


def _on_line(view: View, name: str, device: Device, line: Line) -> Iterator[str]:
    if line.kind == "rtu" and device.unit > _LAST_SERIAL_UNIT:
        yield f"devices.{name}.unit = {device.unit}: must be from 1 to {_LAST_SERIAL_UNIT} on a line of kind rtu"
    found = view.types.get(device.type)
    if found is not None and found.role in _ROLES and line.kind not in found.transports:
        yield (
            f"devices.{name}.line = {device.line!r}: is of kind {line.kind}, and {device.type} speaks"
            f" {' and '.join(found.transports)}; if a gateway stands between them, add {line.kind!r} to transports in"
            " a copy of its device file"
        )


def _known_type(view: View, key: str, name: str, roles: tuple[str, ...]) -> Iterator[str]:
    if name not in view.types:
        known = [one for one, found in view.types.items() if found is None or found.role in roles]
        yield f"{key} = {name!r}: no device table has this name; {did_you_mean(name, known)}"


def _readers(view: View) -> Iterator[str]:
    for name, reader in view.readers.items():
        yield from _known_type(view, f"readers.{name}.type", reader.type, ("reader",))
        found = view.types.get(reader.type)
        if found is not None and found.role != "reader":
            yield f"readers.{name}.type = {reader.type!r}: is a {found.role}, not a reader"
        for evse_id in reader.evses:
            yield from _reference(f"readers.{name}.evses", evse_id, view.evse_ids, "EVSE")


def _evses(view: View) -> Iterator[str]:
    if not view.evse_ids:
        yield "evse is missing; at least one [[evse]] with an id is needed"
    for key, _, first in _twice((f"{key}.id", canonical(one.id)) for key, one in view.evse.items()):
        yield f"{key}: is the EVSE of {first} already (with or without * is the same)"
    for key, one in view.evse.items():
        yield from _has_role(view, f"{key}.charger", one.charger, "charger")
        if one.meter is not None:
            yield from _has_role(view, f"{key}.meter", one.meter, "meter")
        elif one.control == "permit":
            yield f'{key}.meter is missing; control = "permit" needs a meter, because a session is billed from it'
        yield from _times(view, key, one)
    for part in ("charger", "meter"):
        used = ((f"{key}.{part}", getattr(one, part)) for key, one in view.evse.items())
        for key, name, first in _twice(pair for pair in used if pair[1] is not None):
            yield f"{key} = {name!r}: belongs to {first} already"


def _times(view: View, key: str, one: Evse) -> Iterator[str]:
    for name in (one.charger, one.meter):
        device = view.devices.get(name or "")
        if device is not None and one.stale_after_ms <= device.poll_ms:
            yield (
                f"{key}.stale_after_ms = {one.stale_after_ms}: must be more than poll_ms = {device.poll_ms}"
                f" of devices.{name}, or every reading is stale"
            )
    for fault in one.fault:
        if fault.clear_after_ms < fault.debounce_ms:
            yield (
                f"{key}.fault {fault.name!r}: clear_after_ms = {fault.clear_after_ms} must not be less than"
                f" debounce_ms = {fault.debounce_ms}"
            )


def _inputs(view: View) -> Iterator[str]:
    """An input may serve several EVSEs (one emergency stop for all) when it means the same to each of them."""
    meanings: dict[tuple[str, int], tuple[str, str, str]] = {}
    for key, one in view.evse.items():
        faults = [(f"{key}.fault {fault.name!r}", fault) for fault in one.fault]
        for path, fault in faults:
            yield from _has_role(view, f"{path} device", fault.device, "inputs")
            kind, contact, first = meanings.setdefault((fault.device, fault.input), (fault.kind, fault.contact, path))
            if (kind, contact) != (fault.kind, fault.contact):
                yield f"{path}: input {fault.input} of {fault.device!r} means something else to {first}"
        for path, (device, number), first in _twice((p, (f.device, f.input)) for p, f in faults):
            yield f"{path}: input {number} of {device!r} is wired to {first} already"
        for path, name, _ in _twice((p, f.name) for p, f in faults):
            yield f"{path}: the name {name!r} is used twice"


def _hubs(view: View) -> Iterator[str]:
    for name, hub in view.hubs.items():
        for evse_id in hub.evses:
            if evse_id != "*":
                yield from _reference(f"hubs.{name}.evses", evse_id, view.evse_ids, "EVSE")
        for one in view.evse.values():
            if ("*" in hub.evses or one.id in hub.evses) and not belongs_to(one.id, hub.operator_id):
                yield (
                    f"hubs.{name}.operator_id = {hub.operator_id!r}: EVSE {one.id} is not this operator's; the hub"
                    " would refuse it"
                )
        if (hub.cert_file is None) != (hub.key_file is None):
            yield f"hubs.{name}: cert_file and key_file belong together; give both, or none where the hub asks for none"


def _told(view: View) -> Iterator[str]:
    """What drivers are told of the EVSEs and of their prices."""
    if not view.has_poi:
        for key, one in view.evse.items():
            if one.poi is not None:
                yield f"{key}.poi: needs a [poi] with what is the same for all EVSEs; it may be empty"
    if view.pricing is None:
        return
    for evse_id, products in view.pricing.evses.items():
        key = f"pricing.evses.{evse_id}"
        if evse_id != "*":
            yield from _reference(key, evse_id, view.evse_ids, "EVSE")
        for product in products:
            yield from _reference(key, product, view.pricing.products, "product")


def _has_role(view: View, key: str, device: str, role: str) -> Iterator[str]:
    yield from _reference(key, device, view.names["devices"], "device")
    found = view.type_of(device)
    if found is not None and found.role != role:
        yield f"{key} = {device!r}: is a device for {found.role}, not for {role}"


def _reference(key: str, name: str, known: Iterable[str], what: str) -> Iterator[str]:
    if name not in known:
        yield f"{key} = {name!r}: there is no such {what}; {did_you_mean(name, known)}"


def _twice(pairs: Iterable[tuple[str, _T]]) -> Iterator[tuple[str, _T, str]]:
    """Each use of a value after its first one, with the first one's key."""
    first: dict[_T, str] = {}
    for key, value in pairs:
        if value in first:
            yield key, value, first[value]
        else:
            first[value] = key
