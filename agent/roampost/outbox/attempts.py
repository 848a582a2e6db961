"""One attempt at one message: commit `sending`, word it, call the hub, commit the verdict, tell of it."""

import asyncio
import logging
from collections.abc import Callable

from roampost.domain.messages import Message, ProgressMessage, StartMessage
from roampost.hubs.base import Answer, Arrival, Hub, Verdict
from roampost.outbox.acknowledged import Acknowledged
from roampost.outbox.backoff import Backoff
from roampost.outbox.breaker import TOO_MANY_REQUESTS, Breaker
from roampost.outbox.drain import Latency
from roampost.outbox.heard import Heard
from roampost.outbox.limits import Limits
from roampost.outbox.progress import Progress
from roampost.outbox.verdicts import is_offline, settle
from roampost.outbox.words import words
from roampost.store.changes import LiveRow, RowState, Sendable, Settled
from roampost.store.store import Store

log = logging.getLogger(__name__)
_ARRIVED = frozenset({RowState.DELIVERED, RowState.UNCONFIRMED})
_ASKS_FOR_A_PERSON = frozenset({Verdict.HOLD, Verdict.REJECT, Verdict.REFUSED})
# What cannot be said now (a full load while a status is unknown) is looked at again after this.
_PUT_OFF_MS = 60_000


class Attempts:
    """gone: a row that does not wait any more. While stopping, nothing new leaves."""

    def __init__(
        self,
        hub: Hub,
        store: Store,
        breaker: Breaker,
        limits: Limits,
        progress: Progress,
        backoff: Backoff,
        *,
        now_mono_ms: Callable[[], int],
        now_wall_ms: Callable[[], int],
        heard: Heard,
        gone: Callable[[LiveRow], None],
    ) -> None:
        self.acknowledged = Acknowledged()
        self.latency = Latency()
        self.stopping = False
        self._hub, self._store = hub, store
        self._breaker, self._limits, self._progress, self._backoff = breaker, limits, progress, backoff
        self._now_ms, self._wall_ms = now_mono_ms, now_wall_ms
        self._heard, self._gone = heard, gone

    async def stored(self, row: LiveRow) -> None:
        """Its token is spent; it is given back where the hub is not called."""
        sendable = await self._marked(row)
        said = None if sendable is None else self._words(sendable)
        if sendable is None or said is None or isinstance(said, Answer):
            self._limits.give_back(row.kind)
        if sendable is None:
            return
        if said is None:
            await self._store.put_off(row.seq, due_ms=self._wall_ms() + _PUT_OFF_MS)
        elif isinstance(said, Answer):
            await self._settle(sendable.row, said)
        else:
            await self._deliver(sendable.row, said)

    async def of_progress(self, message: ProgressMessage) -> None:
        """Forgotten, whatever becomes of it; what it tells of the hub is not."""
        answer = await self._call(message, maybe_arrived=False)
        if answer.verdict is not Verdict.DELIVERED:
            log.info("%s: a progress notification was not taken: %s", self._hub.name, answer.text)

    def tell(self, session_id: str, hub_session_id: str | None, refused: str | None) -> None:
        """What a late authorization has brought."""
        try:
            if refused is not None:
                self._heard.refused(session_id, refused)
            elif hub_session_id is not None:
                self._heard.opened(session_id, hub_session_id)
        except Exception:
            log.exception("session %s: what the hub said of it met a bug", session_id)

    async def _marked(self, row: LiveRow) -> Sendable | None:
        try:
            sendable = await self._store.mark_sending(row.seq)
        except asyncio.CancelledError:
            self._store.unmark_sending(row.seq)  # nothing left; the writer does it, or finds nothing to do
            raise
        if sendable is None:
            self._gone(row)
        elif self.stopping:
            await self._store.unmark_sending(row.seq)
            return None
        return sendable

    def _words(self, sendable: Sendable) -> Message | Answer | None:
        try:
            return words(sendable, self._heard.refresh)
        except Exception:
            log.exception("message %d to %s: wording it met a bug", sendable.row.seq, self._hub.name)
            return Answer(Verdict.HOLD, Arrival.NO, "wording it met an error inside Roampost; see the log")

    async def _deliver(self, row: LiveRow, message: Message) -> None:
        answer = await self._call(message, maybe_arrived=row.unknown_outcome)
        settled = await self._settle(row, answer)
        self.acknowledged.answered(message, answer, now_ms=self._now_ms())
        if isinstance(message, StartMessage) and settled.state in _ARRIVED:
            self._progress.started(message.session.session_id, message.session.hub_session_id)

    async def _call(self, message: Message, *, maybe_arrived: bool) -> Answer:
        """The hub's answer; what it tells of the hub is noted."""
        step, began_ms = self._breaker.step, self._now_ms()
        answer = await self._answer(message, maybe_arrived=maybe_arrived)
        now_ms, was_offline = self._now_ms(), self._breaker.probing
        self._breaker.answered(answer, step=step, now_ms=now_ms)
        self.latency.took(now_ms - began_ms)
        if answer.http_status == TOO_MANY_REQUESTS:
            self._limits.overrun(message.kind)
        if is_offline(answer) and not was_offline:
            log.warning("%s cannot be reached: %s", self._hub.name, answer.text)
        elif was_offline and not self._breaker.probing:
            log.info("%s can be reached again", self._hub.name)
        return answer

    async def _answer(self, message: Message, *, maybe_arrived: bool) -> Answer:
        try:
            return await self._hub.deliver(message, maybe_arrived=maybe_arrived)
        except Exception:
            log.exception("a message (%s) to %s: sending it met a bug", message.kind, self._hub.name)
            return Answer(Verdict.RETRY, Arrival.MAYBE, "sending met an error inside Roampost; see the log")

    async def _settle(self, row: LiveRow, answer: Answer) -> Settled:
        """Commit what becomes of the row, then tell of it."""
        if answer.verdict in _ASKS_FOR_A_PERSON:
            code = f" (code {answer.code})" if answer.code else ""
            log.warning("%s: %s %d: %s%s: %s", self._hub.name, row.kind, row.seq, answer.verdict, code, answer.text)
        settled = settle(row, answer, now_ms=self._wall_ms(), backoff=self._backoff, probe_s=self._breaker.probe_s)
        state = await self._store.settle(row.seq, settled)
        if answer.wants_data:
            self._heard.wants_data(row.evse_id)
        if row.session_id is not None and state is RowState.REFUSED:
            self.tell(row.session_id, None, settled.text)
        elif row.session_id is not None and state is RowState.DELIVERED:
            self.tell(row.session_id, settled.hub_session_id, None)
        return settled
