"""[pricing]: products and which EVSE has which. Without it no prices are told."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from roampost.config.identifiers import is_provider_id
from roampost.config.section import EvseId, Section
from roampost.domain import pricing as domain
from roampost.domain.poi import Opening

if TYPE_CHECKING:
    from roampost.config.model import Config

_W_PER_KW = 1000
_ALL: Literal["*"] = "*"


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("must be a currency code of three capital letters such as EUR")
    return text


def _provider(text: str) -> str:
    if text != _ALL and not is_provider_id(text):
        raise ValueError('must be a ProviderID such as DE-8EO, or "*" for every provider')
    return text


Currency = Annotated[str, AfterValidator(_currency), Field(description="ISO 4217")]
Price = Annotated[Decimal, Field(ge=0, lt=1_000_000, max_digits=12)]
# "*" is every provider.
Provider = Annotated[str, AfterValidator(_provider)]
# Hubs have no room for longer ones.
ProductId = Annotated[str, Field(min_length=1, max_length=50)]


class Fee(Section):
    kind: domain.FeeKind
    price: Price
    unit: domain.Unit = domain.Unit.HOUR


class Product(Section):
    """Sold at `times`, without them around the clock."""

    price: Price
    unit: domain.Unit = domain.Unit.KWH
    currency: Currency | None = Field(default=None, description="else that of [pricing]")
    max_power_kw: Annotated[Decimal, Field(gt=0, lt=1000, max_digits=9)]
    times: tuple[Opening, ...] = ()
    fees: tuple[Fee, ...] = ()


class Pricing(Section):
    """provider: for which of them; "*" is all. default_price: where an EVSE has no product."""

    provider: Provider = _ALL
    currency: Currency = "EUR"
    default_price: Price
    default_unit: domain.Unit = domain.Unit.KWH
    products: dict[ProductId, Product] = Field(min_length=1)
    evses: dict[Literal["*"] | EvseId, tuple[ProductId, ...]] = Field(
        default={}, description='the products of an EVSE, or of all others ("*")'
    )


def price_list(config: "Config") -> domain.PriceList | None:
    """None without [pricing]."""
    if config.pricing is None:
        return None
    pricing = config.pricing
    return domain.PriceList(
        provider=pricing.provider,
        default_price=pricing.default_price,
        default_unit=pricing.default_unit,
        currency=pricing.currency,
        products=tuple(_product(name, one, pricing.currency) for name, one in pricing.products.items()),
    )


def evse_prices(config: "Config") -> dict[str, domain.EvsePricing]:
    """By EVSE id, in the file's order; an EVSE without a product is not in it."""
    if config.pricing is None:
        return {}
    products, provider = config.pricing.evses, config.pricing.provider
    found = {one.id: products.get(one.id, products.get(_ALL, ())) for one in config.evse}
    return {
        evse_id: domain.EvsePricing(evse_id=evse_id, provider=provider, products=names)
        for evse_id, names in found.items()
        if names
    }


def _product(name: str, product: Product, currency: str) -> domain.PricingProduct:
    return domain.PricingProduct(
        product_id=name,
        price=product.price,
        unit=product.unit,
        currency=product.currency or currency,
        max_power_w=int(product.max_power_kw * _W_PER_KW),
        times=product.times,
        fees=tuple(domain.Fee(kind=one.kind, price=one.price, unit=one.unit) for one in product.fees),
    )
