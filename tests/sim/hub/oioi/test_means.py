"""OIOI's calls in words that are no protocol's own; what is wrong in any way is not understood, and never an error."""

from typing import Any

import pytest

from roampost_sim.hub.means import WHATS
from roampost_sim.hub.oioi.means import understood
from tests.sim.hub.oioi.messages import EVSE, VALID, ended, evco, final, post_station, running, status


@pytest.mark.parametrize(("call", "content"), [(call, each) for call, bodies in VALID.items() for each in bodies])
def test_every_right_call_is_understood(call: str, content: Any) -> None:
    meant = understood(call, content)
    assert meant is not None
    assert meant["what"] in WHATS


@pytest.mark.parametrize(
    ("content", "earlier", "what"),
    [
        (running(), [], "start"),
        (running(), [running()], "start"),
        (running(energy_consumed=1), [running()], "progress"),
        (running(), [running(energy_consumed=1), running()], "progress"),
        (ended(), [], "end"),
        (ended(), [running()], "end"),
        (final(), [running(), ended()], "cdr"),
        (final(charging_interval=None), [], "cdr"),
    ],
)
def test_a_session_post_means_what_is_new_in_it(content: Any, earlier: list[Any], what: str) -> None:
    meant = understood("session-post", content, earlier)
    assert meant is not None
    assert meant["what"] == what


def test_a_deletion_is_told() -> None:
    assert understood("station-post", post_station(deleted=True)) == {
        "what": "evse_data",
        "evse_ids": [EVSE],
        "deleted": True,
    }


@pytest.mark.parametrize(
    ("call", "content", "meant"),
    [
        ("session-start", {"connector-id": EVSE, "user": evco()}, {"evse_id": EVSE, "user": "DE…-3"}),
        ("rfid-post", {"rfids": ["A", "B"], "partner-identifier": "p"}, {"cards": 2}),
        ("rfid-post", {"rfids": []}, {"cards": 0}),
        ("reservation-start", {"connector-id": EVSE, "identifier": [{"evco-id": "DE-8EO-X"}]}, {"user": "DE…-X"}),
        ("connector-post-status", status("OutOfService"), {"status": "OutOfService"}),
        ("connector-post-status", status("Broken"), {"status": None}),
        ("connector-post-status", {"status": ["Offline"], "connector-id": {}}, {"status": None, "evse_id": None}),
        ("station-post", {"station": {"connectors": [7, {"id": 7}, {}]}}, {"evse_ids": []}),
        ("session-post", {"energy-consumed": True, "session-interval": []}, {"energy_wh": None, "what": "start"}),
        ("rfid-verify", None, {"what": "authorize", "user": None}),
    ],
)
def test_what_can_be_understood_is_told(call: str, content: Any, meant: dict[str, Any]) -> None:
    told = understood(call, content)
    assert told is not None
    assert {name: told.get(name) for name in meant} == meant


def test_a_call_that_nobody_knows_means_nothing() -> None:
    assert understood(None, None) is None
    assert understood("station-get", {}) is None
