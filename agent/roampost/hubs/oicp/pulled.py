"""Why a pull brought nothing: an answer that is not what was asked for. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.oicp.verdicts import judge

# An answer that says why it is nothing is a short one; a longer one is not worth its memory.
_WORDS_MAX_BYTES = 256 * 1024


def no_pull(what: str, http_status: int, headers: Mapping[str, str], body: bytes | None, now: datetime) -> Answer:
    """what: the thing that is not in the answer. Asking changes nothing at the hub, so nothing may have arrived."""
    short = body if body is None or len(body) <= _WORDS_MAX_BYTES else None
    answer = judge("pull", http_status, headers, short, maybe_arrived=False, now=now)
    if answer.verdict in (Verdict.RETRY, Verdict.HOLD, Verdict.REJECT) and answer.arrival is not Arrival.MAYBE:
        return answer
    return replace(answer, verdict=Verdict.RETRY, arrival=Arrival.NO, text=f"The hub's answer holds no {what}.")
