"""What a command needs of the configuration: all of it, or only where the agent keeps its things."""

import os
from pathlib import Path

from roampost.cli.exits import CliError, Exit
from roampost.config.device_types import DeviceType
from roampost.config.load import ConfigError, RawConfig, read
from roampost.config.model import Config, Station
from roampost_drivers.device import Device
from roampost_drivers.devicefile import Catalog

_ROLES = ("charger", "meter", "inputs", "reader")


def read_raw(path: Path) -> RawConfig:
    try:
        return read(path)
    except ConfigError as error:
        raise CliError(Exit.CONFIGURATION, *error.problems) from None


def load_all(path: Path) -> tuple[Config, Catalog]:
    """The configuration and the device tables; every mistake of both at once."""
    raw = read_raw(path)
    # Site files that are wrong are told; all others still serve the rest of the check.
    catalog, wrong = Catalog.survey(raw.devices_dir if raw.devices_dir.is_dir() else None)
    problems = [one for found in wrong.values() for one in found]
    try:
        config = raw.check(types_of(catalog) | dict.fromkeys(wrong))
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise CliError(Exit.CONFIGURATION, *problems)
    return config, catalog


def station_of(path: Path) -> Station:
    """Where database and socket are; works also while the rest of the file is wrong."""
    try:
        return read_raw(path).station()
    except ConfigError as error:
        raise CliError(Exit.CONFIGURATION, *error.problems) from None


def types_of(catalog: Catalog) -> dict[str, DeviceType | None]:
    return {key: _type(device) for key, device in catalog.devices.items()}


def _type(device: Device) -> DeviceType:
    link, charger = device.link, device.charger
    return DeviceType(
        role=next(one for one in _ROLES if getattr(device, one) is not None),
        transports=link.transports,
        serial=(link.baud, link.parity, link.stop_bits),
        alone=None if charger is None else charger.without_agent,
        commissionable=charger is not None and charger.commissioning is not None,
    )


def become_owner_of(folder: Path) -> None:
    """Root writes the database as its owner, or the agent could not open it afterwards."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
