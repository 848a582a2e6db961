"""The small site with EVSE data and prices."""

from tests.agent.config.small_site import spoiled

POI = """
[poi]
names = { en = "Car park", de = "Parkplatz" }
coordinates = { latitude = 52.480495, longitude = "13.356460" }
plugs = ["type_2_outlet"]
renewable = true
calibration_law = "none"
authentication = ["rfid_classic", "remote"]
payment = ["contract"]
services = []
access = "free"
hotline = "+49301234567"
open_24_hours = true

[poi.address]
country = "DEU"
city = "Berlin"
street = "Hauptstraße"
house_number = "1"
postal_code = "10829"
"""
EVSE_POI = """
[evse.poi]
info = { en = "Left of the entrance" }
max_capacity_kwh = 100

[evse.poi.address]
parking_spot = "E36"
"""
PRICING = """
[pricing]
default_price = 0.5

[pricing.products.AC3]
price = "0.490"
max_power_kw = 22.08

[pricing.products.night]
price = 0.3
max_power_kw = 11
currency = "CHF"
times = [{ on = "everyday", begin = "22:00", end = "24:00" }]
fees = [{ kind = "parking", price = 2 }]

[pricing.evses]
"*" = ["AC3", "night"]
"""


def told(*changes: tuple[str, str], poi: str = POI, evse_poi: str = EVSE_POI, pricing: str = PRICING) -> str:
    """With each left text, which must be there, replaced once by the right one."""
    text = spoiled(("[[evse.fault]]", f"{evse_poi}\n[[evse.fault]]")) + poi + pricing
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
