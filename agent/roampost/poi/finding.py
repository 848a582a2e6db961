"""What is wrong, how bad that is, where it stands in the configuration, and what to do: one line each."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR: a hub refuses the record. WARNING: it costs correctness. HINT: it costs completeness."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """field: as in the configuration, below [poi] or [evse.poi]. Two EVSEs with the same one have equal findings."""

    severity: Severity
    field: str
    says: str
    advice: str


def error(field: str, says: str, advice: str) -> Finding:
    return Finding(Severity.ERROR, field, says, advice)


def warning(field: str, says: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, field, says, advice)


def hint(field: str, says: str, advice: str) -> Finding:
    return Finding(Severity.HINT, field, says, advice)
