"""From configuration to hardware: whose time-out counts."""

from dataclasses import replace

import pytest

from roampost.config.model import RtuLine, TcpLine
from roampost.site.hardware import link_of, patient
from roampost_drivers.devicefile import Catalog
from roampost_drivers.line.links import RtuLink, TcpLink

IO = Catalog.load().device("waveshare-8ch")
RTU = {"kind": "rtu", "port": "/dev/serial/by-id/x"}
TCP = {"kind": "tcp", "host": "192.0.2.20"}


def test_each_device_has_its_own_time_out() -> None:
    assert patient(IO, RtuLine.model_validate(RTU, strict=False)) == IO
    assert patient(IO, TcpLine.model_validate(TCP)) == IO


@pytest.mark.parametrize(
    "line",
    [
        RtuLine.model_validate(RTU | {"timeout_ms": 700}, strict=False),
        TcpLine.model_validate(TCP | {"timeout_ms": 700}),
    ],
)
def test_the_time_out_of_a_line_is_for_all_of_its_units(line: RtuLine | TcpLine) -> None:
    assert patient(IO, line) == replace(IO, link=replace(IO.link, timeout_ms=700))
    assert patient(IO, line).link.timeout_s == 0.7


def test_a_line_is_reached_as_it_is_configured() -> None:
    line = RtuLine.model_validate(RTU | {"baud": 19200, "parity": "E", "settle_ms": 200}, strict=False)
    assert link_of(line) == RtuLink("/dev/serial/by-id/x", 19200, "E", 1, settle_s=0.2)
    assert link_of(TcpLine.model_validate(TCP | {"port": 1502})) == TcpLink("192.0.2.20", 1502)
