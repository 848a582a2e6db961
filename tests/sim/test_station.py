"""A station as electricity and its record of truth see it: energy, protective devices, power cycles."""

import pytest

from roampost_sim.wire.rtu import RtuLine
from tests.sim.support import World, framed

SET_16_A = framed("01 10 03 E8 00 01 02 00 10")
STOP = framed("01 10 03 E8 00 01 02 00 00")


async def request(site: World, frame: bytes) -> None:
    line = site.station.lines["bus"]
    assert isinstance(line, RtuLine)
    await line.exchange(frame)


async def charging(site: World) -> None:
    await request(site, SET_16_A)
    await site.do(do="plug", evse="1", car="quick")
    assert site.station.outlets["1"].contactor_closed


async def test_a_charge_leaves_its_whole_story_in_the_record(site: World) -> None:
    await charging(site)
    await site.station.pass_time(3600, step_s=60)
    await request(site, STOP)
    await site.do(do="unplug", evse="1")
    story = [event["event"] for event in site.events]
    assert story == [
        "station_started",
        "set_point_written",
        "plugged",
        "pilot",
        "pilot",
        "contactor_closed",
        "set_point_written",
        "pilot",
        "contactor_opened",
        "unplugged",
        "pilot",
    ]
    walk = [(event["before"], event["pilot"]) for event in site.named("pilot")]
    assert walk == [("A", "B2"), ("B2", "C2"), ("C2", "B1"), ("B1", "A")]


async def test_energy_is_power_times_the_time_between_closing_and_opening(site: World) -> None:
    await charging(site)
    await site.station.pass_time(1234.5, step_s=7)
    await request(site, STOP)
    [closed], [opened] = site.named("contactor_closed"), site.named("contactor_opened")
    assert closed["energy_wh"] == 1000.0
    assert opened["energy_wh"] == pytest.approx(1000.0 + 3600 * (opened["t"] - closed["t"]) / 3600, abs=0.002)
    await site.station.pass_time(600)
    assert (await site.do(do="ask"))["evses"]["1"]["energy_wh"] == opened["energy_wh"]


async def test_the_car_obeys_the_announced_current(site: World) -> None:
    await site.do(do="plug", evse="1", power_w=11_040, phases=3, reacts_s=0)
    assert (await site.do(do="ask"))["evses"]["1"]["power_w"] == 6 * 230 * 3
    await request(site, SET_16_A)
    assert (await site.do(do="ask"))["evses"]["1"]["power_w"] == 16 * 230 * 3


async def test_the_set_point_stays_when_nobody_speaks(site: World) -> None:
    await charging(site)
    await site.station.pass_time(86_400, step_s=600)
    state = (await site.do(do="ask"))["evses"]["1"]
    assert (state["set_point_ma"], state["contactor_closed"]) == (16_000, True)


async def test_a_tripped_rcd_stops_the_power_and_only_a_hand_brings_it_back(site: World) -> None:
    await charging(site)
    await site.do(do="trip", contact="rcd")
    state = await site.do(do="ask")
    assert (state["evses"]["1"]["contactor_closed"], state["evses"]["1"]["power_w"]) == (False, 0.0)
    assert state["contacts"]["rcd"] == {"closed": False, "active": True, "wire_broken": False}
    assert state["contacts"]["mirror"]["closed"]
    await request(site, SET_16_A)
    assert not site.station.outlets["1"].contactor_closed
    await site.do(do="reset", contact="rcd")
    assert site.station.outlets["1"].contactor_closed


async def test_a_broken_wire_looks_like_a_fault_but_stops_nothing(site: World) -> None:
    await charging(site)
    assert await site.do(do="break_wire", contact="rcd") == {"closed": False}
    assert site.station.outlets["1"].contactor_closed
    assert await site.do(do="mend_wire", contact="rcd") == {"closed": True}


async def test_a_welded_contactor_does_not_open_but_an_rcd_cuts_it_off(site: World) -> None:
    await charging(site)
    await site.do(do="weld", evse="1")
    await request(site, STOP)
    assert (await site.do(do="ask"))["contacts"]["mirror"]["active"]
    assert site.named("contactor_opened") == []
    await site.do(do="trip", contact="rcd")
    assert not site.station.outlets["1"].live


async def test_a_power_cycle_opens_the_contactor_and_starts_with_the_default_current(site: World) -> None:
    await charging(site)
    await site.do(do="power_cycle", evse="1", off_s=5)
    assert site.station.outlets["1"].pilot == "E"
    await site.station.pass_time(5.1)
    assert [event["set_point_ma"] for event in site.named("board_power_up")] == [6_000]
    assert [event["event"] for event in site.events if "contactor" in event["event"]] == [
        "contactor_closed",
        "contactor_opened",
        "contactor_closed",
    ]


async def test_a_car_that_is_full_says_so_and_stops(site: World) -> None:
    await request(site, SET_16_A)
    await site.do(do="plug", evse="1", car="quick", wants_wh=500)
    await site.station.pass_time(3600, step_s=30)
    [full] = site.named("car_full")
    assert (full["taken_wh"], full["energy_wh"]) == (500.0, 1500.0)
    assert site.station.outlets["1"].pilot == "B2"


async def test_pause_resume_and_a_short_walk_the_pilot(site: World) -> None:
    await charging(site)
    for do in ("pause", "resume", "short_pilot", "unshort_pilot", "unplug"):
        await site.do(do=do, evse="1")
    assert [event["pilot"] for event in site.named("pilot")] == ["B2", "C2", "B2", "C2", "E", "B2", "C2", "A"]


async def test_registers_are_what_a_master_would_read(site: World) -> None:
    await charging(site)
    asked = await site.do(do="ask", line="bus", unit=1, address=1000, count=3)
    assert asked == {"registers": [16, 16, 3]}
    assert await site.do(do="ask", line="io", unit=21, function=2, count=2) == {"bits": [True, False]}
    assert await site.do(do="ask", line="bus", unit=1, address=3000) == {"exception": 2}


async def test_events_carry_the_true_energy_and_what_the_register_shows(site: World) -> None:
    await charging(site)
    await site.station.pass_time(1.0)
    await site.do(do="unplug", evse="1")
    event = site.named("unplugged")[0]
    assert event["energy_wh"] == pytest.approx(1001.0, abs=0.01)
    assert event["register_wh"] == pytest.approx(event["energy_wh"], abs=0.001)
    assert set(event) == {"t", "event", "evse", "energy_wh", "register_wh"}
