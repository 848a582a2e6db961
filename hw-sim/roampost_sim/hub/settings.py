"""How a hub behaves, whichever protocol it speaks."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _guid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Settings:
    """directory gets the certificates; port 0 lets the OS choose.

    cards are the UIDs that a provider says yes to, blocked_cards are known and locked, any other is unknown. now is
    the wall clock of validations, monotonic dates arrivals. needs_data: a status of an EVSE without data is refused.
    rate_limits: over per_minute the answer is HTTP 429, with Retry-After as retry_after says (limits.RETRY_AFTER).
    operator_url is the operator's inbound service; operator_ca the CA of that service's certificate, None for the
    sandbox's own; call_timeout_s how long a call of the hub waits for its answer.
    """

    directory: Path
    cards: frozenset[str] = frozenset()
    blocked_cards: frozenset[str] = frozenset()
    port: int = 0
    answer_delay_ms: int = 0
    needs_data: bool = False
    rate_limits: bool = False
    per_minute: Mapping[str, int] = field(default_factory=dict)
    retry_after: str = "seconds"
    operator_url: str | None = None
    operator_ca: Path | None = None
    call_timeout_s: float = 60
    record_file: Path | None = None
    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    new_guid: Callable[[], str] = _guid
