"""A body is held against its schema; what is wrong comes back as values in the live hub's words. Pure."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from roampost_sim.hub.shapes import Schema

# Nothing that an agent tells can have happened before; a clock that was never set says 1970.
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `validationErrors`: where, and what."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def _decimals(_: Validator, most: int, value: Any, __: object) -> Iterator[ValidationError]:
    if isinstance(value, float) and not math.isfinite(value):
        yield ValidationError("must be a finite number")
    elif isinstance(value, float) and -int(Decimal(repr(value)).as_tuple().exponent) > most:
        yield ValidationError(f"must have at most {most} decimal places, has {value!r}")


def _moment(_: Validator, __: bool, value: Any, ___: object) -> Iterator[ValidationError]:
    if not isinstance(value, str):
        return
    try:
        moment = datetime.fromisoformat(value) if _ISO.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None:
        yield ValidationError("must be an ISO 8601 date-time")
    elif moment.tzinfo is None:
        yield ValidationError("must carry a UTC offset")
    elif moment < _EARLIEST:
        yield ValidationError(f"must not be before {_EARLIEST:%Y}: the clock was not set")


_Strict: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"decimals": _decimals, "moment": _moment}
)


def violations(schema: Schema, body: Any) -> list[Problem]:
    """All that is wrong with a body, each thing once; [] when nothing."""
    found = [problem for error in _Strict(schema).iter_errors(body) for problem in _words(error)]
    return list(dict.fromkeys(found))


def _words(error: ValidationError) -> Iterator[Problem]:
    place, rule = list(error.absolute_path), error.validator
    wanted, found, schema = cast(Any, error.validator_value), cast(Any, error.instance), cast(Any, error.schema)
    if rule == "required":
        for name in wanted:
            if name not in found:
                yield Problem(reference([*place, name]), "must not be null")
    elif rule == "additionalProperties":
        for name in sorted(set(found) - set(schema["properties"])):
            yield Problem(reference([*place, name]), "is not a known field")
    else:
        yield Problem(reference(place), _sentence(error))


def _sentence(error: ValidationError) -> str:
    wanted = error.validator_value
    sentences = {
        "pattern": f'must match "{wanted}"',
        "enum": f"must be one of {wanted}",
        "type": f"must be of type {wanted}",
        "minimum": f"must be at least {wanted}",
        "maximum": f"must be at most {wanted}",
        "minLength": f"must have at least {wanted} characters",
        "maxLength": f"must have at most {wanted} characters",
        "minItems": f"must have at least {wanted} entries",
        "maxItems": f"must have at most {wanted} entries",
        "uniqueItems": "must not hold an entry twice",
        "minProperties": "must hold exactly one kind",
        "maxProperties": "must hold exactly one kind",
    }
    schema = cast(Any, error.schema)
    return sentences.get(str(error.validator)) or str(schema.get("description", error.message))


def reference(place: Iterable[str | int]) -> str:
    """operatorEvseStatus.evseStatusRecord[0].evseID: the live hub's way to name a field."""
    path = ""
    for step in place:
        path += f"[{step}]" if isinstance(step, int) else f".{step[:1].lower()}{step[1:]}"
    return path.removeprefix(".")
