"""A whole site on one machine: simulated station, sandbox hub and agent, each a real process on real ptys and TLS.

The station's record of truth and the hub's record carry CLOCK_MONOTONIC seconds of this machine, so durations are
judged between them, whatever a test itself waited.
"""

import json
import socket
import sqlite3
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from roampost.control.client import NoDaemonError, ask
from roampost.control.protocol import ControlError
from roampost.store.store import Store
from tests.system.agentfile import agent_file, toml
from tests.system.processes import Worker, until

Entry = dict[str, Any]
CARD = "044A2DAA856280"
STATION = Path(__file__).with_name("station.toml")
AGENT = ("-m", "roampost")


class Field:
    """`certificates` may be shared between fields. Nothing runs until it is started."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        self.folder = folder
        self.config = folder / "roampost.toml"
        self.database = folder / "agent.db"
        self._certificates = certificates
        self._truth, self._told = folder / "truth.jsonl", folder / "hub.jsonl"
        self._station_socket, self._hub_socket = folder / "st.sock", folder / "hub.sock"
        self._agent_socket = folder / "agent.sock"
        self._workers: list[Worker] = []
        self.agent: Worker | None = None
        self._hub_table = ""
        self._hub_facts: Entry = {}

    # -- starting and ending ------------------------------------------------------------------------------------

    def start_station(self, file: Path = STATION) -> None:
        """Does not wait: a hub may be started meanwhile; the first command waits."""
        words = ["station", str(file), "--dir", str(self.folder), "--quiet"]
        self._add(
            "station.log", "-m", "roampost_sim", *words, "--record", str(self._truth),
            "--control", str(self._station_socket),
        )  # fmt: skip

    def start_hub(self, *more: str, **settings: object) -> None:
        """`more` are words for `roampost-sim hub`; `settings` are further keys of the agent's [hubs.sandbox]."""
        words = ["hub", "--directory", str(self._certificates), "--card", CARD, *more]
        hub = self._add(
            "hub.log", "-m", "roampost_sim", *words, "--record", str(self._told), "--control", str(self._hub_socket)
        )
        until(lambda: "# control" in hub.said(), "the hub's table for the agent")
        table = hub.said().partition("[hubs.")[2].partition("# control")[0]
        # An answer that never comes is given up sooner than by default, or every such test waits for it.
        keys = {"timeout_s": 3.0, **settings}
        more_keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        self._hub_table, self._hub_facts = f"[hubs.{table}{more_keys}", _facts(hub.said())
        self.configure()

    def configure(
        self,
        evses: Mapping[str, Mapping[str, object]] | None = None,
        *,
        reads_for: Sequence[str] = ("1", "2"),
        tables: str = "",
    ) -> None:
        """Writes the agent's configuration; after the hub has started. The words are those of `agent_file`."""
        text = agent_file(self.folder, self._hub_table, evses=evses, reads_for=reads_for, tables=tables)
        self.config.write_text(text)

    def door(self) -> str:
        """The tables that let the hub in, at a free port that it is told."""
        port, facts = _free_port(), self._hub_facts
        self.hub(do="operator", url=f"https://127.0.0.1:{port}/api/oicp")
        pinned = {"client_ca_file": facts["ca_file"], "fingerprints": [facts["hub_sha256"]]}
        listens = {"address": "127.0.0.1", "port": port, "cert_file": facts["cert_file"], "key_file": facts["key_file"]}
        return f"[hubs.sandbox.inbound]\n{toml(pinned)}\n[inbound]\n{toml(listens)}\n"

    def start_agent(self, *, program: Sequence[str] = AGENT, python: str = sys.executable, **environ: str) -> Worker:
        """Returns when it answers on its socket; `program` are the words between `python` and `run`."""
        log = self.folder / f"agent-{len(self._workers)}.log"
        words = (*program, "run", "--config", str(self.config))
        self.agent = self._add(log.name, *words, environ=environ, python=python)
        until(lambda: self.status() or not self._alive(), f"the agent's answer, see {log}")
        assert self.agent.running, self.agent.last_words()
        return self.agent

    def another_agent(self, **environ: str) -> Worker:
        """One that is not waited for."""
        return self._add(
            f"agent-{len(self._workers)}.log", *AGENT, "run", "--config", str(self.config), environ=environ
        )

    def begin(self, *, program: Sequence[str] = AGENT, **environ: str) -> Worker:
        """Everything, with two idle EVSEs that the hub has heard of."""
        self.start_station()
        self.start_hub()
        self.truth()
        agent = self.start_agent(program=program, **environ)
        until(lambda: all(self.last_status(evse) == "Available" for evse in ("1", "2")), "two idle EVSEs at the hub")
        return agent

    def end(self) -> None:
        for worker in reversed(self._workers):
            worker.kill()

    def _add(
        self, log: str, *words: str, environ: dict[str, str] | None = None, python: str = sys.executable
    ) -> Worker:
        # Many processes start: what one has compiled serves the next, also where Python is told to keep nothing.
        cache = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self._certificates.parent / "pycache")}
        worker = Worker(self.folder / log, *words, environ={**cache, **(environ or {})}, python=python)
        self._workers.append(worker)
        return worker

    def _alive(self) -> bool:
        return self.agent is not None and self.agent.running

    # -- people, cars and faults --------------------------------------------------------------------------------

    def tell(self, do: str, **words: object) -> Entry:
        """A command of `roampost_sim.commands` for the station."""
        return _command(self._station_socket, {"do": do, **words})

    def truth(self) -> Entry:
        """What is true at the station now."""
        return self.tell("ask")

    def hub(self, **words: object) -> Entry:
        """A line for the hub's control socket, such as do="fault", kind="refuse"."""
        return _command(self._hub_socket, words)

    def card(self) -> None:
        self.tell("hold_card", reader="front", uid=CARD, for_s=0.6)

    def charge(self, evse: str = "1", car: str = "city") -> None:
        """A car is plugged in, a card held, energy flows and the hub knows of it."""
        before = len(self.told(Type="Start"))
        self.tell("plug", evse=evse, car=car)
        until(lambda: self.state(evse) == "plugged", f"EVSE {evse} to see the plug")
        self.card()
        until(lambda: self.state(evse) == "charging", f"EVSE {evse} to charge")
        until(lambda: len(self.told(Type="Start")) > before, "the Start at the hub")
        until(lambda: self.truth()["evses"][evse]["power_w"] > 0, "power to flow")
        until(lambda: self.record("card_taken"), "the card to be taken away")

    # -- what happened ------------------------------------------------------------------------------------------

    def record(self, event: str, **having: object) -> list[Entry]:
        """The station's record of truth: events of this name with these values."""
        return [one for one in _lines(self._truth) if one["event"] == event and _has(one, having)]

    def told(self, **having: object) -> list[Entry]:
        """Requests in the hub's record with these values, in the order of their arrival."""
        return [one for one in _lines(self._told) if one["event"] == "request" and _has(one, having)]

    def statuses(self, evse: str) -> list[Entry]:
        """The statuses of an EVSE that the hub took."""
        return self.told(operation="PushEvseStatus", EvseID=evse_id(evse), processed=True)

    def last_status(self, evse: str) -> object:
        taken = self.statuses(evse)
        return taken[-1]["EvseStatus"] if taken else None

    def set_point(self, evse: str, current_ma: int, *, after_s: float) -> Entry:
        """The first write of this set point at the device since a moment; waits for it."""
        return until(
            lambda: next(iter(self._set_points(evse, current_ma, after_s)), None), f"{current_ma} mA at EVSE {evse}"
        )

    def _set_points(self, evse: str, current_ma: int, after_s: float) -> list[Entry]:
        return [one for one in self.record("set_point_written", evse=evse, current_ma=current_ma) if one["t"] > after_s]

    def happened(self, event: str, **having: object) -> float:
        """When the last such event of the record of truth was."""
        found = self.record(event, **having)
        assert found, f"no {event} with {having} in the record of truth"
        return float(found[-1]["t"])

    def status(self) -> Entry | None:
        """The running agent's own report; None where nobody answers."""
        try:
            return dict(ask(self._agent_socket, "status"))
        except (NoDaemonError, ControlError, OSError):
            return None

    def hand(self, command: str, **arguments: object) -> object:
        """A person's word to the agent."""
        return ask(self._agent_socket, command, arguments)

    def evse(self, evse: str) -> Entry:
        report = self.status() or {"evses": []}
        return next((one for one in report["evses"] if one["evse_id"] == evse_id(evse)), {"state": None})

    def state(self, evse: str) -> object:
        return self.evse(evse)["state"]

    def write_database(self, script: str) -> None:
        """As another version, or a stranger, would; only while no agent runs."""
        with closing(Store.open(self.database, now_wall_ms=lambda: 0, boot="earlier")):
            pass
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(script)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is committed, read over a connection that cannot write."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


def evse_id(evse: str) -> str:
    return f"DE*ABC*E1*{evse}"


def stays(holds: Callable[[], bool], for_s: float, what: str) -> None:
    """A thing that must not happen is watched for as long as it would have had its chance."""
    over_s = time.monotonic() + for_s
    while time.monotonic() < over_s:
        assert holds(), what


def _facts(said: str) -> Entry:
    """What the hub says under `# inbound`."""
    lines = said.partition("# inbound")[2].splitlines()
    return tomllib.loads("\n".join(line.removeprefix("# ") for line in lines if " = " in line))


def _free_port() -> int:
    """The agent's file must name one; the OS gives the same one to nobody else for a while."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _has(entry: Entry, having: dict[str, object]) -> bool:
    return all(entry.get(name) == value for name, value in having.items())


def _lines(file: Path) -> list[Entry]:
    """Whole lines only: the last one may still be written."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _command(path: Path, words: dict[str, object]) -> Entry:
    until(path.exists, f"{path} to be there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(20)
        sock.connect(str(path))
        sock.sendall(json.dumps(words).encode() + b"\n")
        answer: Entry = json.loads(sock.makefile("rb").readline())
    assert answer.pop("ok"), answer
    return answer
