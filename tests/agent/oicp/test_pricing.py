"""Prices are what OICP wants, as exact decimals."""

import json
from decimal import Decimal

import pytest
from pydantic import ValidationError

from roampost.domain import pricing as domain
from roampost.domain.poi import Days, Opening
from roampost.hubs.oicp.pricing import FEE, UNIT, evse_pricing_request, products_request
from tests.agent.oicp import samples
from tests.agent.oicp.openapi import needs_openapi, schema_errors
from tests.agent.oicp.overlay_poi import evse_pricing_problems, products_problems

DAY = domain.PricingProduct(
    product_id="AC3 day",
    price=Decimal("0.49"),
    unit=domain.Unit.KWH,
    currency="EUR",
    max_power_w=22_500,
    times=(Opening(on=Days.EVERYDAY, begin="06:00", end="22:00"),),
    fees=(domain.Fee(kind=domain.FeeKind.PARKING, price=Decimal("2.00"), unit=domain.Unit.HOUR),),
)
ALWAYS = domain.PricingProduct(
    product_id="AC1", price=Decimal("0.10"), unit=domain.Unit.MINUTE, currency="EUR", max_power_w=50_000
)
PRICES = domain.PriceList(
    provider="*",
    default_price=Decimal("0.50"),
    default_unit=domain.Unit.KWH,
    currency="EUR",
    products=(DAY, ALWAYS),
)
EVSES = (
    domain.EvsePricing(evse_id="DE*ABC*E1", provider="*", products=("AC3 day", "AC1")),
    domain.EvsePricing(evse_id="DE*ABC*E2", provider="DE-8EO", products=("AC1",)),
)


def test_products_in_the_hubs_words_and_prices_to_the_cent() -> None:
    path, body = products_request(samples.OPERATOR, "fullLoad", PRICES)
    assert path == "/dynamicpricing/v10/operators/DE%2AABC/pricing-products"
    data = json.loads(body, parse_float=str, parse_int=str)["PricingProductData"]
    assert (data["ProviderID"], data["PricingDefaultPrice"]) == ("*", "0.50")
    assert data["PricingProductDataRecords"] == [
        {
            "ProductID": "AC3 day",
            "ReferenceUnit": "KILOWATT_HOUR",
            "ProductPriceCurrency": "EUR",
            "PricePerReferenceUnit": "0.49",
            "MaximumProductChargingPower": "22.5",
            "IsValid24hours": False,
            "ProductAvailabilityTimes": [{"on": "Everyday", "Periods": [{"begin": "06:00", "end": "22:00"}]}],
            "AdditionalReferences": [
                {
                    "AdditionalReference": "PARKING FEE",
                    "AdditionalReferenceUnit": "HOUR",
                    "PricePerAdditionalReferenceUnit": "2.00",
                }
            ],
        },
        {
            "ProductID": "AC1",
            "ReferenceUnit": "MINUTE",
            "ProductPriceCurrency": "EUR",
            "PricePerReferenceUnit": "0.10",
            "MaximumProductChargingPower": "50",
            "IsValid24hours": True,
            "ProductAvailabilityTimes": [],
        },
    ]
    assert products_problems(body) == []


def test_which_evse_has_which_product() -> None:
    path, body = evse_pricing_request(samples.OPERATOR, "update", EVSES)
    assert path == "/dynamicpricing/v10/operators/DE%2AABC/evse-pricing"
    assert json.loads(body) == {
        "ActionType": "update",
        "EVSEPricing": [
            {"EvseID": "DE*ABC*E1", "ProviderID": "*", "EvseIDProductList": ["AC3 day", "AC1"]},
            {"EvseID": "DE*ABC*E2", "ProviderID": "DE-8EO", "EvseIDProductList": ["AC1"]},
        ],
    }
    assert evse_pricing_problems(body) == []


@needs_openapi
def test_both_pass_the_hubs_schema() -> None:
    products = products_request(samples.OPERATOR, "fullLoad", PRICES)[1]
    evses = evse_pricing_request(samples.OPERATOR, "fullLoad", EVSES)[1]
    assert schema_errors("eRoamingPushPricingProductData", products) == []
    assert schema_errors("eRoamingPushEVSEPricing", evses) == []


def test_every_unit_and_fee_has_a_word() -> None:
    assert set(UNIT) == set(domain.Unit)
    assert set(FEE) == set(domain.FeeKind)


@pytest.mark.parametrize(
    "prices",
    [
        pytest.param(PRICES.model_copy(update={"products": ()}), id="no product: a fullLoad would delete all"),
        pytest.param(PRICES.model_copy(update={"provider": "everybody"}), id="no such provider"),
        pytest.param(PRICES.model_copy(update={"currency": "€"}), id="no such currency"),
    ],
)
def test_what_the_hub_would_refuse_is_never_sent(prices: domain.PriceList) -> None:
    with pytest.raises(ValidationError):
        products_request(samples.OPERATOR, "fullLoad", prices)


def test_an_empty_list_of_evses_is_never_sent() -> None:
    with pytest.raises(ValidationError):
        evse_pricing_request(samples.OPERATOR, "fullLoad", ())
