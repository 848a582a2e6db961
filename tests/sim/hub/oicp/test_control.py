"""What only an OICP hub knows on its control socket, over a real unix socket."""

import pytest

from roampost_sim.hub.oicp import SandboxHub
from tests.sim.hub.conftest import Console
from tests.sim.hub.oicp.messages import (
    CARD,
    EVSE,
    OTHER_CARD,
    authorize,
    card,
    evse_data,
    price,
    product,
    push_data,
    push_prices,
    push_products,
    status,
    stop,
)
from tests.sim.hub.operator import DATA, PRICES, PRODUCTS, START, STATUS, STOP, WHITELIST, Operator


async def test_questions_are_answered(hub: SandboxHub, operator: Operator, console: Console) -> None:
    await operator.post(START, authorize())
    await operator.post(STATUS, status((EVSE, "Occupied"), ("DE*ABC*E2", "Available")))
    await hub.wait_for(lambda: len(hub.record) == 2)
    (session,) = (await console(ask="sessions"))["sessions"]
    assert (session["evse_id"], session["uid"], session["cdr"], session["told"]) == (EVSE, "04…80", False, [])
    statuses = (await console(ask="statuses"))["statuses"]
    assert [held["status"] for held in statuses] == ["Occupied", "Available"]
    assert (await console(ask="violations"))["violations"] == ["bundle: changes are pushed one at a time"]
    assert len((await console(ask="record"))["record"]) == 2
    (last,) = (await console(ask="record", last=1))["record"]
    assert last["operation"] == "PushEvseStatus"
    assert (await console(ask="record", last=0))["record"] == []
    assert (await console(ask="where"))["url"] == hub.url
    assert "hang_after" in (await console(ask="kinds"))["kinds"]


async def test_a_card_can_be_blocked_and_known_again(operator: Operator, console: Console) -> None:
    for word, code in (("blocked", "200"), ("unknown", "102"), ("known", "000")):
        assert await console(do="card", uid=CARD, **{"is": word}) == {"ok": True}
        assert (await operator.post(START, authorize())).code == code


async def test_who_else_may_stop_an_open_session_can_be_changed(operator: Operator, console: Console) -> None:
    session_id = (await operator.post(START, authorize())).json()["SessionID"]
    for others, code in (([], "102"), ([OTHER_CARD], "000")):
        assert await console(do="stop_cards", uid=CARD, others=others) == {"ok": True}
        assert (await operator.post(STOP, stop(session_id, OTHER_CARD))).code == code
    body = (await operator.post(START, authorize())).json()
    assert body["AuthorizationStopIdentifications"] == [card(OTHER_CARD)]


async def test_what_the_hub_holds_of_evses_and_prices_is_told(operator: Operator, console: Console) -> None:
    await operator.post(DATA, push_data(evse_data()))
    await operator.post(PRODUCTS, push_products(product()))
    await operator.post(PRICES, push_prices(price("night")))
    assert (await console(ask="evse_data"))["evse_data"] == [evse_data()]
    assert (await console(ask="products"))["products"] == [{"operator": "DEABC", "provider": "*"} | product()]
    assert (await console(ask="evse_prices"))["evse_prices"] == [
        {"evse": "DEABCE1", "provider": "*", "products": ["night"]}
    ]


async def test_rate_limits_can_be_switched(operator: Operator, console: Console) -> None:
    assert await console(do="rate_limits", on=True, retry_after="none") == {"ok": True}
    answers = [await operator.post(WHITELIST, {"OperatorID": "DE*ABC"}) for _ in range(7)]
    assert (answers[-1].status, answers[-1].headers.get("Retry-After")) == (429, None)
    assert (await console(ask="rates"))["rates"] == {"DEABC": {"PullAuthenticationData": {"used": 6, "limit": 6}}}
    await console(do="rate_limits", on=False)
    assert (await operator.post(WHITELIST, {"OperatorID": "DE*ABC"})).status == 200


async def test_the_whitelist_can_be_replaced_and_given_back(operator: Operator, console: Console) -> None:
    async def pulled() -> int:
        answer = await operator.post(WHITELIST, {"OperatorID": "DE*ABC"})
        told = answer.json()["AuthenticationData"]["ProviderAuthenticationData"]
        return sum(len(provider["AuthenticationDataRecord"]) for provider in told)

    assert await pulled() == 2
    assert await console(do="whitelist", records=[card("11223344")]) == {"ok": True}
    assert await pulled() == 1
    await console(do="whitelist", records=None)
    assert await pulled() == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"do": "rate_limits"}', '"rate_limits" needs "on"'),
        (b'{"do": "rate_limits", "on": true, "retry_after": "soon"}', "seconds | date | none"),
        (b'{"do": "whitelist"}', '"whitelist" needs its "records"'),
        (b'{"do": "whitelist", "records": [1]}', "a list of Identification objects"),
        (b'{"do": "stop_cards", "uid": "04", "others": [7]}', '"stop_cards" needs "uid" and "others"'),
    ],
)
async def test_what_is_not_understood_gets_a_sentence(console: Console, line: bytes, sentence: str) -> None:
    answer = await console.line(line)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer
