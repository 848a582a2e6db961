"""What each command does to a station, and what it answers. Time settles before and after."""

from typing import Any, assert_never

from roampost_sim.commands import (
    Ask,
    AtContact,
    AtEvse,
    AtPort,
    Command,
    Garbage,
    HoldCard,
    LineFault,
    Note,
    Plug,
    PowerCycle,
    TakeCard,
)
from roampost_sim.devices.twn4_port import Twn4Port
from roampost_sim.errors import CommandError
from roampost_sim.station import Station
from roampost_sim.truth import registers, truth
from roampost_sim.wire.faults import FaultKind, LineFaults
from roampost_sim.wire.tcp import TcpLine
from roampost_sim.world.car import Car, CarPlan
from roampost_sim.world.contact import FaultContact
from roampost_sim.world.outlet import Outlet
from roampost_sim.world.person import Person, card_of

Answer = dict[str, Any]
OF_RTU = frozenset(FaultKind) - {FaultKind.WRONG_TRANSACTION}
OF_TCP = frozenset({FaultKind.SILENT, FaultKind.LATE, FaultKind.SPLIT, FaultKind.WRONG_TRANSACTION})
OF_READER = frozenset({FaultKind.SILENT, FaultKind.LATE, FaultKind.SPLIT, FaultKind.NOISE})


async def do(station: Station, command: Command) -> Answer:
    """Carries out one command; CommandError says why it cannot be done now."""
    station.settle()
    answer = await _do_port(station, command) if isinstance(command, AtPort) else _do(station, command)
    station.settle()
    return answer


def _do(station: Station, command: Command) -> Answer:
    match command:
        case Plug():
            return _plug(station, command)
        case AtEvse():
            return _at_evse(_outlet(station, command.evse), command)
        case PowerCycle():
            return _power_cycle(station, command)
        case HoldCard():
            return _hold_card(station, command)
        case TakeCard():
            return _take_card(station, command.reader)
        case Garbage():
            _reader(station, command.reader).port.write(bytes.fromhex(command.bytes_hex))
            station.record.add("garbage_sent", reader=command.reader, bytes_hex=command.bytes_hex)
        case AtContact():
            return _at_contact(station, command)
        case LineFault():
            return _line_fault(station, command)
        case Ask():
            return truth(station) if command.line is None else registers(station, command)
        case Note():
            station.record.add("note", text=command.text)
        case AtPort():
            raise AssertionError("ports are opened and closed by _do_port")
        case _:
            assert_never(command)
    return {}


def _outlet(station: Station, evse: str) -> Outlet:
    if evse not in station.outlets:
        raise CommandError(f"there is no EVSE '{evse}'; known are {', '.join(station.outlets)}")
    return station.outlets[evse]


def _reader(station: Station, reader: str) -> Twn4Port:
    if reader not in station.readers:
        raise CommandError(f"there is no reader '{reader}'; known are {', '.join(station.readers)}")
    return station.readers[reader]


def _plug(station: Station, command: Plug) -> Answer:
    outlet = _outlet(station, command.evse)
    if outlet.car:
        raise CommandError(f"EVSE '{command.evse}' has a car already; unplug it first")
    if command.car is not None and command.car not in station.plan.cars:
        raise CommandError(f"there is no car '{command.car}'; known are {', '.join(station.plan.cars)}")
    base = station.plan.cars[command.car] if command.car else CarPlan()
    given = command.model_dump(exclude={"do", "evse", "car"}, exclude_none=True)
    outlet.plug(Car(base.model_copy(update=given)), command.car)
    return {}


def _at_evse(outlet: Outlet, command: AtEvse) -> Answer:
    if command.do in ("weld", "unweld"):
        outlet.welded = command.do == "weld"
        outlet.note("contactor_welded" if outlet.welded else "contactor_mended")
        return {}
    car = outlet.car
    if car is None:
        raise CommandError(f"EVSE '{outlet.name}' has no car; plug one in first")
    if command.do == "unplug":
        outlet.unplug()
    elif command.do in ("pause", "resume"):
        car.paused = command.do == "pause"
        outlet.note("car_paused" if car.paused else "car_resumed")
    else:
        car.pilot_shorted = command.do == "short_pilot"
        outlet.note("pilot_shorted" if car.pilot_shorted else "pilot_freed")
    return {}


