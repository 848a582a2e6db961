"""From the file to a `Config`, or to the list of everything that is wrong with it: all in one run.

Two steps, because the device tables of a site (whose folder the file names) decide what a device's type is:
`read` the file, then `RawConfig.check(types)`.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from roampost.config import crosscheck, model
from roampost.config.authorization import Authorization, file_problems
from roampost.config.device_types import Types
from roampost.config.hubs import HUBS, AnyHub
from roampost.config.inbound import Inbound
from roampost.config.inbound import problems as inbound_problems
from roampost.config.poi import Poi
from roampost.config.pricing import Pricing
from roampost.config.wording import did_you_mean, sentences

_MAX_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_POLL_MS = {"charger": 500, "meter": 2_000, "inputs": 200}
_LINE: TypeAdapter[model.Line] = TypeAdapter(model.Line)
_LINES: dict[str, type[BaseModel]] = {"rtu": model.RtuLine, "tcp": model.TcpLine}
_HUB: TypeAdapter[AnyHub] = TypeAdapter(AnyHub)
_M = TypeVar("_M", bound=BaseModel)
_K = TypeVar("_K")


class ConfigError(Exception):
    """The configuration is wrong. `problems` holds one sentence for each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(slots=True)
class _Problems:
    """Collects sentences; every one begins with the file."""

    path: Path
    found: list[str] = field(default_factory=list)

    def add(self, *texts: str) -> None:
        self.found += [f"{self.path}: {text}" for text in texts]


def load(path: Path, types: Types) -> model.Config:
    """Read and check in one go. Raises ConfigError."""
    return read(path).check(types)


def read(path: Path) -> "RawConfig":
    """The file as TOML, nothing of it checked yet. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError((f"{path}: cannot be read: {error.strerror}; --config FILE names another",)) from None
    except OSError as error:
        raise ConfigError((f"{path}: cannot be read: {error.strerror}",)) from None
    if len(data) > _MAX_BYTES:
        raise ConfigError((f"{path}: is larger than {_MAX_BYTES} bytes",))
    try:
        return RawConfig(path, tomllib.loads(data.decode()))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError((f"{path}: line {line}: is not UTF-8 text",)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"{path}: {_syntax(str(error))}",)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits or brackets
        raise ConfigError((f"{path}: is not TOML",)) from None


def _syntax(text: str) -> str:
    """tomllib says "Expected … (at line 3, column 5)"; the place comes first here."""
    match = re.fullmatch(r"(?s)(.*) \(at (line \d+, column \d+|end of document)\)", text)
    if match is None:
        return "is not TOML"
    # What tomllib quotes of the file may be part of a secret.
    what = re.sub(r"(?s)[:,]? ?['\"].*", "", match[1]).strip() if "Expected" not in match[1] else match[1]
    return f"{match[2]}: is not TOML: {what[:1].lower()}{what[1:]}"


@dataclass(frozen=True, slots=True)
class RawConfig:
    """A TOML document that still has to be checked."""

    path: Path
    data: Mapping[str, Any]

    @property
    def devices_dir(self) -> Path:
        """Where the site's own device tables are; the default when the file is wrong about it."""
        station = self.data.get("station")
        given = station.get("devices_dir") if isinstance(station, dict) else None
        default: Path = model.Station.model_fields["devices_dir"].default
        return Path(given) if isinstance(given, str) and given.startswith("/") else default

    def station(self) -> model.Station:
        """The [station] section alone, for those who only need its paths. Raises ConfigError."""
        return self._alone("station", model.Station)

    def authorization(self) -> Authorization:
        """The [authorization] section alone, while its file of own cards may be wrong. Raises ConfigError."""
        return self._alone("authorization", Authorization)

    def _alone(self, key: str, kind: type[_M]) -> _M:
        problems = _Problems(self.path)
        section = _Parts(self.data, problems).one(key, kind)
        if section is None:
            raise ConfigError(tuple(problems.found))
        return section

    def check(self, types: Types) -> model.Config:
        """Raises ConfigError with every problem of the file."""
        problems = _Problems(self.path)
        problems.add(*self._unknown_keys())
        parts = _Parts(self.data, problems)
        station = parts.one("station", model.Station)
        clock = parts.one("clock", model.ClockSettings)
        log = parts.one("log", model.Log)
        authorization = parts.one("authorization", Authorization)
        lines = parts.of_kind("lines", _LINE, _LINES)
        devices = parts.many("devices", model.Device, lambda raw: _with_poll_ms(raw, types))
        readers = parts.many("readers", model.Reader)
        evse = parts.evse()
        hubs = parts.of_kind("hubs", _HUB, HUBS)
        inbound = parts.maybe("inbound", Inbound)
        poi = parts.maybe("poi", Poi)
        pricing = parts.maybe("pricing", Pricing)
        names = {section: parts.names(section) for section in ("lines", "devices", "readers", "hubs")}
        ids, has_poi = parts.evse_ids(), "poi" in self.data
        view = crosscheck.View(lines, devices, readers, evse, hubs, names, ids, types, has_poi, pricing)
        problems.add(*crosscheck.problems(view))
        problems.add(*self._inbound_problems(inbound, hubs, all_hubs=len(hubs) == len(names["hubs"])))
        if authorization is not None:
            problems.add(*file_problems(authorization))
        if problems.found or station is None or clock is None or log is None or authorization is None:
            raise ConfigError(tuple(problems.found))
        return model.Config(
            station=station,
            clock=clock,
            log=log,
            lines=lines,
            devices=devices,
            readers=readers,
            evse=tuple(evse.values()),
            hubs=hubs,
            authorization=authorization,
            inbound=inbound,
            poi=poi,
            pricing=pricing,
        )

    def _inbound_problems(
        self, inbound: Inbound | None, hubs: Mapping[str, AnyHub], *, all_hubs: bool
    ) -> Iterator[str]:
        callers = {name: hub.inbound for name, hub in hubs.items() if hub.inbound is not None}
        return inbound_problems(inbound, callers, wanted="inbound" in self.data, all_hubs=all_hubs)

    def _unknown_keys(self) -> Iterator[str]:
        known = model.Config.model_fields
        yield from (f"{key} is not known; {did_you_mean(key, known)}" for key in self.data if key not in known)


