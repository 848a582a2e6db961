"""Prices as they are written: exact, in the currency of the site, for the EVSEs that have them."""

from decimal import Decimal
from pathlib import Path

import pytest

from roampost.config.load import ConfigError, load
from roampost.config.model import Config
from roampost.config.pricing import evse_prices, price_list
from roampost.domain import pricing as domain
from roampost.domain.poi import Days, Opening
from tests.agent.config.small_site import GOOD, TYPES, write
from tests.agent.config.told_site import told

EVSE = "DE*ABC*E1*1"


def config_of(folder: Path, *changes: tuple[str, str]) -> Config:
    return load(write(folder, told(*changes)), TYPES)


def test_a_site_without_pricing_tells_no_prices(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), TYPES)
    assert (price_list(config), evse_prices(config)) == (None, {})


def test_products_with_what_the_section_says_for_all(tmp_path: Path) -> None:
    assert price_list(config_of(tmp_path)) == domain.PriceList(
        provider="*",
        default_price=Decimal("0.5"),
        default_unit=domain.Unit.KWH,
        currency="EUR",
        products=(
            domain.PricingProduct(
                product_id="AC3", price=Decimal("0.490"), unit=domain.Unit.KWH, currency="EUR", max_power_w=22_080
            ),
            domain.PricingProduct(
                product_id="night",
                price=Decimal("0.3"),
                unit=domain.Unit.KWH,
                currency="CHF",
                max_power_w=11_000,
                times=(Opening(on=Days.EVERYDAY, begin="22:00", end="24:00"),),
                fees=(domain.Fee(kind=domain.FeeKind.PARKING, price=Decimal(2), unit=domain.Unit.HOUR),),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("written", "products"),
    [
        ('"*" = ["AC3", "night"]', ("AC3", "night")),
        ('"*" = ["AC3"]\n"DE*ABC*E1*1" = ["night"]', ("night",)),
        ('"*" = ["AC3"]\n"DE*ABC*E1*1" = []', None),
        ("", None),
    ],
)
def test_an_evse_has_its_own_products_or_those_of_all(
    tmp_path: Path, written: str, products: tuple[str, ...] | None
) -> None:
    found = evse_prices(config_of(tmp_path, ('"*" = ["AC3", "night"]', written)))
    told_of = None if products is None else domain.EvsePricing(evse_id=EVSE, provider="*", products=products)
    assert found.get(EVSE) == told_of


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('["AC3", "night"]', '["AC4"]', "pricing.evses.* = 'AC4': there is no such product; did you mean \"AC3\"?"),
        ('"*" = [', '"DE*ABC*E9" = [', "pricing.evses.DE*ABC*E9 = 'DE*ABC*E9': there is no such EVSE"),
        ("price = 0.3", "price = -1", "pricing.products.night.price = -1: must be at least 0 and less than 1000000"),
        ("max_power_kw = 11", "max_power_kw = 0", "max_power_kw = 0: must be more than 0 and less than 1000"),
        (
            'currency = "CHF"',
            'currency = "Fr."',
            "pricing.products.night.currency = 'Fr.': must be a currency code of three",
        ),
        ("[pricing]", '[pricing]\nprovider = "8EO"', "pricing.provider = '8EO': must be a ProviderID such as DE-8EO"),
        ("price = 0.3", "prise = 0.3", "pricing.products.night.price is missing"),
        ('kind = "parking"', 'kind = "park"', "pricing.products.night.fees[1].kind = 'park': must be \"start\", "),
    ],
)
def test_what_is_written_wrong_is_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, (old, new))
    assert sentence in caught.value.problems[0]
