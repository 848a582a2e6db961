"""The values that go into the store and come out of it. Pure: no SQL, no waiting."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from roampost.domain.stamp import Stamp

# How long a status whose answer was lost may still land at the hub.
ECHO_MS = 60_000


class RowState(StrEnum):
    """Where an outbox row stands; the arrows are drawn in migrations/0002.sql."""

    QUEUED = "queued"
    SENDING = "sending"
    HELD = "held"
    PARKED = "parked"
    DELIVERED = "delivered"
    UNCONFIRMED = "unconfirmed"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"
    REFUSED = "refused"

    @property
    def finished(self) -> bool:
        return self in _FINISHED


_FINISHED = frozenset({
    RowState.DELIVERED, RowState.UNCONFIRMED, RowState.SUPERSEDED, RowState.DISCARDED, RowState.REFUSED,
})  # fmt: skip


class SessionState(StrEnum):
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class EvseRow:
    """context is JSON, the state loop's own; permitted_ma is the level that may go to the charger (0: forbidden)."""

    evse_id: str
    state: str
    context: str
    permitted_ma: int
    changed: Stamp


@dataclass(frozen=True, slots=True)
class SessionRow:
    """session_id is our own; body is JSON, the state loop's own; why says how the session came to its end."""

    session_id: str
    evse_id: str
    body: str
    state: SessionState
    hub: str | None = None
    hub_session_id: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for one hub, not yet in the outbox. Made by `outbox.classes.draft`; body is the message's JSON.

    remembers: what `memory` says of this hub once it has the message; None forgets the name.
    """

    hub: str
    lane: str
    kind: str
    evse_id: str
    session_id: str | None
    body: str
    remembers: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Who:
    """The process that asked (peer credentials of the local socket); both None for the agent itself."""

    uid: int | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    what: str
    target: str
    reason: str
    who: Who = field(default_factory=Who)


@dataclass(frozen=True, slots=True)
class Latch:
    """A fault that stays until a person acknowledges it."""

    evse_id: str
    fault: str
    since: Stamp


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The hub's ID of a session that began without it, known before its late authorization had to ask for it."""

    hub: str
    lane: str
    session_id: str
    hub_session_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one event changed: written in one transaction, wholly or not at all. latches_cleared: (evse_id, fault)."""

    stamp: Stamp
    evses: tuple[EvseRow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    drafts: tuple[Draft, ...] = ()
    opened: tuple[OpenedSession, ...] = ()
    audits: tuple[Audit, ...] = ()
    latches_set: tuple[Latch, ...] = ()
    latches_cleared: tuple[tuple[str, str], ...] = ()
    trusted_offset_ms: int | None = None  # wall minus monotonic of stamp.boot, once the clock is synchronized


@dataclass(frozen=True, slots=True)
class CommitReceipt:
    """The change is on the disk. seqs: the outbox numbers of its drafts, in their order."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the agent knew when it stopped. offsets_ms: wall minus monotonic of each boot whose clock was trusted.

    ended: hub and the hub's ID, in lower case, of the sessions whose end was told lately, or waits to be. paid: hub and
    provider_session_id of the same, where there was one.
    """

    evses: tuple[EvseRow, ...]
    latches: tuple[Latch, ...]
    offsets_ms: dict[str, int]
    ended: frozenset[tuple[str, str]] = frozenset()
    paid: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class LiveRow:
    """An outbox row as the lanes see it, without its body."""

    seq: int
    hub: str
    lane: str
    kind: str
    evse_id: str
    session_id: str | None
    state: RowState
    attempts: int
    unknown_outcome: bool  # an earlier attempt may have arrived
    offline: bool  # the last attempt did not reach the hub
    next_attempt_ms: int
    trying_since_ms: int | None
    created_boot: str
    created_mono_ms: int
    created_trusted: bool

    @classmethod
    def read(cls, columns: tuple[Any, ...]) -> Self:
        """From the columns of sql._LIVE."""
        *head, state, attempts, unknown, offline, next_ms, trying_ms, boot, mono_ms, trusted = columns
        seq, hub, lane, kind, evse_id, session_id = head
        return cls(
            seq, hub, lane, kind, evse_id, session_id, RowState(state), attempts, bool(unknown), bool(offline),
            next_ms, trying_ms, boot, mono_ms, bool(trusted),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sendable:
    """A row that is committed as `sending`, with the message's JSON.

    hub_session_id is what a late authorization has brought for its session.
    """

    row: LiveRow
    body: str
    hub_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a row after an attempt (see outbox.verdicts), with the answer for the log of attempts.

    hub_session_id is what a late authorization has brought.
    """

    state: RowState
    next_attempt_ms: int
    at_ms: int
    unknown_outcome: bool
    offline: bool
    verdict: str
    arrival: str
    text: str
    code: str | None = None
    http_status: int | None = None
    hub_reference: str | None = None
    hub_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class HubSession:
    """What a late authorization has brought: the hub's ID of the session, or its no in words."""

    session_id: str
    hub_session_id: str | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a lane needs of the past: what late authorizations brought, and the sessions whose Start has arrived
    and whose End is not told (each with the hub's ID where it came late)."""

    hub_sessions: tuple[HubSession, ...]
    started: dict[str, str | None]
