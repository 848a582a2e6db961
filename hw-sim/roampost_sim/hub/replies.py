"""What the hub means to say: an HTTP status and a JSON object, as values. Nothing here knows of bytes or faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """code: the hub's status code, None where the answer carries none; in three digits, however it is written.

    violations: what the operator did wrong, even where the answer is a yes; record.py lists their kinds. told and
    means: what the answer adds to the record of the question.
    """

    http_status: int
    body: dict[str, Any]
    violations: tuple[str, ...] = ()
    code: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    means: Mapping[str, Any] = field(default_factory=dict)
