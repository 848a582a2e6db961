"""Device files are read here and nowhere else: TOML in, `device.Device` out, or every problem of every file at once.

Shipped files lie in `devices/`; a site's own lie in a directory that it names. A site file that bears the name of
a shipped one takes its place.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from pydantic import TypeAdapter, ValidationError

from roampost_drivers.check import problems
from roampost_drivers.device import Device
from roampost_drivers.wording import sentences

SHIPPED: Final = Path(__file__).parent / "devices"


class DeviceFileError(Exception):
    """A device file cannot be used; `problems` has one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every device that is known here, by its key, and the file that describes it."""

    devices: Mapping[str, Device]
    origins: Mapping[str, Path]

    @classmethod
    def load(cls, site_dir: Path | None = None) -> Self:
        """Read the shipped files and the site's; raises DeviceFileError with all problems of all files."""
        catalog, wrong = cls.survey(site_dir)
        if wrong:
            raise DeviceFileError([problem for problems in wrong.values() for problem in problems])
        return catalog

    @classmethod
    def survey(cls, site_dir: Path | None = None) -> tuple[Self, dict[str, list[str]]]:
        """The devices whose files are right, and the problems of each of the others, by its key."""
        paths = [*sorted(SHIPPED.glob("*.toml")), *(sorted(site_dir.glob("*.toml")) if site_dir else ())]
        devices: dict[str, Device] = {}
        origins: dict[str, Path] = {}
        wrong: dict[str, list[str]] = {}
        # Made for each load and thrown away: its schema is larger than all devices together.
        adapter = TypeAdapter(Device)
        for path in paths:
            try:
                devices[path.stem], origins[path.stem] = read(path, adapter), path
            except DeviceFileError as error:
                wrong[path.stem] = error.problems
        return cls(MappingProxyType(devices), MappingProxyType(origins)), wrong

    def device(self, key: str) -> Device:
        """The device of that key; DeviceFileError, with a suggestion, where there is none."""
        if key not in self.devices:
            near = get_close_matches(key, self.devices, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(sorted(self.devices))}"
            raise DeviceFileError([f'there is no device "{key}"; {hint}'])
        return self.devices[key]


def read(path: Path, adapter: TypeAdapter[Device] | None = None) -> Device:
    """One device file; raises DeviceFileError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceFileError([f"{path}: cannot be read: {error}"]) from error
    return parse(text, path.stem, str(path), adapter)


def parse(text: str, key: str, where: str, adapter: TypeAdapter[Device] | None = None) -> Device:
    """The device that a file's text describes; `where` names the file in the problems. Pure."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeviceFileError([f"{where}: this is not TOML: {error}"]) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits or brackets
        raise DeviceFileError([f"{where}: this is not TOML"]) from error
    if "key" in document:
        raise DeviceFileError([f"{where}: key: unknown key; a device's key is the name of its file"])
    try:
        # By way of JSON: strict types, and still lists for tuples and exact decimals (0.01 stays 0.01).
        document_json = json.dumps({**document, "key": key}, default=str)
        device = (adapter or TypeAdapter(Device)).validate_json(document_json, strict=True)
    except ValidationError as error:
        raise DeviceFileError([f"{where}: {problem}" for problem in sentences(error, document)]) from error
    wrong = [f"{where}: {problem}" for problem in problems(device)]
    if wrong:
        raise DeviceFileError(wrong)
    return device
