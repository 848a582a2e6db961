"""The hub as a server: the faults in force, the answers and the record. What to answer is decided in desk.py."""

import asyncio
import math
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roampost_sim.hub.answers import Answer, Ending, honest, instead, mangled, over_limit
from roampost_sim.hub.caller import Caller
from roampost_sim.hub.certificates import CertificateShop, Pair
from roampost_sim.hub.desk import Parsed, Request, judge, parse
from roampost_sim.hub.door import Door
from roampost_sim.hub.faults import FaultError, FaultPlan, Stage, make
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.limits import Turnstile
from roampost_sim.hub.oicp.means import understood
from roampost_sim.hub.operations import BASE, NAMES
from roampost_sim.hub.record import Entry, Journal, told
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.state import HeldStatus, HubSettings, HubState, Session
from roampost_sim.hub.wire import Line


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that arrived and whose outcome is still open."""

    t: float
    operation: str | None
    told: dict[str, Any]


class SandboxHub:
    """`async with SandboxHub(settings) as hub:` listens on 127.0.0.1 over mutual TLS."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        self.state = HubState.of(settings)
        self.pending: list[Pending] = []
        self.port = settings.port
        self._plan = FaultPlan()
        self._journal = Journal(settings.record_file)
        self._shop = CertificateShop(settings.directory)
        self.calls = Caller(self.state, self._shop, self._add)
        self.rate_limits = settings.rate_limits
        self.retry_after = settings.retry_after
        self._turnstiles: dict[str, Turnstile] = {}
        self._changed = asyncio.Event()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._busy: Counter[tuple[str, str]] = Counter()

    # What tests and the command line look at.

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}{BASE}"

    @property
    def ca_file(self) -> Path:
        return self.settings.directory / "ca.pem"

    @property
    def client_cert(self) -> Path:
        return self._client.certificate

    @property
    def client_key(self) -> Path:
        return self._client.key

    @property
    def record(self) -> list[Entry]:
        return self._journal.entries

    @property
    def sessions(self) -> dict[str, Session]:
        return self.state.sessions

    @property
    def statuses(self) -> dict[str, HeldStatus]:
        return self.state.statuses

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
        if operation is not None and operation not in NAMES:
            raise FaultError(f"There is no operation {operation!r}; there are {', '.join(NAMES)}.")
        fault = make(kind, operation, seconds, parameters)
        if fault.stage is Stage.SOCKET:
            self._context_under(kind)
        number = self._plan.add(fault, requests)
        if seconds is not None:
            self._timers[number] = asyncio.get_running_loop().call_later(seconds, self.clear, number)
        if fault.stage is Stage.SOCKET:
            self._open_or_shut()
            self._door.reset_all()
        self._notify()
        return number

    def clear(self, number: int | None = None) -> None:
        """Take back one fault, or all."""
        for each in self._plan.numbers() if number is None else [number]:
            self._plan.remove(each)
            timer = self._timers.pop(each, None)
            if timer is not None:
                timer.cancel()
        self._open_or_shut()
        self._notify()

    def set_card(self, uid: str, word: str) -> None:
        """word: known, blocked or unknown."""
        for name, cards in (("known", self.state.cards), ("blocked", self.state.blocked_cards)):
            (cards.add if name == word else cards.discard)(uid)
        self._notify()

    def set_stop_cards(self, uid: str, others: tuple[str, ...]) -> None:
        """These may stop the card's sessions; of one that is open already no operator has heard it."""
        self.state.settings.stop_cards[uid] = others
        for session in self.sessions.values():
            if session.uid == uid:
                session.stop_uids = others
        self._notify()

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
        self._client = self._shop.client(bare(self.settings.operators[0]))
        self._contexts: dict[str | None, ssl.SSLContext] = {
            None: self._context(self._shop.server()),
        }

    def _context(self, server: Pair) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(server.certificate, server.key)
        context.load_verify_locations(self._shop.ca_file)
        required = self.settings.require_client_certificate
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
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
            request = Request(raw.method, raw.path, raw.content_type, raw.body, line.peer_name, arrived_t, raw.query)
            await self._answer(line, request)
            if not line.next():
                return

    async def _answer(self, line: Line, request: Request) -> None:
        parsed = parse(request)
        entry, answer = self._over_limit(request, parsed) or self._decide(request, parsed)
        pending = Pending(entry.t, entry.operation, dict(entry.told))
        lane = self._lane(parsed)
        self.pending.append(pending)
        self._busy[lane] += 1
        self._notify()
        delivered = False
        try:
            delivered = await line.answer(answer, entry.process_id or "")
        finally:
            self._busy[lane] -= 1
            self.pending.remove(pending)
            self._add(replace(entry, delivered=delivered))

    def _over_limit(self, request: Request, parsed: Parsed) -> tuple[Entry, Answer] | None:
        """Counted for the whole partner; what is over the limit is not processed, and meets no fault."""
        if not self.rate_limits or parsed.operation is None:
            return None
        name, partner = parsed.operation.name, bare(request.peer or parsed.partner_id)
        turnstile = self._turnstiles.setdefault(partner, Turnstile(self.settings.per_minute))
        wait_s = math.ceil(turnstile.wait_s(name, request.t))
        if wait_s == 0:
            return None
        answer = over_limit(self.retry_after, wait_s, self.settings.now())
        violation = f"rate: {name}, more than {self.settings.per_minute[name]} a minute"
        entry = self._entry(request, parsed, (violation,))
        return replace(entry, http_status=answer.http_status), answer

    def _entry(self, request: Request, parsed: Parsed, violations: tuple[str, ...]) -> Entry:
        return Entry(
            t=request.t,
            operation=parsed.operation.name if parsed.operation else None,
            told=told(parsed.body),
            means=understood(parsed.operation.name if parsed.operation else None, parsed.body),
            process_id=self.settings.new_guid(),
            violations=violations,
        )

    def _decide(self, request: Request, parsed: Parsed) -> tuple[Entry, Answer]:
        fault = self._plan.take(parsed.operation.name if parsed.operation else None)
        entry = replace(self._entry(request, parsed, self._overlap(parsed)), fault=fault.kind if fault else None)
        if fault is not None and fault.stage is Stage.BEFORE:
            answer = instead(fault, self.settings.now())
        else:
            reply = judge(self.state, request, parsed)
            entry = _processed(entry, reply)
            answer = mangled(fault, reply) if fault else honest(reply, self.settings.answer_delay_ms)
        silent = answer.ending in (Ending.HANG, Ending.RESET)
        return entry if silent else replace(entry, http_status=answer.http_status, code=answer.code), answer

    def _overlap(self, parsed: Parsed) -> tuple[str, ...]:
        operation = parsed.operation
        if operation is None or not operation.sequential or not self._busy[self._lane(parsed)]:
            return ()
        return (f"overlap: {operation.name} of {parsed.partner_id} before the last one was answered",)

    def _lane(self, parsed: Parsed) -> tuple[str, str]:
        return (parsed.operation.name if parsed.operation else "", bare(parsed.partner_id))

    def _event(self, event: str, reason: str) -> None:
        self._add(Entry(self.settings.monotonic(), event, reason=reason))

    def _add(self, entry: Entry) -> None:
        self._journal.add(entry)
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _processed(entry: Entry, reply: Reply) -> Entry:
    given = {"SessionID": reply.body["SessionID"]} if "SessionID" in reply.body else {}
    means = entry.means and entry.means | ({"hub_session": reply.body["SessionID"]} if given else {})
    violations = entry.violations + reply.violations
    return replace(entry, processed=True, told=dict(entry.told) | given, means=means, violations=violations)