def _power_cycle(station: Station, command: PowerCycle) -> Answer:
    outlet = _outlet(station, command.evse)

    def power_up() -> None:
        outlet.controller.power_up()
        outlet.note("board_power_up", set_point_ma=outlet.controller.set_point_ma)

    outlet.controller.powered = False
    outlet.note("board_power_down")
    station.settle()
    station.later(command.off_s, power_up)
    return {}


def _hold_card(station: Station, command: HoldCard) -> Answer:
    person = Person(card_of(command.uid, command.tag_type), _reader(station, command.reader).reader)
    uid = command.uid.upper()

    def take_away() -> None:
        if person.take_away():
            station.persons.remove(person)
            station.record.add("card_taken", reader=command.reader, uid=uid)

    person.hold()
    station.persons.append(person)
    station.record.add("card_held", reader=command.reader, uid=uid, for_s=command.for_s)
    station.later(command.for_s, take_away)
    return {}


def _take_card(station: Station, name: str) -> Answer:
    reader = _reader(station, name).reader
    mine = [person for person in station.persons if person.reader is reader]
    for person in mine:
        person.take_away()
        station.persons.remove(person)
        station.record.add("card_taken", reader=name, uid=person.card.uid.hex().upper())
    return {"taken": len(mine)}


def _at_contact(station: Station, command: AtContact) -> Answer:
    contact = station.contacts.get(command.contact)
    if contact is None:
        raise CommandError(f"there is no contact '{command.contact}'; known are {', '.join(station.contacts)}")
    _move(contact, command)
    station.record.add(
        "contact",
        contact=command.contact,
        did=command.do,
        closed=contact.closed,
        active=contact.active,
        wire_broken=contact.wire_broken,
    )
    return {"closed": contact.closed}


def _move(contact: FaultContact, command: AtContact) -> None:
    if command.do in ("break_wire", "mend_wire"):
        contact.wire_broken = command.do == "break_wire"
    elif contact.plan.mirrors is not None:
        raise CommandError(f"contact '{command.contact}' mirrors a contactor; weld the EVSE instead")
    else:
        contact.tripped = command.do == "trip"


def _line_fault(station: Station, command: LineFault) -> Answer:
    faults, units, possible = _faults(station, command.line)
    if command.unit is not None and command.unit not in units:
        raise CommandError(f"'{command.line}' has no unit {command.unit}; it has {units or 'no units'}")
    if command.fault not in possible:
        listed = ", ".join(sorted(possible))
        raise CommandError(f"'{command.line}' cannot have the fault '{command.fault}'; possible are {listed}")
    if command.on:
        faults.switch_on(command.fault, unit=command.unit, times=command.times, delay_s=command.delay_s)
    else:
        faults.switch_off(command.fault, unit=command.unit)
    fields = command.model_dump(mode="json", include={"line", "fault", "on", "unit", "times"})
    station.record.add("line_fault", **fields)
    return {}


def _faults(station: Station, name: str) -> tuple[LineFaults, list[int], frozenset[FaultKind]]:
    """The faults of a port, the units that can have them, and the kinds that are possible there."""
    if name in station.readers:
        return station.readers[name].faults, [], OF_READER
    line = station.lines[_port(station, name)]
    return line.faults, [unit.unit_id for unit in line.units], OF_TCP if isinstance(line, TcpLine) else OF_RTU


def _port(station: Station, name: str) -> str:
    if name not in station.ports:
        raise CommandError(f"there is no line or reader '{name}'; known are {', '.join(station.ports)}")
    return name


async def _do_port(station: Station, command: AtPort) -> Answer:
    name = _port(station, command.line)
    port = station.ports[name]
    if command.do == "unplug_line":
        if not port.plugged:
            raise CommandError(f"'{name}' is unplugged already")
        await port.unplug()
        station.record.add("line_unplugged", line=name)
        return {}
    if port.plugged:
        raise CommandError(f"'{name}' is plugged in already")
    address = await station.plug_port(name)
    station.record.add("line_replugged", line=name, address=address)
    return {"address": address}
