"""The header Retry-After, in seconds or as an HTTP date, bounded. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Limits of a hub are per minute; a longer wish is a mistake or a clock that differs.
RETRY_AFTER_MAX_S = 3600.0


def retry_after_s(head: Mapping[str, str], now: datetime) -> float | None:
    """head: names in lower case. None when absent, unreadable or not in the future."""
    text = head.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        wish_s = float(text)
    else:
        until = _http_date(text)
        # The hub's own clock is the one that its wish is measured by: a Pi may have none.
        wish_s = (until - (_http_date(head.get("date", "")) or now)) / timedelta(seconds=1) if until else 0.0
    return min(wish_s, RETRY_AFTER_MAX_S) if wish_s > 0 else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
