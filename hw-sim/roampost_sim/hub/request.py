"""A request as it arrived at the hub, and what a protocol makes of it. Nothing here knows of sockets."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roampost_sim.hub.means import Means
from roampost_sim.hub.replies import Reply


@dataclass(frozen=True, slots=True)
class Request:
    """A request that arrived completely. peer is the common name of the client's certificate, t is monotonic."""

    method: str
    path: str
    content_type: str
    body: bytes
    peer: str | None
    t: float
    query: str = ""
    authorization: str | None = None


class Incoming(Protocol):
    """A request that was read in a protocol, and not judged yet. Reading never fails.

    name: of the operation, None where it names none. partner: whose calls are counted together. lane: what may not be
    answered twice at once, as text; None where that does not matter. told: what is recorded, under its wire names.
    """

    @property
    def name(self) -> str | None: ...
    @property
    def partner(self) -> str: ...
    @property
    def lane(self) -> str | None: ...
    @property
    def told(self) -> Mapping[str, Any]: ...
    @property
    def means(self) -> Means | None: ...

    def judge(self) -> Reply:
        """The hub's own answer, with its effect on the state."""
        ...


def json_object(body: bytes) -> dict[str, Any]:
    """Strict JSON: UTF-8, one object, no NaN, no key twice. Raises ValueError with a few words."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite)
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("the body must be one JSON object")
    return value


def is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is there twice")
    return value


def _finite(number: str) -> float:
    """NaN and Infinity are no JSON; 1e999 is, and would become infinite."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is no number that can be meant")
    return value
