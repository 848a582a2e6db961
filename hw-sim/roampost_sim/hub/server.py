"""The hub as a server: the faults in force, the answers and the record. What to answer its protocol decides."""

import asyncio
import math
import ssl
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roampost_sim.hub.answers import Answer, Ending, honest, instead, mangled, over_limit
from roampost_sim.hub.caller import Caller
from roampost_sim.hub.certificates import CertificateShop, Pair
from roampost_sim.hub.controls import Controls
from roampost_sim.hub.door import Door
from roampost_sim.hub.faults import FaultError, FaultPlan, Kind, Stage, make
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.limits import Turnstile
from roampost_sim.hub.record import Entry, Journal
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.request import Incoming, Request
from roampost_sim.hub.rules import Rules
from roampost_sim.hub.settings import Settings
from roampost_sim.hub.wire import Line


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that arrived and whose outcome is still open."""

    t: float
    operation: str | None
    told: dict[str, Any]


class Hub(ABC):
    """`async with` it: it listens on 127.0.0.1 over TLS. Each protocol has a subclass."""

    settings: Settings
    calls: Caller

    def __init__(self, settings: Settings, rules: Rules) -> None:
        self.settings = settings
        self.pending: list[Pending] = []
        self.port = settings.port
        self._rules = rules
        self._plan = FaultPlan()
        self._journal = Journal(settings.record_file)
        self._shop = CertificateShop(settings.directory, rules.kind)
        self.rate_limits = settings.rate_limits
        self.retry_after = settings.retry_after
        self._turnstiles: dict[str, Turnstile] = {}
        self._changed = asyncio.Event()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._busy: Counter[str] = Counter()

    @property
    @abstractmethod
    def decks(self) -> Mapping[str, set[str]]:
        """The cards of each word that set_card knows; "unknown" is none of them."""

    @property
    @abstractmethod
    def controls(self) -> Controls:
        """What the control socket can do with a hub of this protocol, beside what it can with any."""

    # What tests and the command line look at.

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}{self._rules.base}"

    @property
    def ca_file(self) -> Path:
        return self.settings.directory / "ca.pem"

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The faults that can be set."""
        return self._rules.kinds

    @property
    def record(self) -> list[Entry]:
        return self._journal.entries

    @property
    def violations(self) -> list[str]:
        return [violation for entry in self.record for violation in entry.violations]

    @property
    def certificates(self) -> CertificateShop:
        """For clients that are not what they should be; each call runs openssl."""
        return self._shop

    @property
    def rates(self) -> dict[str, dict[str, dict[str, int]]]:
        """Of each partner and operation: the calls of the last minute and how many there may be."""
        t = self.settings.monotonic()
        return {partner: turnstile.used(t) for partner, turnstile in self._turnstiles.items()}

    @property
    def faults(self) -> list[dict[str, Any]]:
        return self._plan.as_json()

    async def wait_for(self, predicate: Callable[[], bool], timeout_s: float = 10) -> None:
        """Until the predicate holds, looked at after each change. Raises TimeoutError that tells the record's end."""
        try:
            async with asyncio.timeout(timeout_s):
                while not predicate():
                    await self._changed.wait()
        except TimeoutError:
            last = [entry.as_json() for entry in self.record[-3:]]
            raise TimeoutError(f"The hub waited {timeout_s} s in vain; its record ends with {last}") from None

    # Faults.

    def fault(
        self,
        kind: str,
        /,
        *,
        requests: int | None = None,
        seconds: float | None = None,
        operation: str | None = None,
        **parameters: Any,
    ) -> int:
        """Set a fault of faults.KINDS; its number, for clear(). Raises FaultError with one sentence."""
        if operation is not None and operation not in self._rules.names:
            raise FaultError(f"There is no operation {operation!r}; there are {', '.join(self._rules.names)}.")
        fault = make(self.kinds, kind, operation, seconds, parameters)
        if fault.stage is Stage.SOCKET:
            self._context_under(kind)
        number = self._plan.add(fault, requests)
        if seconds is not None:
            self._timers[number] = asyncio.get_running_loop().call_later(seconds, self.clear, number)
        if fault.stage is Stage.SOCKET:
            self._open_or_shut()
            self._door.reset_all()
        self.notify()
        return number

    def clear(self, number: int | None = None) -> None:
        """Take back one fault, or all."""
        for each in self._plan.numbers() if number is None else [number]:
            self._plan.remove(each)
            timer = self._timers.pop(each, None)
            if timer is not None:
                timer.cancel()
        self._open_or_shut()
        self.notify()

    def set_card(self, uid: str, word: str) -> None:
        """word: one of decks, or unknown."""
        for name, cards in self.decks.items():
            (cards.add if name == word else cards.discard)(uid)
        self.notify()

    # Life.

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._prepare)
        self._door = Door(self.settings.port, self._current_context, self._serve, self._event)
        self.port = self._door.port
        try:
            self._journal.open()
        except OSError:
            await self._door.aclose()
            raise
        self._open_or_shut()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers.values():
            timer.cancel()
        await self._door.aclose()
        self._journal.close()

    def _prepare(self) -> None:
        self._contexts: dict[str | None, ssl.SSLContext] = {None: self._context(self._shop.server())}

    def _context(self, server: Pair) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(server.certificate, server.key)
        context.load_verify_locations(self._shop.ca_file)
        context.verify_mode = self._rules.verify
        return context

    def _current_context(self) -> ssl.SSLContext:
        return self._context_under(self._plan.socket_fault())

    def _context_under(self, kind: str | None) -> ssl.SSLContext:
        if kind not in self._contexts:
            pair = self._shop.server(expired=kind == "tls_expired", foreign=kind == "tls_foreign")
            self._contexts[kind] = self._context(pair)
        return self._contexts[kind]

    def _open_or_shut(self) -> None:
        if self._plan.socket_fault() == "refuse":
            self._door.shut()
        else:
            self._door.open()

    # Requests.

    async def _serve(self, line: Line) -> None:
        while (raw := await line.request()) is not None:
            arrived_t = self.settings.monotonic()
            request = Request(
                raw.method,
                raw.path,
                raw.content_type,
                raw.body,
                line.peer_name,
                arrived_t,
                raw.query,
                raw.authorization,
            )
            await self._answer(line, request)
            if not line.next():
                return

    async def _answer(self, line: Line, request: Request) -> None:
        incoming = self._rules.read(request)
        entry, answer = self._over_limit(request, incoming) or self._decide(request, incoming)
        pending = Pending(entry.t, entry.operation, dict(entry.told))
        lane = bare(incoming.lane or "")
        self.pending.append(pending)
        self._busy[lane] += 1
        self.notify()
        delivered = False
        try:
            delivered = await line.answer(answer, entry.process_id)
        finally:
            self._busy[lane] -= 1
            self.pending.remove(pending)
            self._add(replace(entry, delivered=delivered))

    def _over_limit(self, request: Request, incoming: Incoming) -> tuple[Entry, Answer] | None:
        """Counted for the whole partner; what is over the limit is not processed, and meets no fault."""
        name = incoming.name
        if not self.rate_limits or name is None:
            return None
        turnstile = self._turnstiles.setdefault(incoming.partner, Turnstile(self.settings.per_minute))
        wait_s = math.ceil(turnstile.wait_s(name, request.t))
        if wait_s == 0:
            return None
        answer = over_limit(self.retry_after, wait_s, self.settings.now())
        violation = f"rate: {name}, more than {self.settings.per_minute[name]} a minute"
        entry = self._entry(request, incoming, (violation,))
        return replace(entry, http_status=answer.http_status), answer

    def _entry(self, request: Request, incoming: Incoming, violations: tuple[str, ...]) -> Entry:
        return Entry(
            t=request.t,
            operation=incoming.name,
            told=incoming.told,
            means=incoming.means,
            process_id=self.settings.new_guid() if self._rules.numbered else None,
            violations=violations,
        )

    def _decide(self, request: Request, incoming: Incoming) -> tuple[Entry, Answer]:
        fault, words = self._plan.take(incoming.name), self._rules.words
        entry = replace(self._entry(request, incoming, self._overlap(incoming)), fault=fault.kind if fault else None)
        if fault is not None and fault.stage is Stage.BEFORE:
            answer = instead(words, fault, self.settings.now())
        else:
            reply = incoming.judge()
            entry = _processed(entry, reply)
            answer = mangled(words, fault, reply) if fault else honest(reply, self.settings.answer_delay_ms)
        silent = answer.ending in (Ending.HANG, Ending.RESET)
        return entry if silent else replace(entry, http_status=answer.http_status, code=answer.code), answer

    def _overlap(self, incoming: Incoming) -> tuple[str, ...]:
        if incoming.lane is None or not self._busy[bare(incoming.lane)]:
            return ()
        return (f"overlap: {incoming.lane} before the last one was answered",)

    def _event(self, event: str, reason: str) -> None:
        self._add(Entry(self.settings.monotonic(), event, reason=reason))

    def _add(self, entry: Entry) -> None:
        self._journal.add(entry)
        self.notify()

    def notify(self) -> None:
        """Something changed that wait_for may be about."""
        self._changed.set()
        self._changed = asyncio.Event()


def _processed(entry: Entry, reply: Reply) -> Entry:
    return replace(
        entry,
        processed=True,
        told=dict(entry.told) | dict(reply.told),
        means=entry.means and entry.means | dict(reply.means),
        violations=entry.violations + reply.violations,
    )
