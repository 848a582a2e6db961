"""A position in the three ways in which OICP writes it. Pure."""

import re
from typing import Any

_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
_PARTS = re.compile(r"(-?)([0-9]+)° ?([0-9]+)' ?([0-9.]+)''")
FORMATS = ("Google", "DecimalDegree", "DegreeMinuteSeconds")


def position(written: dict[str, Any]) -> tuple[float, float]:
    """Latitude and longitude in degrees of a GeoCoordinates object that passed its schema."""
    ((kind, value),) = written.items()
    if kind == "Google":
        # The separator may be left out: "52.480495 13.356465".
        latitude, longitude = _NUMBER.findall(value["Coordinates"])
        return float(latitude), float(longitude)
    read = _degrees if kind == "DegreeMinuteSeconds" else float
    return read(value["Latitude"]), read(value["Longitude"])


def written_as(kind: str, written: dict[str, Any]) -> dict[str, Any]:
    """The same position as one of FORMATS."""
    if kind in written:
        return written
    latitude, longitude = position(written)
    if kind == "Google":
        return {kind: {"Coordinates": f"{latitude:.6f},{longitude:.6f}"}}
    write = _minutes if kind == "DegreeMinuteSeconds" else "{:.6f}".format
    return {kind: {"Longitude": write(longitude), "Latitude": write(latitude)}}


def _degrees(text: str) -> float:
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no angle in degrees, minutes and seconds")
    sign, degrees, minutes, seconds = match.groups()
    return (int(degrees) + int(minutes) / 60 + float(seconds) / 3600) * (-1 if sign else 1)


def _minutes(angle: float) -> str:
    # In hundredths of a second of arc, so that 59.999 does not become 60.00.
    hundredths = round(abs(angle) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, rest = divmod(rest, 6_000)
    return f"{'-' if angle < 0 else ''}{degrees}°{minutes}'{rest / 100:.2f}''"
