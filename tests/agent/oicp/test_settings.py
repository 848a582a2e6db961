"""A hub's settings are well formed or refused in words."""

from dataclasses import replace
from typing import Any

import pytest

from roampost.hubs.oicp.settings import OicpSettings


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://service.hubject.com/api/oicp"},
        {"url": "https://service-qa.hubject.com:8443/api/oicp/"},
        {"url": "https://[::1]:443"},
        {"operator_id": "DEABC"},
        {"operator_id": "+49*536"},
        {"operator_name": None},
    ],
)
def test_accepted(settings: OicpSettings, change: dict[str, Any]) -> None:
    assert replace(settings, **change) != settings


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"url": "http://service.hubject.com/api/oicp"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user:secret@host/"}, "url"),
        ({"url": "https://host/api?x=1"}, "url"),
        ({"url": "https://host:99999/"}, "url"),
        ({"url": f"https://{'x' * 64}.example/"}, "url"),
        ({"url": "https://host/\n"}, "url"),
        ({"operator_id": "DE*ABCD"}, "operator_id"),
        ({"operator_id": "DE*ABC\n"}, "operator_id"),
        ({"operator_id": ""}, "operator_id"),
        ({"operator_name": ""}, "operator_name"),
        ({"operator_name": "x" * 101}, "operator_name"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": 121}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
    ],
)
def test_refused_in_words(settings: OicpSettings, change: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=f"hub hubject: {word} "):
        replace(settings, **change)
