"""What the hub answers, operation by operation, held against the hub's own document."""

import pytest

from roampost_sim.hub.oicp.operations import NAMES
from tests.sim.hub.oicp.messages import (
    CARD,
    OTHER_CARD,
    VALID,
    Body,
    authorize,
    cdr,
    end,
    error,
    evse_data,
    price,
    product,
    progress,
    push_data,
    push_prices,
    push_products,
    start,
    status,
    stop,
)
from tests.sim.hub.oicp.openapi import complaints, needs_document
from tests.sim.hub.operator import CDR, DATA, NOTIFY, PRICES, PRODUCTS, START, STATUS, STOP, Operator

ACKNOWLEDGED = [
    (STATUS, status(("DE*ABC*E1", "Available"))),
    (DATA, push_data(evse_data())),
    (PRODUCTS, push_products(product())),
    (PRICES, push_prices(price("AC3"))),
]


async def opened(operator: Operator) -> str:
    return str((await operator.post(START, authorize(CPOPartnerSessionID="ours"))).json()["SessionID"])


@needs_document
@pytest.mark.parametrize(("path", "body"), ACKNOWLEDGED, ids=[path.rpartition("/")[2] for path, _ in ACKNOWLEDGED])
async def test_a_push_is_acknowledged_as_the_document_says(operator: Operator, path: str, body: Body) -> None:
    answer = await operator.post(path, body)
    assert (answer.code, complaints("eRoamingAcknowledgment", answer.json())) == ("000", [])


@needs_document
async def test_a_session_is_answered_as_the_document_says(operator: Operator) -> None:
    session_id = await opened(operator)
    for told in (start, progress, error, end):
        answer = await operator.post(NOTIFY, told(session_id))
        assert (answer.code, complaints("eRoamingAcknowledgment", answer.json())) == ("000", [])
    for code in ("000", "400"):
        answer = await operator.post(CDR, cdr(session_id))
        assert (answer.code, complaints("eRoamingAcknowledgment", answer.json())) == (code, [])


@needs_document
@pytest.mark.parametrize("uid", [CARD, OTHER_CARD], ids=["yes", "no"])
async def test_an_authorization_is_answered_as_the_document_says(operator: Operator, uid: str) -> None:
    started = await operator.post(START, authorize(uid))
    assert complaints("eRoamingAuthorizationStart", started.json()) == []
    stopped = await operator.post(STOP, stop(await opened(operator), uid))
    assert complaints("eRoamingAuthorizationStop", stopped.json()) == []


def test_there_is_a_right_message_of_every_operation() -> None:
    assert set(VALID) == set(NAMES)
