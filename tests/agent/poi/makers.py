"""Points of interest: one right and whole, and every right one that hypothesis can think of."""

from decimal import Decimal
from enum import StrEnum

from hypothesis import strategies as st

from roampost.domain import poi as domain
from roampost.domain.poi import EvsePoi, Text

PLACE = domain.Coordinates(latitude=Decimal("52.480495"), longitude=Decimal("13.356465"))
WHOLE = EvsePoi(
    evse_id="DE*ABC*E840*1",
    station_id="Hauptstrasse 1",
    pool_id="DE*ABC*P840",
    names=(Text(lang="en", text="Car park Hauptstrasse"), Text(lang="de", text="Parkplatz Hauptstraße")),
    manufacturer="ABC Charging",
    image_url="https://example.org/station.jpg",
    sub_operator="Stadtwerke",
    hub_operator_id="DE*ABC",
    clearing_house_id="CH-1",
    address=domain.Address(
        country="DEU",
        city="Berlin",
        street="Hauptstraße",
        house_number="1a",
        postal_code="10829",
        region="Berlin",
        floor="-1",
        parking_facility=True,
        parking_spot="E36",
        time_zone="Europe/Berlin",
    ),
    coordinates=PLACE,
    entrance=PLACE,
    directions=(Text(lang="en", text="Behind the barrier, second row on the left"),),
    info=(Text(lang="en", text="Free for two hours"), Text(lang="de", text="Zwei Stunden frei")),
    plugs=(domain.Plug.TYPE_2_OUTLET,),
    facilities=(
        domain.Facility(
            power_type=domain.PowerType.AC_3_PHASE,
            power_w=22_080,
            voltage_v=230,
            current_a=32,
            modes=(domain.ChargingMode.MODE_3,),
        ),
    ),
    dynamic_power=True,
    max_capacity_wh=50_000,
    renewable=True,
    energy_sources=(
        domain.EnergySource(energy=domain.Energy.SOLAR, percent=85),
        domain.EnergySource(energy=domain.Energy.WIND, percent=15),
    ),
    impact=domain.Impact(co2_g_per_kwh=Decimal("30.3"), nuclear_waste_g_per_kwh=Decimal("0.0001")),
    calibration_law=domain.CalibrationLaw.LOCAL,
    authentication=(domain.Authentication.RFID_CLASSIC, domain.Authentication.REMOTE),
    payment=(domain.Payment.CONTRACT,),
    services=(domain.Service.RESERVATION, domain.Service.ROOF),
    access=domain.Access.FREE,
    location=domain.Location.PARKING_LOT,
    hotline="+4930123456",
    open_24_hours=False,
    opening=(
        domain.Opening(on=domain.Days.WORKDAYS, begin="06:00", end="12:00"),
        domain.Opening(on=domain.Days.WORKDAYS, begin="13:00", end="22:00"),
        domain.Opening(on=domain.Days.SUNDAY, begin="08:00", end="24:00"),
    ),
)
SPARSE = EvsePoi(
    evse_id="DE*ABC*E840*2",
    names=WHOLE.names[:1],
    address=domain.Address(country="DEU", city="Berlin", street="Hauptstraße", house_number="1", postal_code="10829"),
    coordinates=PLACE,
    plugs=WHOLE.plugs,
    facilities=WHOLE.facilities,
    renewable=False,
    calibration_law=domain.CalibrationLaw.NONE,
    authentication=WHOLE.authentication,
    payment=WHOLE.payment,
    services=(),
    access=domain.Access.FREE,
    hotline="+4930123456",
    open_24_hours=True,
)


def changed(poi: EvsePoi = WHOLE, **changes: object) -> EvsePoi:
    return poi.model_copy(update=changes)


def moved(**changes: object) -> EvsePoi:
    """With another address."""
    return changed(address=WHOLE.address.model_copy(update=changes))


# --- anything that an operator may have written: mostly right, every part sometimes missing, odd or too long --------

