"""A wrong value in one sentence: where it is, what it is, what is allowed. Secrets are never echoed."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SECRET_WORDS = ("key", "secret", "token", "password", "passphrase", "pin", "credential")
_SHOWN_CHARACTERS = 60
_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "string_type": 'text in "quotes"',
    "path_type": 'a path in "quotes"',
    "tuple_type": "a list in [brackets]",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def shown(key: str, value: object) -> str:
    """The value as an operator wrote it, or nothing where it may be a secret."""
    text = str(value)
    if isinstance(value, Mapping | list) or "\n" in text or "-----BEGIN" in text:
        return ""
    last = key.rpartition(".")[2].lower()
    if any(word in last for word in _SECRET_WORDS) and not last.endswith("_file"):
        return ""
    if "@" in text and "//" in text:  # an address may hold a password
        return ""
    plain = text.lower() if isinstance(value, bool) else repr(text) if isinstance(value, str) else text
    return f" = {plain[:_SHOWN_CHARACTERS]}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ends a sentence about an unknown word with the nearest known one, or with all of them."""
    words = sorted(known)
    near = [one for one in words if one.lower() == word.lower()] or difflib.get_close_matches(word, words, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known here: {', '.join(words)}" if words else "nothing is known here"


def sentences(
    prefix: str, error: ValidationError, model: type[BaseModel] | None, kinds: Sequence[str] = ()
) -> list[str]:
    """One sentence per error below the key path `prefix`; `model` tells ranges and known keys. kinds: what `kind` may
    be, where it decides the model."""
    return [_sentence(prefix, detail, model, kinds) for detail in error.errors(include_url=False)]


def _sentence(prefix: str, detail: ErrorDetails, model: type[BaseModel] | None, kinds: Sequence[str]) -> str:
    loc = detail["loc"][1:] if detail["loc"] and detail["loc"][0] in kinds else detail["loc"]
    key, owner = _walk(prefix, loc, model)
    name = str(loc[-1]) if loc else prefix
    kind = detail["type"]
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        return f"{key} is not known; {did_you_mean(name, owner.model_fields if owner else ())}"
    if kind == "union_tag_not_found":
        return f"{key}.kind is missing; it must be {_either(kinds)}"
    if kind == "union_tag_invalid":
        value = detail["input"].get("kind") if isinstance(detail["input"], dict) else None
        return f"{key}.kind{shown('kind', value)}: must be {_either(kinds)}"
    return f"{key}{shown(key, detail['input'])}: {_allowed(detail, owner, name)}"


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(f'"{one}"' for one in kinds)


def _walk(prefix: str, loc: tuple[int | str, ...], model: type[BaseModel] | None) -> tuple[str, type[BaseModel] | None]:
    """The key path, and the model that owns its last part."""
    key, owner = prefix, model
    for place, part in enumerate(loc, start=1):
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
        if owner is not None and place < len(loc) and part in owner.model_fields:
            owner = _nested(owner.model_fields[part].annotation) or owner
    return key, owner


def _nested(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Fault`, `tuple[Fault, ...]`, `dict[str, Product]` or `EvsePoi | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _nested(inner))), None)


def _allowed(detail: ErrorDetails, owner: type[BaseModel] | None, name: str) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}"
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}".replace("'", '"')
    if kind == "value_error":
        return str(context["error"])
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return _range(owner, name) or detail["msg"]
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    return detail["msg"]


def _range(owner: type[BaseModel] | None, name: str) -> str | None:
    if owner is None or name not in owner.model_fields:
        return None
    rules: list[Any] = owner.model_fields[name].metadata
    bound = {word: getattr(rule, word) for rule in rules for word in _BOUNDS if hasattr(rule, word)}
    if bound.keys() == {"ge", "le"}:
        return f"must be from {bound['ge']} to {bound['le']}"
    return "must be " + " and ".join(f"{text} {bound[word]}" for word, text in _BOUNDS.items() if word in bound)
