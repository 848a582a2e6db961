"""A station's serial ports as a stranger opens them: real ptys, raw bytes."""

import pytest

from tests.sim.support import Master, World, framed

READ_SET_POINT = framed("01 03 03 E8 00 01")
SIX_AMPERES = framed("01 03 02 00 06")


async def test_a_request_is_answered_through_the_link(site: World) -> None:
    master = Master(site.station.directory / "bus")
    assert await master.ask(READ_SET_POINT, 7) == SIX_AMPERES
    assert await master.ask(framed("01 10 03 E8 00 01 02 00 10"), 8) == framed("01 10 03 E8 00 01")
    assert await master.ask(READ_SET_POINT, 7) == framed("01 03 02 00 10")
    assert [event["current_ma"] for event in site.named("set_point_written")] == [16_000]
    master.close()


async def test_two_units_share_the_line_and_a_unit_that_is_not_there_is_silent(site: World) -> None:
    master = Master(site.station.directory / "bus")
    master.write(framed("0C 03 03 E8 00 01"))
    assert await master.ask(framed("0B 04 00 48 00 02"), 9) == framed("0B 04 04 3F 80 00 00")  # 1.0 kWh
    assert await master.ask(READ_SET_POINT, 7) == SIX_AMPERES
    master.close()


async def test_pulling_the_adapter_out_is_an_error_for_who_has_it_open(site: World) -> None:
    link = site.station.directory / "bus"
    master = Master(link)
    await site.do(do="unplug_line", line="bus")
    assert not link.is_symlink()
    with pytest.raises(OSError, match=r"hung up|Input/output error"):
        await master.ask(READ_SET_POINT, 7)
    master.close()


async def test_put_back_it_answers_under_the_same_link_and_remembers_the_set_point(site: World) -> None:
    link = site.station.directory / "bus"
    before = Master(link)
    await before.ask(framed("01 10 03 E8 00 01 02 00 10"), 8)
    await site.do(do="unplug_line", line="bus")
    assert await site.do(do="replug_line", line="bus") == {"address": str(link)}
    after = Master(link)
    assert await after.ask(READ_SET_POINT, 7) == framed("01 03 02 00 10")
    assert [event["event"] for event in site.events[-2:]] == ["line_unplugged", "line_replugged"]
    before.close()
    after.close()


async def test_a_card_is_read_while_it_is_held(site: World) -> None:
    master = Master(site.station.directory / "reader")
    assert await master.ask(b"050010\r", 5) == b"0000\r"
    await site.do(do="hold_card", reader="front", uid="04d7a79a973780", for_s=2)
    assert await master.ask(b"050010\r", 25) == b"000180380704D7A79A973780\r"
    await site.station.pass_time(2.1)
    assert await master.ask(b"050010\r", 5) == b"0000\r"
    held, taken = site.named("card_held") + site.named("card_taken")
    assert (held["uid"], taken["uid"]) == ("04D7A79A973780", "04D7A79A973780")
    assert taken["t"] - held["t"] == pytest.approx(2.0, abs=0.1)
    master.close()


async def test_a_reader_sends_garbage_and_goes_silent_when_told(site: World) -> None:
    master = Master(site.station.directory / "reader")
    await site.do(do="garbage", reader="front", bytes_hex="ff00fe")
    assert await master.read(3) == b"\xff\x00\xfe"
    await site.do(do="line_fault", line="front", fault="silent", times=1)
    assert await master.ask(b"1204\r0502FFFFFFFFFFFFFFFF\r", 3) == b"00\r"
    master.close()


async def test_a_reader_without_power_forgets_its_tag_types(site: World) -> None:
    await site.do(do="hold_card", reader="front", uid="66CF4DC2", for_s=60)
    master = Master(site.station.directory / "reader")
    await master.ask(b"05020000000000000000\r", 3)
    assert await master.ask(b"050010\r", 5) == b"0000\r"
    await site.do(do="unplug_line", line="front")
    await site.do(do="replug_line", line="front")
    master.close()
    again = Master(site.station.directory / "reader")
    assert await again.ask(b"050010\r", 19) == b"000180200466CF4DC2\r"
    again.close()
