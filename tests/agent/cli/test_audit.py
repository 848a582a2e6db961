"""`roampost audit` against a real database."""

import asyncio
import json
from pathlib import Path

import pytest

from roampost.store.changes import Audit, Change, Who
from roampost.store.store import Store
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, STAMP, Site, call, filled, site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    made = filled(tmp_path)

    async def act() -> None:
        store = Store.open(made.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
        rows = (
            Audit("evse.disable", EVSE_ID, "the cable is cut", Who(1000, 77)),
            Audit("meter_refused", EVSE_ID, "register went from 5 to 3 Wh"),
        )
        await store.submit(Change(stamp=STAMP, audits=rows))
        store.close()

    asyncio.run(act())
    return made


def test_it_tells_who_did_what_youngest_first(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "audit") == 0
    heads, second, first = capsys.readouterr().out.splitlines()
    assert heads.split() == ["WHEN", "WHO", "DID", "TO", "BECAUSE"]
    assert "the agent" in second
    assert second.endswith("register went from 5 to 3 Wh")
    assert "user 1000" in first
    assert first.endswith("the cable is cut")


def test_json_has_every_field(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "audit", "--json", "--limit", "1") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["what"], row["target"], row["who"]) == ("meter_refused", EVSE_ID, {"uid": None, "pid": None})


def test_nothing_yet_and_no_database(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    assert call(made, "audit") == 3
    Store.open(made.database, now_wall_ms=lambda: NOON_MS, boot=BOOT).close()
    assert call(made, "audit") == 0
    assert capsys.readouterr().out == "Nothing was done by hand yet.\n"
