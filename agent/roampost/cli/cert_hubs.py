"""The hubs of a configuration as far as certificates need them: nothing else of the file has to be right yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roampost.certificates.files import Files
from roampost.certificates.judge import Hub
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import read_raw
from roampost.config.identifiers import is_operator_id


@dataclass(frozen=True, slots=True)
class _Table:
    """One [hubs.<name>] of a file, as TOML gave it."""

    path: Path
    name: str
    data: Mapping[str, Any]

    def operator_id(self) -> str:
        found = self.data.get("operator_id")
        if not isinstance(found, str) or not is_operator_id(found):
            raise self._wrong("operator_id", "must be an OperatorID such as DE*ABC or +49*536")
        return found

    def file(self, key: str) -> Path:
        found = self.optional_file(key)
        if found is None:
            raise self._wrong(key, "is missing")
        return found

    def optional_file(self, key: str) -> Path | None:
        found = self.data.get(key)
        if found is None:
            return None
        if not isinstance(found, str) or not found.startswith("/") or "\0" in found:
            raise self._wrong(key, "must be an absolute path")
        return Path(found)

    def needs_none(self) -> bool:
        """Such a hub knows us by another secret, and may want a certificate besides."""
        return "api_key_file" in self.data and "cert_file" not in self.data

    def _wrong(self, key: str, text: str) -> CliError:
        return CliError(Exit.CONFIGURATION, f"{self.path}: hubs.{self.name}.{key}: {text}")


def operator_and_key(config: Path, name: str) -> tuple[str, Path | None]:
    """The hub's OperatorID, and where its key shall be, if the file says so yet."""
    table = _table(config, name)
    if "api_key_file" in table.data and "key_file" not in table.data:
        raise CliError(
            Exit.CONFIGURATION,
            f"{config}: hubs.{name} knows this station by an API key; where it wants a certificate as well, say where"
            " cert_file and key_file shall be, then ask again",
        )
    return table.operator_id(), table.optional_file("key_file")


def hubs(config: Path, only: str | None = None) -> list[Hub]:
    """Those to which we show a certificate; of one that is asked for it must be so."""
    if only is not None:
        return [_hub(_table(config, only))]
    return [_hub(table) for table in (_table(config, name) for name in _names(config)) if not table.needs_none()]


def _hub(table: _Table) -> Hub:
    files = Files(table.file("cert_file"), table.file("key_file"), table.optional_file("ca_file"))
    return Hub(table.name, table.operator_id(), files)


def _names(config: Path) -> list[str]:
    found = read_raw(config).data.get("hubs", {})
    return list(found) if isinstance(found, dict) else []


def _table(config: Path, name: str) -> _Table:
    found = read_raw(config).data.get("hubs", {})
    if not isinstance(found, dict) or not isinstance(found.get(name), dict):
        known = ", ".join(_names(config)) or "none"
        raise CliError(Exit.NOT_FOUND, f"{config}: has no hub [hubs.{name}]; it has: {known}")
    return _Table(config, name, found[name])
