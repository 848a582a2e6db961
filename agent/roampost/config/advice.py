"""What is allowed and still worth a person's look: warnings of `roampost check`, one sentence each.

Nothing here stops an agent: a missing certificate holds messages back and must not stop a car from charging.
"""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from roampost.config.authorization import authorization_advice
from roampost.config.device_types import Types
from roampost.config.inbound import KeyInbound
from roampost.config.model import Config, RtuLine
from roampost.config.poi import pois

SERVICE = "roampost"
_SAFE = "`roampost status` tells whether this very controller is safe already"
_POWER_TOLERANCE = 1.05
_BY_HAND = "set its default to 0 A by its maker's means, and prove it"


def advice(config: Config, types: Types) -> Iterator[str]:
    yield from _unused(config)
    yield from _serial(config, types)
    yield from _evses(config)
    yield from _power(config)
    yield from _chargers(config, types)
    yield from _ports(config)
    yield from authorization_advice(config)
    if config.log.uids == "shown":
        yield 'log.uids = "shown": card numbers are personal data, and the log will hold them'
    for name, hub in config.hubs.items():
        for key, path in hub.secrets.items():
            yield from _private(f"hubs.{name}.{key}", path)
        if isinstance(hub.inbound, KeyInbound):
            yield from _private(f"hubs.{name}.inbound.api_key_file", hub.inbound.api_key_file)
    if config.inbound is not None:
        yield from _private("inbound.key_file", config.inbound.key_file)
        if not config.inbound.allow:
            yield "inbound.allow: is empty; the firewall alone decides who may try to call"


def _unused(config: Config) -> Iterator[str]:
    used = {name for one in config.evse for name in (one.charger, one.meter)}
    used |= {fault.device for one in config.evse for fault in one.fault}
    for name in config.devices:
        if name not in used:
            yield f"devices.{name}: is used by no EVSE"
    lines = {device.line for device in config.devices.values()}
    for name in config.lines:
        if name not in lines:
            yield f"lines.{name}: has no device"


def _serial(config: Config, types: Types) -> Iterator[str]:
    """All units of a line speak alike, and one that was not set so is silent without a word."""
    for name, device in config.devices.items():
        line, found = config.lines[device.line], types.get(device.type)
        if found is None or not isinstance(line, RtuLine):
            continue
        set_to, made_for = _words(line.baud, line.parity, line.stop_bits), _words(*found.serial)
        if set_to != made_for:
            yield (
                f"devices.{name}: leaves the factory with {made_for}, and lines.{device.line} has {set_to}; unless it"
                " has been set so, it does not answer"
            )


def _words(baud: int, parity: str, stop_bits: int) -> str:
    return f"{baud} 8{parity}{stop_bits}"


def _evses(config: Config) -> Iterator[str]:
    read = {evse_id for reader in config.readers.values() for evse_id in reader.evses}
    told = {evse_id for hub in config.hubs for evse_id in config.evse_ids(hub)}
    called = {evse_id for name, hub in config.hubs.items() if hub.may_call for evse_id in config.evse_ids(name)}
    for one in config.evse:
        from_afar = one.id in called and one.remote_start != "off"
        if one.control == "permit" and one.authorization == "hub" and one.id not in read and not from_afar:
            yield f"evse {one.id}: no reader is for it; nobody can start to charge there"
        if one.id not in told:
            yield f"evse {one.id}: is on no hub; its sessions are told to nobody"
        if one.penalty_after_s is not None and not one.idle_end_s:
            yield f"evse {one.id}: penalty_after_s is told with the end of charging, which idle_end_s = 0 tells never"


def _power(config: Config) -> Iterator[str]:
    """Drivers are shown what the EVSE does not give."""
    described = pois(config)
    for one in config.evse:
        shown_w = max((facility.power_w for facility in described[one.id].facilities), default=0) if described else 0
        if one.control == "permit" and shown_w > one.max_power_w * _POWER_TOLERANCE:
            yield (
                f"evse {one.id}: drivers are told {shown_w / 1000:g} kW, and phases × voltage_v × max_current_a permit"
                f" {one.max_power_w / 1000:g} kW; correct facilities, or leave them out"
            )


def _chargers(config: Config, types: Types) -> Iterator[str]:
    for one in config.evse:
        found = types.get(config.devices[one.charger].type) if one.control == "permit" else None
        alone = None if found is None else found.alone
        if found is None or alone is None or alone.watchdog_s is not None:
            continue
        if alone.keeps_set_point:
            yield (
                f"devices.{one.charger}: keeps its last set point when the agent dies; a car that charges goes on"
                " until the agent is back (it restarts within seconds, and a clean stop forbids charging first)"
            )
        if alone.default_set_point:
            yield (
                f"devices.{one.charger}: this type charges on a default of its own after a power-up, before the agent"
                f" speaks; {_SAFE if found.commissionable else _BY_HAND}"
            )


def _ports(config: Config) -> Iterator[str]:
    ports = [(f"lines.{name}.port", line.port) for name, line in config.lines.items() if isinstance(line, RtuLine)]
    ports += [(f"readers.{name}.port", reader.port) for name, reader in config.readers.items()]
    for key, port in ports:
        if not port.exists():
            yield f"{key} = '{port}': is not there now; is the adapter plugged in?"
        elif port.name.startswith(("ttyUSB", "ttyACM")):
            yield f"{key} = '{port}': may change its number; take its name under /dev/serial/by-id"


def _private(key: str, path: Path) -> Iterator[str]:
    try:
        found = os.stat(path)
    except OSError:
        return  # told by the certificate check
    if stat.S_IMODE(found.st_mode) & stat.S_IRWXO:
        yield f"{key} = '{path}': every user of this machine can read or change it; chmod o= {path}"
    elif os.geteuid() == 0 and (service := _service()) is not None and not readable_for(found, *service):
        yield f"{key} = '{path}': the service cannot read it; chown root:{SERVICE} {path} && chmod 640 {path}"


def _service() -> tuple[int, int] | None:
    """User and group of the service; None where it is not installed. Who is not root sees its trouble by itself."""
    try:
        user = pwd.getpwnam(SERVICE)
    except KeyError:
        return None
    return user.pw_uid, user.pw_gid


def readable_for(found: os.stat_result, uid: int, gid: int) -> bool:
    """Whether this user, whose only group counts here, may read the file."""
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IRUSR)
    return bool(found.st_mode & (stat.S_IRGRP if found.st_gid == gid else stat.S_IROTH))
