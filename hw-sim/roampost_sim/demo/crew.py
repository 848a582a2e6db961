"""The processes of the demo: station, hubs and agent. Each is started, watched and ended by its own pid."""

import asyncio
import errno
import json
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from roampost_sim.demo.agentfile import OPERATOR, HubTold, agent_file
from roampost_sim.demo.protocols import Hub
from roampost_sim.demo.story import Story
from roampost_sim.errors import SimError

_START_S = 30.0
_END_S = 15.0
_LAST_LINES = 12
_HERE = "127.0.0.1"
_SLOWER_MS = 200


class GoneError(SimError):
    """A process of the demo ended by itself."""


class Worker:
    """A process and the file that its stdout and stderr go to."""

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *words: str) -> None:
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal reaches the director alone, who ends the others in order.
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *words, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raises GoneError, with its last words, when it ended though nobody ended it."""
        if self.process is not None and self.process.returncode is not None:
            code = self.process.returncode
            how = f"exit code {code}" if code >= 0 else f"signal {-code}"
            raise GoneError(f"the {self.name} ended by itself ({how}). Its last words:\n{self.last_words()}")

    def said(self) -> str:
        """All that it has written so far."""
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def last_words(self) -> str:
        lines = self.said().splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:]) or "    (none)"

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.process = None

    async def end(self) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), _END_S)
        await self.kill()


class HubAtWork:
    """A hub's process, its record and its control socket."""

    def __init__(self, hub: Hub, directory: Path) -> None:
        self.hub = hub
        self.record, self.socket = directory / f"{hub.name}.jsonl", directory / f"{hub.name}.sock"
        self.worker = Worker(f"sandbox hub {hub.name}", directory / f"{hub.name}.log")

    @property
    def name(self) -> str:
        return self.hub.name


class Crew:
    """hubs: the names of those that play; directory: everything that the processes write goes there."""

    def __init__(self, story: Story, directory: Path, hubs: Sequence[str]) -> None:
        self._story = story
        self.directory = directory
        self.config = directory / "roampost.toml"
        self.truth_file, self.station_socket = directory / "truth.jsonl", directory / "station.sock"
        self.station = Worker("simulated station", directory / "station.log")
        self.hubs = {hub.name: HubAtWork(hub, directory) for hub in story.hubs(hubs)}
        self.agent = Worker("agent", directory / "agent.log")
        self.port = _free_port()

    async def start(self) -> None:
        """Station and hubs, and the agent's configuration; the agent itself is started by the story."""
        await self._start_station()
        # One after the other: they share their certificates, and the first one makes them.
        for place, hub in enumerate(self.hubs.values()):
            await self._start_hub(hub, slower=place == 0 and len(self.hubs) > 1)
        told = [HubTold.of(hub.name, hub.worker.said()) for hub in self.hubs.values()]
        self.config.write_text(agent_file(self._story.station, self.directory, told, self.port), encoding="utf-8")

    async def _start_station(self) -> None:
        words = ["station", str(self._story.station_file), "--dir", str(self.directory), "--quiet"]
        words += ["--record", str(self.truth_file), "--control", str(self.station_socket)]
        await self.station.start("roampost_sim", *words)
        await self._until(self.station, self.station_socket.exists)

    async def _start_hub(self, hub: HubAtWork, *, slower: bool) -> None:
        """slower: so that a card which is known to several is let in by another one first."""
        words = ["hub", "--protocol", hub.name, "--name", hub.name, "--operator", OPERATOR]
        words += ["--directory", str(self.directory / "certificates")]
        for uid, contract in sorted(hub.hub.cards.items()):
            words += hub.hub.protocol.card(uid, contract)
        words += ["--record", str(hub.record), "--control", str(hub.socket)]
        words += ["--operator-url", f"https://{_HERE}:{self.port}{hub.hub.protocol.prefix}"]
        words += ["--answer-delay-ms", str(_SLOWER_MS)] if slower else []
        await hub.worker.start("roampost_sim", *words)
        await self._until(hub.worker, lambda: "# control" in hub.worker.said())

    async def start_agent(self) -> None:
        await self.agent.start("roampost", "run", "--config", str(self.config))

    async def end(self) -> None:
        """The agent first: it forbids charging while there still is a station."""
        for worker in (self.agent, *(hub.worker for hub in self.hubs.values()), self.station):
            await worker.end()

    def check(self) -> None:
        for worker in (self.station, *(hub.worker for hub in self.hubs.values()), self.agent):
            worker.check()

    def agent_listens(self) -> bool:
        """Whether hubs may call the agent. Asked of the system: a connection that says nothing would be a caller."""
        with socket.socket() as probe:
            # So a port is refused only while somebody listens at it, and nobody is kept from it by us.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HERE, self.port))
            except OSError as error:
                return error.errno == errno.EADDRINUSE
        return False

    async def agent_answers(self) -> bool:
        """Whether the running agent answers `roampost status`, and has looked at its hardware."""
        status = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "roampost", "status", "--json", "--config", str(self.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        said, _ = await status.communicate()
        try:
            report = json.loads(said)
            return report["source"] == "agent" and all(one["state"] != "starting" for one in report["evses"])
        except (ValueError, KeyError, TypeError):
            return False

    async def _until(self, worker: Worker, ready: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(_START_S):
                while not ready():
                    worker.check()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise SimError(f"the {worker.name} did not come up within {_START_S:g} s:\n{worker.last_words()}") from None


def _free_port() -> int:
    """For the agent's inbound service; its configuration names it before it listens."""
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])
