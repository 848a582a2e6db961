"""What a command needs of the configuration: all of it, or only where the agent keeps its things."""

import os
from pathlib import Path

from roampost.cli.exits import CliError, Exit
from roampost.config import Config, ConfigError, RawConfig, Roles, read
from roampost.config.model import Station
from roampost_drivers.devicefile import Catalog, DeviceFileError

_ROLES = ("charger", "meter", "inputs", "reader")


def read_raw(path: Path) -> RawConfig:
    try:
        return read(path)
    except ConfigError as error:
        raise CliError(Exit.CONFIGURATION, *error.problems) from None


def load_all(path: Path) -> tuple[Config, Catalog]:
    """The configuration and the device tables; every mistake of both at once."""
    raw = read_raw(path)
    catalog, problems = _catalog(raw.devices_dir)
    try:
        config = raw.check(roles_of(catalog))
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


def roles_of(catalog: Catalog) -> Roles:
    def role(kind: str) -> str | None:
        device = catalog.devices.get(kind)
        return None if device is None else next((one for one in _ROLES if getattr(device, one) is not None), None)

    return role


def _catalog(folder: Path) -> tuple[Catalog, list[str]]:
    """Site files that are wrong are told; the shipped ones still serve the rest of the check."""
    try:
        return Catalog.load(folder if folder.is_dir() else None), []
    except DeviceFileError as error:
        return Catalog.load(None), list(error.problems)


def become_owner_of(folder: Path) -> None:
    """Root writes the database as its owner, or the agent could not open it afterwards."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
