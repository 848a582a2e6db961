"""Countries by their ISO 3166-1 codes: how a postal code looks and between which degrees they lie, with their islands.

A box is generous by about ten kilometres: it finds swapped and mistyped coordinates, not a wrong street.
"""

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Country:
    """Degrees of latitude and longitude; dial: the international prefix."""

    alpha3: str
    alpha2: str
    name: str
    dial: str
    postal_code: str
    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: Decimal | float, longitude: Decimal | float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east

    def is_postal_code(self, text: str) -> bool:
        return re.fullmatch(self.postal_code, text) is not None


_THREE_TWO = r"\d{3} ?\d{2}"
_ROWS = (
    Country("ALB", "AL", "Albania", "355", r"\d{4}", 39.6, 42.7, 19.1, 21.1),
    Country("AUT", "AT", "Austria", "43", r"\d{4}", 46.3, 49.1, 9.4, 17.3),
    Country("BEL", "BE", "Belgium", "32", r"\d{4}", 49.4, 51.6, 2.4, 6.5),
    Country("BGR", "BG", "Bulgaria", "359", r"\d{4}", 41.1, 44.3, 22.2, 28.8),
    Country("BIH", "BA", "Bosnia and Herzegovina", "387", r"\d{5}", 42.4, 45.4, 15.6, 19.8),
    Country("CHE", "CH", "Switzerland", "41", r"\d{4}", 45.7, 47.9, 5.8, 10.6),
    Country("CYP", "CY", "Cyprus", "357", r"\d{4}", 34.4, 35.8, 32.1, 34.8),
    Country("CZE", "CZ", "Czechia", "420", _THREE_TWO, 48.4, 51.2, 12.0, 19.0),
    Country("DEU", "DE", "Germany", "49", r"\d{5}", 47.1, 55.2, 5.7, 15.2),
    Country("DNK", "DK", "Denmark", "45", r"\d{4}", 54.4, 57.9, 7.9, 15.3),
    Country("ESP", "ES", "Spain", "34", r"\d{5}", 27.5, 43.9, -18.3, 4.5),
    Country("EST", "EE", "Estonia", "372", r"\d{5}", 57.4, 59.8, 21.6, 28.3),
    Country("FIN", "FI", "Finland", "358", r"\d{5}", 59.6, 70.2, 19.0, 31.7),
    Country("FRA", "FR", "France", "33", r"\d{5}", 41.2, 51.2, -5.3, 9.7),
    Country("GBR", "GB", "United Kingdom", "44", r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", 49.8, 61.0, -8.8, 1.9),
    Country("GRC", "GR", "Greece", "30", _THREE_TWO, 34.7, 41.9, 19.2, 29.8),
    Country("HRV", "HR", "Croatia", "385", r"\d{5}", 42.2, 46.7, 13.3, 19.6),
    Country("HUN", "HU", "Hungary", "36", r"\d{4}", 45.6, 48.7, 16.0, 23.0),
    Country("IRL", "IE", "Ireland", "353", r"[A-Z]\d[\dW] ?[A-Z\d]{4}", 51.3, 55.6, -10.8, -5.8),
    Country("ISL", "IS", "Iceland", "354", r"\d{3}", 63.2, 66.7, -24.7, -13.3),
    Country("ITA", "IT", "Italy", "39", r"\d{5}", 35.3, 47.2, 6.5, 18.7),
    Country("LIE", "LI", "Liechtenstein", "423", r"\d{4}", 47.0, 47.4, 9.4, 9.7),
    Country("LTU", "LT", "Lithuania", "370", r"(LT-)?\d{5}", 53.8, 56.6, 20.8, 26.9),
    Country("LUX", "LU", "Luxembourg", "352", r"(L-)?\d{4}", 49.3, 50.3, 5.6, 6.6),
    Country("LVA", "LV", "Latvia", "371", r"(LV-)?\d{4}", 55.6, 58.2, 20.8, 28.4),
    Country("MKD", "MK", "North Macedonia", "389", r"\d{4}", 40.8, 42.5, 20.3, 23.2),
    Country("MLT", "MT", "Malta", "356", r"[A-Z]{3} ?\d{4}", 35.7, 36.2, 14.1, 14.7),
    Country("MNE", "ME", "Montenegro", "382", r"\d{5}", 41.7, 43.7, 18.3, 20.5),
    Country("NLD", "NL", "Netherlands", "31", r"\d{4} ?[A-Z]{2}", 50.6, 53.7, 3.2, 7.4),
    Country("NOR", "NO", "Norway", "47", r"\d{4}", 57.8, 71.3, 4.2, 31.3),
    Country("POL", "PL", "Poland", "48", r"\d{2}-\d{3}", 48.9, 55.0, 14.0, 24.3),
    Country("PRT", "PT", "Portugal", "351", r"\d{4}-\d{3}", 29.9, 42.3, -31.4, -6.0),
    Country("ROU", "RO", "Romania", "40", r"\d{6}", 43.5, 48.4, 20.1, 29.9),
    Country("SRB", "RS", "Serbia", "381", r"\d{5}", 42.1, 46.3, 18.7, 23.1),
    Country("SVK", "SK", "Slovakia", "421", _THREE_TWO, 47.6, 49.7, 16.7, 22.7),
    Country("SVN", "SI", "Slovenia", "386", r"(SI-)?\d{4}", 45.3, 47.0, 13.2, 16.7),
    Country("SWE", "SE", "Sweden", "46", _THREE_TWO, 55.2, 69.2, 10.8, 24.3),
    Country("TUR", "TR", "Türkiye", "90", r"\d{5}", 35.7, 42.3, 25.5, 45.0),
    Country("UKR", "UA", "Ukraine", "380", r"\d{5}", 44.2, 52.5, 22.0, 40.4),
)
BY_ALPHA3 = {one.alpha3: one for one in _ROWS}
BY_ALPHA2 = {one.alpha2: one for one in _ROWS}