def _with_poll_ms(raw: Any, types: Types) -> Any:
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return raw
    found = types.get(raw["type"])
    return raw if found is None or found.role not in _POLL_MS else {"poll_ms": _POLL_MS[found.role]} | raw


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parses each section on its own, so that one mistake does not hide another."""

    data: Mapping[str, Any]
    problems: _Problems

    def one(self, key: str, kind: type[_M]) -> _M | None:
        return self._parse(key, self.data.get(key, {}), kind)

    def maybe(self, key: str, kind: type[_M]) -> _M | None:
        """A section that may be left out."""
        return self.one(key, kind) if key in self.data else None

    def many(self, key: str, kind: type[_M], prepare: Callable[[Any], Any] = lambda raw: raw) -> dict[str, _M]:
        found = {name: self._parse(f"{key}.{name}", prepare(raw), kind) for name, raw in self._named(key).items()}
        return {name: value for name, value in found.items() if value is not None}

    def of_kind(self, key: str, union: TypeAdapter[_K], models: Mapping[str, type[BaseModel]]) -> dict[str, _K]:
        """Tables whose `kind` decides what else they hold."""
        found: dict[str, _K] = {}
        for name, raw in self._named(key).items():
            try:
                found[name] = union.validate_json(_json(raw))
            except ValidationError as error:
                self.problems.add(*sentences(f"{key}.{name}", error, _model(raw, models), tuple(models)))
        return found

    def evse(self) -> dict[str, model.Evse]:
        """By key path, which names the EVSE where it has an id."""
        raws = self.data.get("evse", [])
        if not isinstance(raws, list):
            self.problems.add("evse: must be written as [[evse]], once per EVSE")
            return {}
        found = {_evse_key(i, raw): self._parse(_evse_key(i, raw), raw, model.Evse) for i, raw in enumerate(raws)}
        return {key: value for key, value in found.items() if value is not None}

    def evse_ids(self) -> frozenset[str]:
        """Every id that the file gives, also of entries that are wrong in another place."""
        raws = self.data.get("evse", [])
        ids = [raw.get("id") for raw in raws if isinstance(raw, dict)] if isinstance(raws, list) else []
        return frozenset(one for one in ids if isinstance(one, str))

    def names(self, key: str) -> frozenset[str]:
        raw = self.data.get(key)
        return frozenset(raw) if isinstance(raw, dict) else frozenset()

    def _named(self, key: str) -> dict[str, Any]:
        raw = self.data.get(key, {})
        if not isinstance(raw, dict):
            self.problems.add(f"{key}: must be tables [{key}.<name>]")
            return {}
        for name in raw:
            if not _NAME.fullmatch(name):
                self.problems.add(f"{key}.{name!r}: a name has 1 to 40 letters, digits, - or _")
        return raw

    def _parse(self, key: str, raw: Any, kind: type[_M]) -> _M | None:
        try:
            return kind.model_validate_json(_json(raw))
        except ValidationError as error:
            self.problems.add(*sentences(key, error, kind))
            return None


def _model(raw: Any, models: Mapping[str, type[BaseModel]]) -> type[BaseModel] | None:
    kind = raw.get("kind") if isinstance(raw, dict) else None
    return models.get(kind) if isinstance(kind, str) else None


def _evse_key(index: int, raw: Any) -> str:
    """`evse[1]`, or `evse[1 DE*ABC*E1*1]` where the entry has an id."""
    given = raw.get("id") if isinstance(raw, dict) else None
    return f"evse[{index + 1} {given[:40]}]" if isinstance(given, str) else f"evse[{index + 1}]"


def _json(raw: Any) -> str:
    """JSON, because pydantic's strict mode knows there that a list may become a tuple and text a path."""
    return json.dumps(raw, default=str)
