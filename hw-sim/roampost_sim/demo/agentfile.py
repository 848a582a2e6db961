"""The agent's configuration for the demo, as an operator would write it. A JSON string is a TOML string."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from roampost_sim.demo.progress import FIRST_S
from roampost_sim.demo.protocols import PROTOCOLS
from roampost_sim.demo.story import MINUTES
from roampost_sim.errors import SimError
from roampost_sim.station_file import EvsePlan, RtuLinePlan, StationPlan

OPERATOR = "DE*ABC"
_POI = Path(__file__).with_name("poi.toml")
# Contacts of the demo's station by the beginning of their names; a fault of such a kind is defined in the agent.
_KINDS = {"rcd": "rcd", "emergency-stop": "emergency_stop", "door": "door"}
# An emergency stop stays until a person acknowledges it at the agent.
LATCHED_KINDS = frozenset({"emergency_stop"})


def evse_ids(station: StationPlan) -> dict[str, str]:
    return {name: f"{OPERATOR}*E1*{name}" for name in station.evses}


def kind_of(contact: str) -> str | None:
    return next((kind for prefix, kind in _KINDS.items() if contact.startswith(prefix)), None)


def latched(station: StationPlan) -> frozenset[str]:
    return frozenset(name for name in station.contacts if kind_of(name) in LATCHED_KINDS)


@dataclass(frozen=True, slots=True)
class HubTold:
    """What a sandbox hub tells an operator when it listens. table: [hubs.…]; inbound: what a service that it may call
    needs to know."""

    name: str
    table: str
    inbound: dict[str, str]

    @classmethod
    def of(cls, name: str, banner: str) -> Self:
        _, head, told = banner.partition("[hubs.")
        table, _, rest = told.partition("# inbound\n")
        facts = (line.removeprefix("# ").partition(" = ") for line in rest.splitlines())
        return cls(name, head + table.strip(), {key: json.loads(value) for key, is_fact, value in facts if is_fact})


def agent_file(station: StationPlan, directory: Path, hubs: Sequence[HubTold], port: int) -> str:
    """TOML. directory: where the station's links are and the agent keeps its things; port: where hubs may call it."""
    tables = [_own(station, directory), *_lines(station, directory), *_devices(station), *_readers(station, directory)]
    tables += [one for name, evse in station.evses.items() for one in _evse(station, name, evse)]
    tables += [one for hub in hubs for one in _hub(hub)]
    return "\n\n".join([*tables, _inbound(hubs[0], port), _POI.read_text(encoding="utf-8")])


def _table(head: str, **values: object) -> str:
    return "\n".join([head, *(f"{key} = {json.dumps(value)}" for key, value in values.items())])


def _own(station: StationPlan, directory: Path) -> str:
    own = _table(
        "[station]",
        name=station.name,
        database=str(directory / "agent.db"),
        socket=str(directory / "agent.sock"),
        devices_dir=str(directory / "devices.d"),
    )
    return f'{own}\n\n[clock]\ntrust = "always"'


def _hub(hub: HubTold) -> Iterator[str]:
    protocol = PROTOCOLS[hub.name]
    # A minute is short: elsewhere the first word of a charge comes later. No other agent has a part of the limits.
    own = _table(hub.table, progress_first_s=FIRST_S, rate_share=1.0)
    yield own if protocol.names_minutes else _table(own, reservation_minutes=MINUTES)
    yield _table(f"[hubs.{hub.name}.inbound]", **_let_in(hub.inbound), prefix=protocol.prefix)


def _let_in(facts: Mapping[str, str]) -> dict[str, object]:
    """By what the hub is known: the key that it shows, where it has one, else its certificate."""
    if "api_key_file" in facts:
        return {"api_key_file": facts["api_key_file"]}
    return {"client_ca_file": facts["ca_file"], "fingerprints": [facts["hub_sha256"]]}


def _inbound(hub: HubTold, port: int) -> str:
    """All hubs know the same operator, so that any of them tells its certificate."""
    return _table(
        "[inbound]", address="127.0.0.1", port=port, cert_file=hub.inbound["cert_file"],
        key_file=hub.inbound["key_file"], allow=["127.0.0.1"],
    )  # fmt: skip


def _lines(station: StationPlan, directory: Path) -> Iterator[str]:
    for name, line in station.lines.items():
        if not isinstance(line, RtuLinePlan):
            raise SimError(f"line '{name}': the demo speaks to RTU lines only")
        port = str(directory / line.link)
        settings = {"baud": line.baud, "parity": line.parity, "stop_bits": line.stop_bits}
        yield _table(f"[lines.{name}]", kind="rtu", port=port, **settings)


def _devices(station: StationPlan) -> Iterator[str]:
    for name, evse in station.evses.items():
        yield _table(
            f"[devices.controller-{name}]", type="evse-din", line=evse.controller.line, unit=evse.controller.unit
        )
        if evse.meter:
            yield _table(f"[devices.meter-{name}]", type="sdm630", line=evse.meter.line, unit=evse.meter.unit)
    for name, module in station.modules.items():
        yield _table(f"[devices.{name}]", type="waveshare-8ch", line=module.line, unit=module.unit)


def _readers(station: StationPlan, directory: Path) -> Iterator[str]:
    for name, reader in station.readers.items():
        port = str(directory / reader.link)
        yield _table(f"[readers.{name}]", type="twn4", port=port, evses=list(evse_ids(station).values()))


def _evse(station: StationPlan, name: str, evse: EvsePlan) -> Iterator[str]:
    parts = {"charger": f"controller-{name}"} | ({"meter": f"meter-{name}"} if evse.meter else {})
    # On a loaded machine a process may stand still for seconds: that is no fault of the station.
    yield _table("[[evse]]", id=evse_ids(station)[name], **parts, max_current_a=32, stale_after_ms=15_000)
    for contact, plan in station.contacts.items():
        kind = kind_of(contact)
        if kind is not None and (name in plan.opens or not plan.opens):
            yield _table(
                "[[evse.fault]]",
                name=contact,
                kind=kind,
                contact=plan.contact.lower(),
                device=plan.module,
                input=plan.input,
            )
