"""The shapes of the two pricing pushes."""

from roampost_sim.hub.oicp.shapes import (
    DAYS,
    PERIODS,
    PRODUCT_ID,
    PROVIDER_ID_OR_ALL,
    PUSH_ACTION,
)
from roampost_sim.hub.shapes import (
    EVSE_ID,
    OPERATOR_ID,
    YES_NO,
    Schema,
    closed,
    listed,
    number,
    one_of,
    text,
    whole,
)

_CURRENCY = whole("[A-Z]{3}")
_UNIT = one_of("HOUR", "KILOWATT_HOUR", "MINUTE")
_PRICE: Schema = {"type": "number", "minimum": 0, "maximum": 1_000_000}
_EXTRA = closed(
    {
        "AdditionalReference": one_of("START FEE", "FIXED FEE", "PARKING FEE", "MINIMUM FEE", "MAXIMUM FEE"),
        "AdditionalReferenceUnit": _UNIT,
        "PricePerAdditionalReferenceUnit": _PRICE,
    }
)
_PRODUCT = closed(
    {
        "ProductID": PRODUCT_ID,
        "ReferenceUnit": _UNIT,
        "ProductPriceCurrency": _CURRENCY,
        "PricePerReferenceUnit": _PRICE,
        "MaximumProductChargingPower": number(10_000),
        "IsValid24hours": YES_NO,
        "ProductAvailabilityTimes": listed(closed({"Periods": PERIODS, "on": DAYS}), 50),
    },
    {"AdditionalReferences": listed(_EXTRA, 20)},
)
PUSH_PRODUCTS = closed(
    {
        "ActionType": PUSH_ACTION,
        "PricingProductData": closed(
            {
                "OperatorID": OPERATOR_ID,
                "ProviderID": PROVIDER_ID_OR_ALL,
                "PricingDefaultPrice": _PRICE,
                "PricingDefaultPriceCurrency": _CURRENCY,
                "PricingDefaultReferenceUnit": _UNIT,
                "PricingProductDataRecords": listed(_PRODUCT, 1000),
            },
            {"OperatorName": text(100)},
        ),
    }
)
_EVSE_PRICE = closed(
    {"EvseID": EVSE_ID, "ProviderID": PROVIDER_ID_OR_ALL, "EvseIDProductList": listed(PRODUCT_ID, 100, 1)}
)
PUSH_EVSE_PRICES = closed({"ActionType": PUSH_ACTION, "EVSEPricing": listed(_EVSE_PRICE, 10_000)})