words = st.text(min_size=0, max_size=200) | st.sampled_from(["A", "10829", "DEU", "+4930123456", "de", "08:00"])
maybe = st.none() | words
lengths = st.integers(-5, 2_000)
degrees = st.decimals(-180, 180, places=6)
texts = st.lists(
    st.builds(Text, lang=st.sampled_from(["en", "de", "de-AT", "english", "EN"]) | words, text=words), max_size=3
).map(tuple)


def several(kind: type[StrEnum]) -> "st.SearchStrategy[object]":
    return st.none() | st.lists(st.sampled_from(list(kind)), max_size=3).map(tuple)


addresses = st.builds(
    domain.Address,
    country=st.sampled_from(["DEU", "AUT", "DE", "XYZ"]) | maybe,
    city=maybe,
    street=maybe,
    house_number=maybe,
    postal_code=st.sampled_from(["10829", "1010"]) | maybe,
    region=maybe,
    floor=maybe,
    parking_facility=st.none() | st.booleans(),
    parking_spot=maybe,
    time_zone=st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "nowhere"]),
)
places = st.none() | st.builds(domain.Coordinates, latitude=degrees, longitude=degrees)
facilities = st.lists(
    st.builds(
        domain.Facility,
        power_type=st.sampled_from(domain.PowerType),
        power_w=st.integers(-1_000, 1_200_000),
        voltage_v=st.none() | lengths,
        current_a=st.none() | lengths,
        modes=st.lists(st.sampled_from(domain.ChargingMode), max_size=2).map(tuple),
    ),
    max_size=2,
).map(tuple)
openings = st.lists(
    st.builds(
        domain.Opening,
        on=st.sampled_from(domain.Days),
        begin=st.sampled_from(["00:00", "08:00", "24:00"]),
        end=st.sampled_from(["20:00", "24:00", "00:00"]),
    ),
    max_size=3,
).map(tuple)
PARTS: dict[str, "st.SearchStrategy[object]"] = {
    "evse_id": st.sampled_from(["DE*ABC*E1", "DEABCE2", "+49*536*1", "nonsense"]),
    "station_id": maybe,
    "pool_id": st.sampled_from(["DE*ABC*P1", "DE*ABC*E1"]) | maybe,
    "names": texts,
    "info": texts,
    "directions": texts,
    "manufacturer": maybe,
    "image_url": st.sampled_from(["https://example.org/a.jpg", "http://example.org", "https://a b"]) | maybe,
    "sub_operator": maybe,
    "hub_operator_id": st.sampled_from(["DE*ABC", "+49*536"]) | maybe,
    "clearing_house_id": maybe,
    "address": addresses,
    "coordinates": places,
    "entrance": places,
    "plugs": several(domain.Plug),
    "facilities": facilities,
    "dynamic_power": st.none() | st.booleans(),
    "max_capacity_wh": st.none() | st.integers(-10, 200_000),
    "renewable": st.none() | st.booleans(),
    "energy_sources": st.lists(
        st.builds(domain.EnergySource, energy=st.sampled_from(domain.Energy), percent=st.none() | st.integers(0, 100)),
        max_size=3,
    ).map(tuple),
    "impact": st.none()
    | st.builds(
        domain.Impact, co2_g_per_kwh=st.none() | st.decimals(0, 99_999, places=3), nuclear_waste_g_per_kwh=st.none()
    ),
    "calibration_law": st.none() | st.sampled_from(domain.CalibrationLaw),
    "authentication": several(domain.Authentication),
    "payment": several(domain.Payment),
    "services": several(domain.Service),
    "access": st.none() | st.sampled_from(domain.Access),
    "location": st.none() | st.sampled_from(domain.Location),
    "hotline": st.sampled_from(["+49301234", "030 1234", "+49 30 1234"]) | maybe,
    "open_24_hours": st.none() | st.booleans(),
    "opening": openings,
    "roaming": st.booleans(),
    "live_status": st.sampled_from(["yes", "no", "auto"]),
}
# A few parts of a right one replaced: nearly all of them would be refused for something if all were.
odd_pois = st.builds(
    lambda base, changes: base.model_copy(update=changes),
    st.sampled_from([WHOLE, SPARSE]),
    st.lists(st.sampled_from(sorted(PARTS)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: PARTS[name] for name in names})
    ),
)
