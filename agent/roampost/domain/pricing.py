"""What charging costs, in nobody's protocol: products, and which EVSE has which. Prices are exact decimals."""

from decimal import Decimal
from enum import StrEnum

from roampost.domain.poi import Opening, Value


class Unit(StrEnum):
    """What a price is for."""

    KWH = "kwh"
    MINUTE = "minute"
    HOUR = "hour"


class FeeKind(StrEnum):
    """START comes on top; FIXED is the whole price; MINIMUM and MAXIMUM bound it; PARKING is for time."""

    START = "start"
    FIXED = "fixed"
    PARKING = "parking"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


class Fee(Value):
    kind: FeeKind
    price: Decimal
    unit: Unit


class PricingProduct(Value):
    """times: when it is sold; without them around the clock. max_power_w: up to which power."""

    product_id: str
    price: Decimal
    unit: Unit
    currency: str
    max_power_w: int
    times: tuple[Opening, ...] = ()
    fees: tuple[Fee, ...] = ()


class PriceList(Value):
    """provider: who may read it, "*" is everybody. The default price is for EVSEs that have no product."""

    provider: str
    default_price: Decimal
    default_unit: Unit
    currency: str
    products: tuple[PricingProduct, ...]


class EvsePricing(Value):
    """The products of one EVSE."""

    evse_id: str
    provider: str
    products: tuple[str, ...]
