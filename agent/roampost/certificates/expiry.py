"""How urgent the end of a certificate is, and the sentence for it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from roampost.certificates.validity import Validity


class Level(StrEnum):
    """How near the end is: from `soon` on a person has to act."""

    FINE = "fine"
    UNKNOWN = "unknown"  # the clock is not trusted, or the file cannot be read
    EARLY = "early"  # not valid yet
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


def condition(validity: Validity, now: datetime) -> tuple[Level, str]:
    """How it stands, and what follows the file's name: "runs out in 44 days, on 2027-01-03"; empty while it is fine."""
    if now < validity.not_before:
        return (
            Level.EARLY,
            f"is not valid before {date(validity.not_before)}, and this machine's clock says {date(now)}",
        )
    end = validity.not_after
    level, days = level_of(end - now), days_left(end, now)
    if level is Level.EXPIRED:
        return level, f"ran out {_days(-days - 1)} ago, on {date(end)}"
    return level, f"runs out in {_days(days)}, on {date(end)}" if level in ACT else ""


def date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
