"""The base of everything that comes from a TOML file or a JSON line: frozen, and strict about keys.

A wrong input is said in one sentence that names the key; pydantic's own report never reaches a person.
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from roampost_sim.errors import PlanError

WORDS = {
    "extra_forbidden": "is not a key that is known here",
    "missing": "is missing",
    "union_tag_not_found": "needs a key {discriminator} that says what it is",
    "union_tag_invalid": "has {discriminator} = '{tag}'; known are {expected_tags}",
}


class Plan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def problems(error: ValidationError, given: Any) -> list[tuple[str, str]]:
    """(dotted key, what is wrong with it) for everything that pydantic found in what was given."""
    return [(_key(one["loc"], given), _sentence(dict(one))) for one in error.errors()]


def _key(location: tuple[int | str, ...], given: Any) -> str:
    """pydantic puts the tag of a union into the location; a person has no such key, so it is left out."""
    keys = []
    for part in location[:-1]:
        if isinstance(given, dict) and part not in given:
            continue
        keys.append(part)
        given = given[part]
    return ".".join(str(key) for key in (*keys, *location[-1:]))


def _sentence(one: dict[str, Any]) -> str:
    template = WORDS.get(one["type"])
    if template:
        return template.format(**one.get("ctx", {}))
    text = str(one["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"{text} (found {one['input']!r})" if isinstance(one["input"], str | int | float) else text


def read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(file, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(file, "", f"is not TOML: {error}") from error
