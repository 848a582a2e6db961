"""The record of truth as a reader of the file sees it, and as a person reads it."""

import json
from pathlib import Path

from roampost_sim import actions, station
from roampost_sim.clock import ManualClock
from roampost_sim.record import FileSink, Record
from roampost_sim.timeline import SAYINGS, Timeline
from tests.sim.support import World


def test_each_line_is_in_the_file_at_once_and_an_old_file_is_continued(tmp_path: Path) -> None:
    file, clock = tmp_path / "record.jsonl", ManualClock(12.5)
    with FileSink(file) as sink:
        Record(clock, sink).add("note", text="one")
        assert json.loads(file.read_text()) == {"t": 12.5, "event": "note", "text": "one"}
    with FileSink(file) as sink:
        Record(clock, sink).add("note", text="two")
    assert [json.loads(line)["text"] for line in file.read_text().splitlines()] == ["one", "two"]


async def test_every_event_that_happens_has_a_saying(site: World) -> None:
    shown: list[str] = []
    timeline = Timeline(shown.append)
    for do in ("plug", "pause", "resume", "short_pilot", "unshort_pilot", "weld", "unweld", "power_cycle", "unplug"):
        await site.do(do=do, evse="1")
    for do in ("trip", "reset", "break_wire", "mend_wire"):
        await site.do(do=do, contact="rcd")
    for do in ("unplug_line", "replug_line"):
        await site.do(do=do, line="io")
    await site.do(do="hold_card", reader="front", uid="66CF4DC2")
    await site.do(do="take_card", reader="front")
    await site.do(do="garbage", reader="front", bytes_hex="00")
    await site.do(do="line_fault", line="bus", fault="late", unit=1)
    for event in site.events:
        timeline(event)
    assert len(shown) == len(site.events)
    assert shown[0].endswith("station 'station' is up")
    assert any(line.endswith("EVSE 1                car plugged in (unnamed)") for line in shown)
    assert any(line.endswith("contact rcd           trip: contact is open") for line in shown)
    assert any(line.endswith("line bus              fault 'late' switched on for unit 1") for line in shown)


def test_no_event_is_recorded_that_the_timeline_cannot_say() -> None:
    sources = [Path(module.__file__ or "") for module in (actions, station)]
    sources.append(sources[0].parent / "world" / "outlet.py")
    text = "".join(source.read_text() for source in sources)
    unused = [event for event in SAYINGS if f'"{event}"' not in text]
    assert unused == []
