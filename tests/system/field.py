"""A whole site on one machine: simulated station, sandbox hubs and agent, each a real process on real ptys and TLS.

The station's record of truth and the hubs' records carry CLOCK_MONOTONIC seconds of this machine, so durations are
judged between them, whatever a test itself waited.
"""

import socket
import sqlite3
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from roampost.control.client import NoDaemonError, ask
from roampost.control.protocol import ControlError
from roampost.store.store import Store
from tests.system.agentfile import agent_file, toml
from tests.system.hubs import Hub, inbound_table
from tests.system.processes import Worker, command, lines, until

Entry = dict[str, Any]
CARD = "044A2DAA856280"
STATION = Path(__file__).with_name("station.toml")
AGENT = ("-m", "roampost")
UNANSWERED = "select 1 from outbox where kind = 'start' and state in ('queued', 'sending')"


class Field:
    """`certificates` may be shared between fields. Nothing runs until it is started.

    hubs: the protocols. hub is the one that a test is about: it has the trouble, and the drivers are its own. With
    several, `lead` says which; the others look on.
    """

    def __init__(
        self, folder: Path, certificates: Path, hubs: Sequence[str] = ("oicp",), lead: str | None = None
    ) -> None:
        self.folder = folder
        self.config = folder / "roampost.toml"
        self.database = folder / "agent.db"
        self._certificates = certificates
        self._truth = folder / "truth.jsonl"
        self._station_socket = folder / "st.sock"
        self._agent_socket = folder / "agent.sock"
        self._workers: list[Worker] = []
        self.agent: Worker | None = None
        self.hubs = [Hub(kind, folder) for kind in hubs]
        self.hub = self.at(lead or hubs[0])
        self._hub_workers: dict[str, Worker] = {}

    def at(self, kind: str) -> Hub:
        """The hub that speaks this protocol."""
        return next(hub for hub in self.hubs if hub.protocol.kind == kind)

    # -- starting and ending ------------------------------------------------------------------------------------

    def start_station(self, file: Path = STATION) -> None:
        """Does not wait: a hub may be started meanwhile; the first command waits."""
        words = ["station", str(file), "--dir", str(self.folder), "--quiet"]
        self._add(
            "station.log", "-m", "roampost_sim", *words, "--record", str(self._truth),
            "--control", str(self._station_socket),
        )  # fmt: skip

    def start_hubs(self, *more: str, cards: Sequence[str] = (CARD,), **settings: object) -> None:
        """`more` are words for `roampost-sim hub`; `settings` are further keys of the agent's [hubs.<name>]."""
        for hub in self.hubs:
            known = cards if hub is self.hub else ()
            self.start_hub(hub, *(word for uid in known for word in ("--card", uid)), *more)
            # An answer that never comes is given up sooner than by default, or every such test waits for it.
            hub.table += toml({"timeout_s": 3.0, **settings}) + "\n"
        self.configure()

    def start_hub(self, hub: Hub, *more: str) -> None:
        """One of them; its table for the agent is what it says itself."""
        words = ["hub", "--protocol", hub.protocol.kind, "--name", hub.name, "--directory", str(self._certificates)]
        files = ["--record", str(hub.record), "--control", str(hub.socket)]
        worker = self._add(f"{hub.name}-{len(self._workers)}.log", "-m", "roampost_sim", *words, *files, *more)
        until(lambda: "# control" in worker.said(), f"{hub.name}'s table for the agent")
        hub.table, hub.facts = _table(worker.said()), _facts(worker.said())
        self._hub_workers[hub.name] = worker

    def renew_hub(self, *more: str) -> None:
        """The hub that a test is about begins anew at its address: all that it knew is gone."""
        port = urlsplit(self.hub.say(ask="where")["url"]).port
        self._hub_workers[self.hub.name].end()
        self.start_hub(self.hub, "--card", CARD, "--port", str(port), *more)

    def configure(
        self,
        evses: Mapping[str, Mapping[str, object]] | None = None,
        *,
        reads_for: Sequence[str] = ("1", "2"),
        tables: str = "",
    ) -> None:
        """Writes the agent's configuration; after the hubs have started. The words are those of `agent_file`."""
        hubs = "\n".join(hub.table for hub in self.hubs)
        self.config.write_text(agent_file(self.folder, hubs, evses=evses, reads_for=reads_for, tables=tables))

    def door(self) -> str:
        """The tables that let the hubs in, at a free port that they are told."""
        port, facts = _free_port(), self.hub.facts
        for hub in self.hubs:
            hub.say(do="operator", url=f"https://127.0.0.1:{port}{hub.protocol.path}")
        listens = {"address": "127.0.0.1", "port": port, "cert_file": facts["cert_file"], "key_file": facts["key_file"]}
        return "".join(inbound_table(hub) for hub in self.hubs) + f"[inbound]\n{toml(listens)}\n"

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
        """Everything, with two idle EVSEs that the hubs have heard of."""
        self.start_station()
        self.start_hubs()
        self.truth()
        agent = self.start_agent(program=program, **environ)
        until(lambda: all(self.last_status(evse) == "Available" for evse in ("1", "2")), "two idle EVSEs at the hubs")
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
        return command(self._station_socket, {"do": do, **words})

    def truth(self) -> Entry:
        """What is true at the station now."""
        return self.tell("ask")

    def card(self) -> None:
        self.tell("hold_card", reader="front", uid=CARD, for_s=0.6)

    def charge(self, evse: str = "1", car: str = "city") -> None:
        """A car is plugged in, a card held, energy flows and the hub knows of it."""
        before = len(self.hub.heard(what="start"))
        self.tell("plug", evse=evse, car=car)
        until(lambda: self.state(evse) == "plugged", f"EVSE {evse} to see the plug")
        self.card()
        until(lambda: self.state(evse) == "charging", f"EVSE {evse} to charge")
        until(lambda: len(self.hub.heard(what="start")) > before, "the start at the hub")
        # Killed before it has heard the answer, the agent would tell it again.
        until(lambda: not self.rows(UNANSWERED), "the answer at the agent")
        until(lambda: self.truth()["evses"][evse]["power_w"] > 0, "power to flow")
        until(lambda: self.record("card_taken"), "the card to be taken away")

    # -- what happened ------------------------------------------------------------------------------------------

    def record(self, event: str, **having: object) -> list[Entry]:
        """The station's record of truth: events of this name with these values."""
        return [one for one in lines(self._truth) if one["event"] == event and _has(one, having)]

    def statuses(self, evse: str) -> list[Entry]:
        """The statuses of an EVSE that the hub took."""
        return self.hub.statuses(evse_id(evse))

    def last_status(self, evse: str) -> object:
        """The one that all hubs took last; None while they do not agree."""
        found = {hub.last_status(evse_id(evse)) for hub in self.hubs}
        return found.pop() if len(found) == 1 else None

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


def _table(said: str) -> str:
    return f"[hubs.{said.partition('[hubs.')[2].partition('# inbound')[0]}"


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
