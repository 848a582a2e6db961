"""The two pricing pushes over real TLS."""

from roampost_sim.hub.oicp import SandboxHub
from tests.sim.hub.oicp.messages import EVSE, price, product, push_prices, push_products
from tests.sim.hub.operator import PRICES, PRODUCTS, Operator


async def test_products_are_kept_for_each_provider(hub: SandboxHub, operator: Operator) -> None:
    assert (await operator.post(PRODUCTS, push_products(product("night"), product("day")))).code == "000"
    await operator.post(PRODUCTS, push_products(product("night"), action="insert", ProviderID="DE-8EO"))
    await operator.post(PRODUCTS, push_products(product("day"), action="delete"))
    assert list(hub.state.products) == [("DEABC", "*", "night"), ("DEABC", "DE8EO", "night")]
    await operator.post(PRODUCTS, push_products(product("week")))
    assert list(hub.state.products) == [("DEABC", "*", "week")]
    assert hub.violations == []


async def test_a_product_that_is_there_twice_is_refused(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(PRODUCTS, push_products(product(), product()))
    assert (answer.json()["Result"], answer.code, hub.state.products) == (False, "022", {})


async def test_products_of_another_operator_are_not_authorized(operator: Operator) -> None:
    answer = await operator.post(PRODUCTS, push_products(product(), OperatorID="DE*XYZ"))
    assert (answer.status, answer.code) == (401, "017")


async def test_prices_are_kept_for_each_evse_and_provider(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(PRODUCTS, push_products(product("night")))
    body = push_prices(price("night", "AC3"), price("AC3", provider_id="DE-8EO"), action="insert")
    assert (await operator.post(PRICES, body)).code == "000"
    assert hub.state.evse_prices == {("DEABCE1", "*"): ("night", "AC3"), ("DEABCE1", "DE8EO"): ("AC3",)}
    await operator.post(PRICES, push_prices(price("AC3", provider_id="DE*8EO"), action="delete"))
    assert list(hub.state.evse_prices) == [("DEABCE1", "*")]
    await operator.post(PRICES, push_prices())
    assert (hub.state.evse_prices, hub.violations) == ({}, [])


async def test_prices_of_a_foreign_evse_or_of_one_twice_are_refused(hub: SandboxHub, operator: Operator) -> None:
    foreign = await operator.post(PRICES, push_prices(price("AC3", evse_id="DE*XYZ*E1")))
    twice = await operator.post(PRICES, push_prices(price("AC3"), price("DC", evse_id="DEABCE1")))
    assert (foreign.code, twice.code, hub.state.evse_prices) == ("018", "018", {})


async def test_a_price_by_a_product_that_was_never_pushed_is_recorded(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(PRICES, push_prices(price("noon", "AC3")))
    assert (answer.code, hub.violations) == ("000", ["pricing: noon is no product that was pushed"])


async def test_the_record_tells_which_evses_were_priced(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(PRICES, push_prices(price("AC3")))
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].told["EvseIDs"] == [EVSE]
