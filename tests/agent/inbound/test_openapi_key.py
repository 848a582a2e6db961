"""What the description says of OIOI, held against the service by schemathesis, as for OICP; and it is what the schemas
say that were written from the protocol's facts."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from schemathesis.specs.openapi.checks import response_headers_conformance, response_schema_conformance
from starlette.types import ASGIApp, Receive, Scope, Send

from roampost.inbound.decisions import Decisions
from roampost.inbound.service import InboundService
from tests.agent.inbound.described import CHECKS, DOCUMENT, MODES, SCHEMA, often
from tests.agent.inbound.place import OIOI, Callers, Says, keyed, settings, shows
from tests.agent.oioi import schemas_in as schemas
from tests.agent.oioi.requests_in import CALLS, EVSE, request

BASE = "http://localhost"


@pytest.fixture
def station() -> Says:
    return Says()


def door(callers: Callers, folder: Path, station: Says, **changes: Any) -> ASGIApp:
    """As for a connection without a certificate."""
    inbound = settings(callers, requests_per_minute=60_000, address_requests_per_minute=60_000, **changes)
    service = InboundService(inbound, [keyed(folder)], station)
    app = service.app(Decisions(station, most=4))

    async def unnamed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":  # schemathesis asks for a lifespan too, uvicorn is told not to
            await app(scope, receive, send)

    return unnamed


def test_the_description_is_what_the_protocols_facts_say() -> None:
    described = DOCUMENT["components"]["schemas"]
    assert described["OioiRequest"] == schemas.REQUEST
    assert described["OioiAnswer"] == {"anyOf": list(schemas.ANSWERS.values())}
    assert described["OioiRefusal"] == schemas.REFUSAL


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_the_service_survives_schemathesis(callers: Callers, tmp_path: Path, station: Says, mode: Any) -> None:
    app = door(callers, tmp_path, station)
    statuses: set[int] = set()

    @often
    @given(case=SCHEMA[OIOI]["POST"].as_strategy(generation_mode=mode))
    def survives(case: Any) -> None:
        members = next(iter(case.body.values()), None) if isinstance(case.body, dict) and case.body else None
        if isinstance(members, dict) and isinstance(members.get("connector-id"), str):
            members["connector-id"] = EVSE
        response = case.call(app=app, base_url=BASE, headers=shows())
        case.validate_response(response, checks=CHECKS)
        statuses.add(response.status_code)

    survives()
    # So that none of it was in vain: what is right by the description came through, what is not did not all.
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert statuses == {200}
        assert station.asked
    else:
        assert 400 in statuses


@pytest.mark.parametrize("call", CALLS)
def test_the_requests_of_the_other_tests_are_as_described(
    callers: Callers, tmp_path: Path, station: Says, call: str
) -> None:
    case = SCHEMA[OIOI]["POST"].Case(body=request(call), media_type="application/json")
    response = case.call(app=door(callers, tmp_path, station), base_url=BASE, headers=shows())
    assert response.status_code == 200
    case.validate_response(response, checks=CHECKS)


def test_who_shows_no_key_is_refused_as_described(callers: Callers, tmp_path: Path, station: Says) -> None:
    case = SCHEMA[OIOI]["POST"].Case(body=request("session-stop"), media_type="application/json")
    response = case.call(app=door(callers, tmp_path, station), base_url=BASE, headers={"Authorization": "key=x"})
    assert response.status_code == 401
    case.validate_response(response, checks=CHECKS)


def test_no_other_method_is_taken(callers: Callers, tmp_path: Path, station: Says) -> None:
    case = SCHEMA[OIOI]["POST"].Case(method="PUT", body={}, media_type="application/json")
    response = case.call(app=door(callers, tmp_path, station), base_url=BASE, headers=shows())
    assert response.status_code == 405
    case.validate_response(response, checks=[response_schema_conformance, response_headers_conformance])


def test_a_denial_is_answered_as_described(callers: Callers, tmp_path: Path, station: Says) -> None:
    app = door(callers, tmp_path, station)
    case = SCHEMA[OIOI]["POST"].Case(body=request("session-stop"), media_type="application/json")
    huge = json.dumps(request("rfid-post", rfids=["1234ABCD"] * 100_000))
    assert len(huge) > 1_048_576
    response = case.call(app=app, base_url=BASE, headers=shows(), data=huge)
    assert response.status_code == 413
    case.validate_response(response, checks=CHECKS)
