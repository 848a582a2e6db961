"""Prices to the two OICP requests that tell them: values in, (path below the hub's base URL, JSON body) out.

Raises pydantic.ValidationError for what OICP has no words for. Prices are written as the decimals that they are.
"""

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import quote

from roampost.domain import pricing as domain
from roampost.hubs.oicp import wire, wire_poi
from roampost.hubs.oicp.encode import Operator, Request
from roampost.hubs.oicp.poi import opening_times

UNIT: dict[domain.Unit, wire_poi.ReferenceUnit] = {
    domain.Unit.KWH: "KILOWATT_HOUR",
    domain.Unit.MINUTE: "MINUTE",
    domain.Unit.HOUR: "HOUR",
}
FEE: dict[domain.FeeKind, wire_poi.AdditionalReference] = {
    domain.FeeKind.START: "START FEE",
    domain.FeeKind.FIXED: "FIXED FEE",
    domain.FeeKind.PARKING: "PARKING FEE",
    domain.FeeKind.MINIMUM: "MINIMUM FEE",
    domain.FeeKind.MAXIMUM: "MAXIMUM FEE",
}


def products_request(operator: Operator, action: wire_poi.ActionType, prices: domain.PriceList) -> Request:
    """eRoamingPushPricingProductData v1.0."""
    push = wire_poi.PushPricingProductData(
        ActionType=action,
        PricingProductData=wire_poi.PricingProductData(
            OperatorID=operator.operator_id,
            OperatorName=operator.name,
            ProviderID=prices.provider,
            PricingDefaultPrice=prices.default_price,
            PricingDefaultPriceCurrency=prices.currency,
            PricingDefaultReferenceUnit=UNIT[prices.default_unit],
            PricingProductDataRecords=tuple(map(_product, prices.products)),
        ),
    )
    return _path("pricing-products", operator), wire.to_json(push)


def evse_pricing_request(
    operator: Operator, action: wire_poi.ActionType, pricing: Iterable[domain.EvsePricing]
) -> Request:
    """eRoamingPushEVSEPricing v1.0."""
    push = wire_poi.PushEvsePricing(
        ActionType=action,
        EVSEPricing=tuple(
            wire_poi.EvsePricing(EvseID=one.evse_id, ProviderID=one.provider, EvseIDProductList=one.products)
            for one in pricing
        ),
    )
    return _path("evse-pricing", operator), wire.to_json(push)


def _path(what: str, operator: Operator) -> str:
    return f"/dynamicpricing/v10/operators/{quote(operator.operator_id, safe='')}/{what}"


def _product(product: domain.PricingProduct) -> wire_poi.PricingProductDataRecord:
    return wire_poi.PricingProductDataRecord.model_validate(
        {
            "ProductID": product.product_id,
            "ReferenceUnit": UNIT[product.unit],
            "ProductPriceCurrency": product.currency,
            "PricePerReferenceUnit": product.price,
            "MaximumProductChargingPower": Decimal(product.max_power_w).scaleb(-3).normalize(),
            "IsValid24hours": not product.times,
            "ProductAvailabilityTimes": opening_times(product.times, periods="Periods"),
            "AdditionalReferences": tuple(map(_fee, product.fees)) or None,
        }
    )


def _fee(fee: domain.Fee) -> dict[str, object]:
    return {
        "AdditionalReference": FEE[fee.kind],
        "AdditionalReferenceUnit": UNIT[fee.unit],
        "PricePerAdditionalReferenceUnit": fee.price,
    }
