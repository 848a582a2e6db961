"""The hub's own OpenAPI document, where it lies beside the project: each of its types as a judge of messages."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

_DOCUMENT = Path(__file__).parents[5] / "shared/spec/oicp-2.3-cpo.openapi.json"
needs_document = pytest.mark.skipif(not _DOCUMENT.exists(), reason=f"{_DOCUMENT.name} is not beside the project")


@cache
def types() -> dict[str, Any]:
    components = json.loads(_DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]
    assert isinstance(components, dict)
    return components


def type_name(operation: str) -> str:
    """What the document calls an operation of the hub."""
    return "eRoaming" + operation.replace("ChargingNotifications/", "ChargingNotification")


def complaints(name: str, body: object) -> list[str]:
    """What the document's type of this name finds wrong."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": types()}}
    return [error.message for error in Draft202012Validator(schema).iter_errors(body)]
