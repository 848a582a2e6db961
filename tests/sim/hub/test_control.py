"""The control socket: faults and questions over a real unix socket, and a sentence for what is not understood."""

import asyncio
from pathlib import Path

import pytest

from roampost_sim.hub import SandboxHub
from roampost_sim.hub.control import ControlSocket
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


async def test_a_fault_is_set_and_cleared(hub: SandboxHub, operator: Operator, console: Console) -> None:
    assert await console(do="fault", kind="http_5xx", status=502, operation="PushEvseStatus") == {"ok": True, "id": 1}
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 502
    (told,) = (await console(ask="faults"))["faults"]
    assert (told["id"], told["kind"], told["status"]) == (1, "http_5xx", 502)
    assert await console(do="clear", id=1) == {"ok": True}
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 200


async def test_a_refusal_for_seconds_ends_by_itself(hub: SandboxHub, operator: Operator, console: Console) -> None:
    assert (await console(do="fault", kind="refuse", seconds=0.2))["ok"]
    await hub.wait_for(lambda: not hub.faults)
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 200


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
        (b"help", "The line is not JSON"),
        (b"\xff", "The line is not JSON"),
        (b"[" * 60_000, "The line is not JSON"),
        (b"[]", "A command is one JSON object"),
        (b"{}", 'A command has "do" or "ask".'),
        (
            b'{"do": "explode"}',
            "The hub cannot do 'explode'; it can do: fault, clear, card, ",
        ),
        (b'{"ask": "weather"}', "The hub cannot ask 'weather'"),
        (b'{"ask": "sessions", "of": 1}', "The command has no 'of'; it has: nothing more."),
        (b'{"ask": "record", "last": -1}', '"last" is a whole number'),
        (b'{"do": "fault"}', 'A fault needs its "kind"'),
        (b'{"do": "fault", "kind": "explode"}', "There is no fault 'explode'"),
        (b'{"do": "fault", "kind": "hang", "requests": "two"}', "requests must be a whole number"),
        (b'{"do": "fault", "kind": "hang", "operation": []}', "There is no operation []"),
        (b'{"do": "fault", "kind": "hang", "self": 1}', "has no parameter 'self'"),
        (b'{"do": "clear", "id": "all"}', '"id" is the number'),
        (b'{"do": "rate_limits"}', '"rate_limits" needs "on"'),
        (b'{"do": "rate_limits", "on": true, "retry_after": "soon"}', "seconds | date | none"),
        (b'{"do": "whitelist"}', '"whitelist" needs its "records"'),
        (b'{"do": "whitelist", "records": [1]}', "a list of Identification objects"),
        (b'{"do": "card", "uid": 7, "is": "known"}', 'A card needs "uid" and "is"'),
        (b'{"do": "stop_cards", "uid": "04", "others": [7]}', '"stop_cards" needs "uid" and "others"'),
    ],
)
async def test_what_is_not_understood_gets_a_sentence(console: Console, line: bytes, sentence: str) -> None:
    answer = await console.line(line)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer


async def test_questions_refuse_extra_words_even_when_there_is_nothing_to_tell(console: Console) -> None:
    for question in ("sessions", "statuses", "faults", "violations", "where"):
        assert not (await console(ask=question, more=1))["ok"]


async def test_a_socket_left_behind_is_replaced_and_a_file_is_not(hub: SandboxHub, tmp_path: Path) -> None:
    path = tmp_path / "again"
    left = await asyncio.start_unix_server(lambda reader, writer: None, path)
    left.close()
    async with ControlSocket(hub, path):
        reader, writer = await asyncio.open_unix_connection(path)
        assert (await Console(reader, writer)(ask="where"))["ok"]
        writer.close()
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(OSError, match="in use"):
        async with ControlSocket(hub, path):
            pass
    assert path.read_text(encoding="utf-8") == "precious"
