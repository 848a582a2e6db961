"""What the description says of OICP, held against the service by schemathesis: right and wrong requests made from it
are never answered with an error of ours, and always as it says."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import response_headers_conformance, response_schema_conformance
from starlette.types import ASGIApp, Receive, Scope, Send

from roampost.hubs.oicp.inbound import OicpInbound
from roampost.inbound.app import Bounds, HubRoutes, InboundApp
from roampost.inbound.caller import CALLER
from roampost.inbound.decisions import Decisions
from roampost.inbound.limits import Rates
from tests.agent.inbound.described import CHECKS, DOCUMENT, MODES, SCHEMA, often
from tests.agent.inbound.place import OIOI, PATIENT_S, PREFIX, Says
from tests.agent.oicp.requests_in import EVSE, PATH_OF, PROVIDER, request

PATHS = [path for path in DOCUMENT["paths"] if path != OIOI]


def named_by_tls(app: ASGIApp) -> ASGIApp:
    """What a connection does: says who calls."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":  # schemathesis asks for a lifespan too, uvicorn is told not to
            await app({**scope, "state": {CALLER: "hubject"}}, receive, send)

    return named


def door(station: Says, *, per_minute: int = 1_000_000) -> ASGIApp:
    rates = Rates(per_minute=per_minute, per_address=per_minute, mono_s=lambda: 0.0)
    dialect = OicpInbound("hubject", [EVSE])
    routes = HubRoutes(dialect, PREFIX, Decisions(station, most=4), rates, Bounds(16_384, PATIENT_S))
    return named_by_tls(InboundApp({"hubject": routes}))


def test_the_description_has_our_paths_and_no_others() -> None:
    assert set(PATHS) == set(OicpInbound.paths)
    assert DOCUMENT["servers"][0]["url"] == PREFIX


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", PATHS)
def test_the_service_survives_schemathesis(path: str, mode: Any) -> None:
    station = Says()
    app = door(station)
    statuses: set[int] = set()

    @often
    @given(case=SCHEMA[path]["POST"].as_strategy(generation_mode=mode), same=st.booleans())
    def survives(case: Any, same: bool) -> None:
        if same and isinstance(case.body, dict) and isinstance(case.body.get("ProviderID"), str):
            case.path_parameters["provider_id"] = case.body["ProviderID"] or "x"
            case.body["EvseID"] = EVSE
        response = case.call(app=app, base_url=f"http://localhost{PREFIX}")
        case.validate_response(response, checks=CHECKS)
        statuses.add(response.status_code)

    survives()
    # So that none of it was in vain: the right ones came through to the station, the wrong ones did not all.
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert 200 in statuses
        assert station.asked
    else:
        assert 400 in statuses


@pytest.mark.parametrize("path", PATHS)
def test_no_other_method_is_taken(path: str) -> None:
    case = SCHEMA[path]["POST"].Case(path_parameters={"provider_id": PROVIDER}, method="PUT", body={})
    response = case.call(app=door(Says()), base_url=f"http://localhost{PREFIX}")
    assert response.status_code == 405
    case.validate_response(response, checks=[response_schema_conformance, response_headers_conformance])


def test_a_denial_is_answered_as_described() -> None:
    app = door(Says(), per_minute=1)
    case = _right_case("eRoamingAuthorizeRemoteStart")
    answers = [case.call(app=app, base_url=f"http://localhost{PREFIX}") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    case.validate_response(answers[1], checks=CHECKS)


@pytest.mark.parametrize("name", PATH_OF)
def test_the_requests_of_the_other_tests_are_as_described(name: str) -> None:
    response = _right_case(name).call(app=door(Says()), base_url=f"http://localhost{PREFIX}")
    assert response.status_code == 200


def _right_case(name: str) -> Any:
    make: Callable[..., Any] = SCHEMA[PATH_OF[name]]["POST"].Case
    return make(path_parameters={"provider_id": PROVIDER}, body=request(name), media_type="application/json")
