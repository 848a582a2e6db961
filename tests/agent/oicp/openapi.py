"""The hub's own OpenAPI file as validators, by name; skips where the file is not beside the project.

The file has no pull operations: their schemas are in `schemas/`, written from OICP's prose.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

OWN = Path(__file__).parent / "schemas"
FILE = Path(__file__).parents[3].parent / "shared" / "spec" / "oicp-2.3-cpo.openapi.json"
needs_openapi = pytest.mark.skipif(
    not FILE.exists(), reason="the hub's OpenAPI file oicp-2.3-cpo.openapi.json is absent"
)


@cache
def validator(name: str) -> Draft202012Validator:
    components: Any = json.loads(FILE.read_text())["components"]
    assert name in components["schemas"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


def schema_errors(name: str, sent: str | bytes) -> list[str]:
    return [error.message for error in validator(name).iter_errors(json.loads(sent))]


def unknown_keys(name: str, sent: str | bytes) -> set[str]:
    """Fields that the hub's schema does not have; it lets them pass, and the live hub does not."""
    components: Any = json.loads(FILE.read_text())["components"]
    return set(json.loads(sent)) - set(components["schemas"][name]["properties"])


def own_schema_errors(name: str, sent: str | bytes) -> list[str]:
    schema = json.loads((OWN / name).read_text())
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(sent))]
