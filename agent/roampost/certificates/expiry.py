"""How urgent the end of a certificate is, and the sentence for it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from roampost.certificates.validity import Validity


class Level(StrEnum):
    """From `soon` on a person has to act."""

    FINE = "fine"
    UNKNOWN = "unknown"  # the clock is not trusted, or the file cannot be read
    SOON = "soon"
    NEAR = "near"
    URGENT = "urgent"
    EXPIRED = "expired"


# A hub takes days to sign a request, and a person's holidays take weeks.
ALARMS = (
    (timedelta(0), Level.EXPIRED),
    (timedelta(days=7), Level.URGENT),
    (timedelta(days=30), Level.NEAR),
    (timedelta(days=60), Level.SOON),
)
ACT = frozenset(level for _, level in ALARMS)
LOUD = frozenset({Level.URGENT, Level.EXPIRED})


@dataclass(frozen=True, slots=True)
class CertificateState:
    """One file of a hub. what: the key that names it in the configuration. text is empty while all is well."""

    hub: str
    what: str
    file: Path
    not_after: datetime | None
    days_left: int | None
    level: Level
    text: str = ""


def level_of(left: timedelta) -> Level:
    """The moment of the end itself still is valid (RFC 5280, 4.1.2.5)."""
    if left < timedelta(0):
        return Level.EXPIRED
    return next((level for limit, level in ALARMS[1:] if left <= limit), Level.FINE)


def days_left(not_after: datetime, now: datetime) -> int:
    """Whole days; negative once it has ended."""
    return (not_after - now) // timedelta(days=1)


def ending(not_after: datetime, now: datetime) -> str:
    """ "runs out in 44 days, on 2027-01-03": what follows the file's name; empty while there is time."""
    level, days, day = level_of(not_after - now), days_left(not_after, now), date(not_after)
    if level is Level.EXPIRED:
        return f"ran out {_days(-days - 1)} ago, on {day}"
    return f"runs out in {_days(days)}, on {day}" if level in ACT else ""


def beginning(validity: Validity, now: datetime) -> str:
    """Why it is not valid yet; empty when it is."""
    if now >= validity.not_before:
        return ""
    return f"is not valid before {date(validity.not_before)}, and this machine's clock says {date(now)}"


def date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
