"""A hub in the field: loses answers, takes late what it seemed to lose, and keeps a book of what it was sent.

Every call is held against the database as it is at that moment: the row is marked, nothing of its session before it
still waits, and no message comes again whose outcome was known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from roampost.domain.messages import EvseStatus, LateAuthorization, Message, SessionMessage, StatusMessage
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.store.changes import RowState
from roampost.store.reading import OutboxRow
from tests.agent.outbox.bench import DELIVERED, ScriptedHub

LATE_MS = 55_000  # what was lost lands at most this much later
DONE = {RowState.DELIVERED, RowState.UNCONFIRMED, RowState.SUPERSEDED, RowState.PARKED}


@dataclass
class FieldHub(ScriptedHub):
    rows: Callable[[], list[OutboxRow]] = list
    now_ms: Callable[[], int] = int
    answers: list[Answer] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)  # what we know that it has
    unknown: set[str] = field(default_factory=set)  # bodies whose outcome was lost
    shown: dict[str, EvseStatus] = field(default_factory=dict)  # what drivers see
    limbo: list[tuple[int, StatusMessage]] = field(default_factory=list)
    statuses_in_flight: int = 0

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        self.land()
        self._check(message, maybe_arrived=maybe_arrived)
        self.statuses_in_flight += message.kind == "status"
        assert self.statuses_in_flight <= 1
        try:
            await super().deliver(message, maybe_arrived=maybe_arrived)
        except BaseException:
            self.lose(message)
            raise
        finally:
            self.statuses_in_flight -= message.kind == "status"
        answer = self.answers.pop() if self.answers else DELIVERED
        if isinstance(message, LateAuthorization) and answer is DELIVERED:
            answer = replace(answer, hub_session_id=f"late-{message.session.session_id}")
        self._book(message, answer)
        return answer

    def land(self) -> None:
        """Late messages arrive, over whatever came meanwhile."""
        for due_ms, late in [item for item in self.limbo if item[0] <= self.now_ms()]:
            self.limbo.remove((due_ms, late))
            self.shown[late.evse_id] = late.status

    def lose(self, message: Message) -> None:
        self.unknown.add(repr(message))
        if isinstance(message, StatusMessage):
            self.limbo.append((self.now_ms() + LATE_MS, message))

    def _book(self, message: Message, answer: Answer) -> None:
        if answer.arrival is Arrival.MAYBE:
            self.lose(message)
        if answer.verdict is Verdict.DELIVERED:
            self.taken.append(message)
            if isinstance(message, StatusMessage):
                self.shown[message.evse_id] = message.status

    def _check(self, message: Message, *, maybe_arrived: bool) -> None:
        if not isinstance(message, SessionMessage):
            return
        assert isinstance(message, LateAuthorization) or message.session.hub_session_id is not None
        assert message not in self.taken, "sent again although its outcome was known"
        if repr(message) in self.unknown:
            assert maybe_arrived
        own = [row for row in self.rows() if row.session_id == message.session.session_id]
        (marked,) = [row for row in own if row.state is RowState.SENDING]
        assert marked.kind == message.kind
        assert all(row.state in DONE for row in own if row.seq < marked.seq)
