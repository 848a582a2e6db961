"""The record of truth as a reader of the file sees it, and as a person reads it."""

import json
from pathlib import Path

from roampost_sim.clock import ManualClock
from roampost_sim.record import FileSink, Record
from roampost_sim.timeline import SAYINGS, Timeline
from roampost_sim.wire.rtu import RtuLine
from tests.sim.support import World, framed


def test_each_line_is_in_the_file_at_once_and_an_old_file_is_continued(tmp_path: Path) -> None:
    file, clock = tmp_path / "record.jsonl", ManualClock(12.5)
    with FileSink(file) as sink:
        Record(clock, sink).add("note", text="one")
        assert json.loads(file.read_text()) == {"t": 12.5, "event": "note", "text": "one"}
    with FileSink(file) as sink:
        Record(clock, sink).add("note", text="two")
    assert [json.loads(line)["text"] for line in file.read_text().splitlines()] == ["one", "two"]


async def do_everything(site: World) -> None:
    for do in ("plug", "pause", "resume", "short_pilot", "unshort_pilot", "weld", "unweld", "power_cycle", "unplug"):
        await site.do(do=do, evse="1")
    await site.do(do="plug", evse="1", wants_wh=0.001, reacts_s=0)
    await site.station.pass_time(1)
    for do in ("trip", "reset", "break_wire", "mend_wire"):
        await site.do(do=do, contact="rcd")
    for do in ("unplug_line", "replug_line"):
        await site.do(do=do, line="io")
    await site.do(do="hold_card", reader="front", uid="66CF4DC2")
    await site.do(do="take_card", reader="front")
    await site.do(do="garbage", reader="front", bytes_hex="00")
    await site.do(do="line_fault", line="bus", fault="late", unit=1)
    await site.do(do="note", text="that was all")
    line = site.station.lines["bus"]
    assert isinstance(line, RtuLine)
    await line.exchange(framed("01 10 03 E8 00 01 02 00 10"))


async def test_the_timeline_has_a_saying_for_every_event_and_no_other(site: World) -> None:
    shown: list[str] = []
    timeline = Timeline(shown.append)
    await do_everything(site)
    for event in site.events:
        timeline(event)
    assert {event["event"] for event in site.events} == set(SAYINGS)
    assert shown[0].endswith("station 'station' is up")
    assert any(line.endswith("EVSE 1                 car plugged in (unnamed)") for line in shown)
    assert any(line.endswith("contact rcd            trip: contact is open") for line in shown)
    assert any(line.endswith("line bus               fault 'late' switched on for unit 1") for line in shown)
