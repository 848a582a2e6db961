"""The two pricing pushes: an operator's products, and which of them are valid at which EVSE."""

from roampost_sim.hub.identifiers import bare, belongs, inconsistent
from roampost_sim.hub.oicp.replies import acknowledge, refuse
from roampost_sim.hub.oicp.state import Call, HubState
from roampost_sim.hub.replies import Reply

# These need no product of one's own.
STANDARD_PRODUCTS = frozenset({"Standard Price", "AC1", "AC3", "DC"})


def push_products(state: HubState, call: Call) -> Reply:
    """fullLoad replaces all products of the operator, whichever provider they are for."""
    pushed = call.body["PricingProductData"]
    ours, provider = bare(call.operator_id), _provider(pushed["ProviderID"])
    names = [record["ProductID"] for record in pushed["PricingProductDataRecords"]]
    if len(set(names)) < len(names):
        return refuse(call.body, "022", "a ProductID is there twice")
    if call.body["ActionType"] == "fullLoad":
        for key in [key for key in state.products if key[0] == ours]:
            del state.products[key]
    for record in pushed["PricingProductDataRecords"]:
        key = (ours, provider, record["ProductID"])
        if call.body["ActionType"] == "delete":
            state.products.pop(key, None)
        else:
            state.products[key] = record
    return acknowledge(call.body)


def push_evse_prices(state: HubState, call: Call) -> Reply:
    """An EVSE may be there once for each provider."""
    records, action = call.body["EVSEPricing"], call.body["ActionType"]
    for provider in {_provider(record["ProviderID"]) for record in records}:
        named = [record["EvseID"] for record in records if _provider(record["ProviderID"]) == provider]
        problem = inconsistent(named, call.operator_id)
        if problem:
            return refuse(call.body, "018", problem)
    if action == "fullLoad":
        for key in [key for key in state.evse_prices if belongs(key[0], call.operator_id)]:
            del state.evse_prices[key]
    for record in records:
        key = (bare(record["EvseID"]), _provider(record["ProviderID"]))
        if action == "delete":
            state.evse_prices.pop(key, None)
        else:
            state.evse_prices[key] = tuple(record["EvseIDProductList"])
    return acknowledge(call.body, () if action == "delete" else _unknown_products(state, call))


def _provider(provider_id: str) -> str:
    """`*` is for all providers."""
    return provider_id if provider_id == "*" else bare(provider_id)


def _unknown_products(state: HubState, call: Call) -> tuple[str, ...]:
    known = STANDARD_PRODUCTS | {
        product for operator, _, product in state.products if operator == bare(call.operator_id)
    }
    named = {product for record in call.body["EVSEPricing"] for product in record["EvseIDProductList"]}
    return tuple(f"pricing: {product} is no product that was pushed" for product in sorted(named - known))
