"""What a database alone says of the station, also when another version wrote it or the clock was wrong."""

import asyncio
from pathlib import Path

import pytest

from roampost.control.report import StatusReport
from roampost.control.stored import stored_report
from roampost.domain.stamp import Stamp
from roampost.store.changes import Change, Draft, EvseRow
from roampost.store.reading import open_readonly
from roampost.store.store import Store

NOW_MS = 1_790_000_000_000
EARLY = Stamp(boot="b1", mono_ms=5_000, wall_ms=7_000, trusted=False)


def report_after(folder: Path, *changes: Change) -> StatusReport:
    path = folder / "roampost.db"

    async def write(store: Store) -> None:
        for change in changes:
            await store.submit(change)

    store = Store.open(path, now_wall_ms=lambda: NOW_MS, boot="b1")
    try:
        asyncio.run(write(store))
    finally:
        store.close()
    connection = open_readonly(path)
    try:
        return stored_report(connection, at_ms=NOW_MS)
    finally:
        connection.close()


def row(context: str) -> EvseRow:
    return EvseRow("DE*ABC*E1*1", "charging", context, 16_000, EARLY)


def status(seq: int) -> Draft:
    return Draft("hubject", "status", "status", f"DE*ABC*E1*{seq}", None, "{}")


def test_since_is_told_right_once_the_clock_is_known(tmp_path: Path) -> None:
    known = Change(EARLY, evses=(row("{}"),), trusted_offset_ms=NOW_MS - 60_000)
    (evse,) = report_after(tmp_path, known).evses
    assert evse.since_ms == NOW_MS - 55_000


def test_since_is_what_the_clock_said_while_it_is_not_known(tmp_path: Path) -> None:
    (evse,) = report_after(tmp_path, Change(EARLY, evses=(row("{}"),))).evses
    assert evse.since_ms == 7_000


@pytest.mark.parametrize("context", ["3", "{}", "[]", '{"since": 7, "session": 3, "told": 4, "faults": 5}'])
def test_what_another_version_wrote_is_shown_as_far_as_it_is_understood(tmp_path: Path, context: str) -> None:
    (evse,) = report_after(tmp_path, Change(EARLY, evses=(row(context),))).evses
    assert (evse.state, evse.permitted_ma, evse.status, evse.faults) == ("charging", 16_000, None, ())


def test_messages_are_counted_by_hub_kind_and_state(tmp_path: Path) -> None:
    later = EARLY.model_copy(update={"wall_ms": 9_000})
    changes = Change(EARLY, drafts=(status(1),)), Change(later, drafts=(status(2), status(3)))
    (group,) = report_after(tmp_path, *changes).waiting
    assert (group.hub, group.kind, group.state, group.rows, group.oldest_ms) == (
        "hubject",
        "status",
        "queued",
        3,
        7_000,
    )
    assert group.why == "waits for its turn"


def test_a_report_goes_over_the_socket_and_back(tmp_path: Path) -> None:
    report = report_after(tmp_path, Change(EARLY, evses=(row("{}"),), drafts=(status(1),)))
    assert StatusReport.from_json(report.to_json()) == report


@pytest.mark.parametrize("document", [None, [], {}, {"source": "moon"}, "status"])
def test_a_report_of_another_version_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="is it another version"):
        StatusReport.from_json(document)
