"""What a person reads: the live timeline, the table, and the agent's configuration."""

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest

from roampost_sim.demo.agentfile import HubTold, agent_file, latched
from roampost_sim.demo.follow import Follower
from roampost_sim.demo.screen import Screen
from roampost_sim.demo.table import summary, table
from roampost_sim.demo.words import hub_words
from tests.sim.demo.records import (
    APP_DAY,
    BEN,
    CHARGE,
    GOOD,
    STATION,
    asked,
    at,
    called,
    card,
    data,
    heard,
    heard_of_apps,
    judged,
    of_anna,
    set_points,
    status,
    told,
    truth,
)


def plain(text: str, _colour: str) -> str:
    return text


NO_OUTAGE: dict[str, list[tuple[float, float]]] = {"oicp": [], "oioi": []}


def squeezed(line: str) -> str:
    return " ".join(line.split())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_cause_and_effect_share_a_line() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.happened({"t": 100.0, "event": "agent_started"})
    screen.happened({"t": 112.4, "event": "plugged", **at("1")})
    screen.arrived(status(112.71, "1", "Occupied"), "1", 112.4)
    *_, line = out.getvalue().splitlines()
    assert squeezed(line) == "12.4 s EVSE 1 car plugged in → hub: Occupied (+0.31 s)"


def test_an_effect_that_comes_later_has_its_own_line() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.happened({"t": 100.0, "event": "plugged", **at("1")})
    screen.happened({"t": 101.0, "event": "plugged", **at("2")})
    screen.arrived(status(102.0, "1", "Occupied"), "1", 100.0)
    assert [squeezed(line) for line in out.getvalue().splitlines()] == [
        "0.0 s EVSE 1 car plugged in",
        "1.0 s EVSE 2 car plugged in",
        "2.0 s EVSE 1 → hub: Occupied (+2.00 s)",
    ]


def test_what_an_app_asks_and_the_agents_answer_share_a_line() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.happened({"t": 100.0, "event": "app_started", "evse": "1", "contract": BEN})
    screen.arrived(called("oicp", 100.0, "remote_start", "1", "e1", "510"), "1", 100.0)
    screen.happened({"t": 101.0, "event": "app_stopped", "evse": "2"})
    silent = called("oicp", 101.0, "remote_stop", "2", "e2", code="") | {"reason": "connection refused"}
    screen.arrived(silent, "2", 101.0)
    assert [squeezed(line) for line in out.getvalue().splitlines()] == [
        "0.0 s EVSE 1 an app asks to start for DE…-B → agent: no (510) in 0.05 s",
        "1.0 s EVSE 2 the app ends the charge → agent: no answer, connection refused in 0.05 s",
    ]


def test_data_and_progress_are_told_in_words() -> None:
    assert hub_words(data(1.0, "1")) == "EVSE data"
    assert hub_words(of_anna("oicp", 17.4, "Progress")) == "Progress 0.055 kWh"
    assert hub_words(told("oioi", 14.1, "CDR")) == "CDR 0.025 kWh"
    assert hub_words(asked("oioi", 7.2)) == "may 04…81 charge? yes"
    assert hub_words({"means": None, "operation": None, "reason": "no certificate"}) == "no certificate"


def test_of_several_hubs_it_is_said_which(hub: str) -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.happened({"t": 112.4, "event": "plugged", **at("1")})
    screen.arrived(status(112.71, "1", "Occupied"), "1", 112.4, hub)
    screen.happened({"t": 113.0, "event": "app_started", "evse": "1", "contract": BEN})
    screen.arrived(called(hub, 113.0, "remote_start", "1", "e1"), "1", 113.0, hub)
    assert [squeezed(line) for line in out.getvalue().splitlines()] == [
        f"0.0 s EVSE 1 car plugged in → {hub}: Occupied (+0.31 s)",
        f"0.6 s EVSE 1 an app asks to start for DE…-B → agent: yes in 0.05 s, to {hub}",
    ]


def test_card_numbers_are_masked() -> None:
    out = io.StringIO()
    Screen(out).happened(truth((1.0, "card_held", card(GOOD)))[0])
    assert "card 04…81 shown" in out.getvalue()
    assert GOOD not in out.getvalue()


def test_a_set_point_is_shown_when_it_changes() -> None:
    out = io.StringIO()
    screen = Screen(out)
    for current_ma in (0, 32_000, 32_000, 0):
        screen.happened({"t": 1.0, "event": "set_point_written", "evse": "1", "current_ma": current_ma})
    said = [line.split("EVSE 1")[1].strip() for line in out.getvalue().splitlines()]
    assert said == ["agent forbids charging", "agent permits 32 A", "agent forbids charging"]


def test_colours_are_for_terminals() -> None:
    assert Screen(io.StringIO()).paint("text", "bad") == "text"
    assert Screen(Terminal()).paint("text", "bad") == "\x1b[31;1mtext\x1b[0m"


def test_the_table_has_a_line_for_each_expected_message() -> None:
    head, *lines = table(judged("oicp", heard("oicp")), NO_OUTAGE, plain)
    assert squeezed(head) == "expected because arrived in order how late"
    assert len(lines) == 10
    assert squeezed(lines[8]) == "EVSE 1 CDR 0.025 kWh the card ends the charge yes yes 2.10 s"


def test_the_table_says_how_long_after_an_outage_something_came() -> None:
    entries = heard("oicp")
    entries[6] = told("oicp", 42.5, "CDR")
    lines = list(table(judged("oicp", entries), {"oicp": [(11.0, 40.0)]}, plain))
    assert lines[9].endswith("30.50 s (2.50 s after the network was back)")


def test_the_table_shows_what_is_missing_and_what_nobody_expected() -> None:
    entries = [*heard("oicp")[:6], heard("oicp")[7], status(11.0, "1", "Unknown")]
    lines = list(table(judged("oicp", entries), NO_OUTAGE, plain))
    assert "MISSING" in lines[9]
    assert squeezed(lines[-1]) == "EVSE 1 Unknown nothing was not expected NO -"


def test_the_table_shows_what_apps_asked_and_what_came_of_it() -> None:
    lines = [squeezed(line) for line in table(judged("oicp", heard_of_apps("oicp"), APP_DAY), NO_OUTAGE, plain)]
    for line in (
        "EVSE 2 reservation yes asked by app yes, answered 000 yes 0.05 s",
        "EVSE 2 Reserved reserved by app yes yes 0.10 s",
        "EVSE 1 remote start no app: nothing plugged in yes, answered 510 yes 0.05 s",
        "EVSE 2 remote start no app: reserved by another yes, answered 601 yes 0.05 s",
        "EVSE 2 CDR 0.000 kWh the reservation is used yes yes 0.10 s",
        "EVSE 2 Progress energy goes on flowing yes yes 0.40 s",
        "EVSE 2 CDR 0.100 kWh the app ends the charge yes yes 3.10 s",
    ):
        assert line in lines


def test_progress_that_was_not_owed_and_did_not_come_is_no_row() -> None:
    """Nine seconds of energy: a word of it may come until the record is closed."""
    verdict = judged("oicp", heard("oicp"), CHARGE[:5] + truth((17.0, "card_held", card())))
    assert any(row.expected.message == "Progress" for row in verdict.rows)
    assert not any("Progress" in line for line in table(verdict, NO_OUTAGE, plain))


def test_the_summary_tells_how_fast_apps_were_answered() -> None:
    lines = list(
        summary(
            judged("oicp", heard_of_apps("oicp"), APP_DAY), set_points("oicp", APP_DAY, heard_of_apps("oicp")), plain
        )
    )
    assert lines[0] == "12 of 12 messages arrived; 0 more were overtaken in the outage."
    assert lines[1] == "5 of 5 requests from apps were answered, the slowest after 0.05 s; a hub waits for 10 s."
    assert lines[-1] == "The day was as it should be."


def test_the_summary_counts_as_overtaken_what_did_not_come() -> None:
    """At the edge of an outage a status may come or not."""
    day = truth((0.0, "agent_started"), (19.0, "plugged", at("2")), (25.0, "unplugged", at("2")))
    day += truth((20.0, "hub_refused"), (40.0, "hub_cleared"))
    begin, end = [status(1.5, "1", "Available"), status(1.6, "2", "Available")], [status(41.0, "2", "Available")]
    both = [judged("oicp", [*begin, *middle, *end], day) for middle in ([status(19.5, "2", "Occupied")], [])]
    assert [next(summary(one, set_points("oicp", day, []), plain)) for one in both] == [
        "6 of 6 messages arrived; 0 more were overtaken in the outage.",
        "5 of 5 messages arrived; 1 more were overtaken in the outage.",
    ]


def test_the_summary_does_not_count_an_answer_that_never_came() -> None:
    entries = heard_of_apps("oicp")
    entries[2] = entries[2] | {"code": None, "http_status": None, "reason": "it took too long", "seconds": 60.0}
    lines = list(summary(judged("oicp", entries, APP_DAY), set_points("oicp", APP_DAY, entries), plain))
    assert lines[1].startswith("4 of 5 requests from apps were answered, the slowest after 0.05 s")
    assert "WRONG  EVSE 2 reservation: was not answered: it took too long" in lines


def test_the_summary_ends_with_the_verdict() -> None:
    good = list(summary(judged("oicp", heard("oicp")), set_points("oicp", CHARGE, heard("oicp")), plain))
    assert good[0] == "10 of 10 messages arrived; 0 more were overtaken in the outage."
    assert good[-1] == "The day was as it should be."
    bad = list(summary(judged("oicp", heard("oicp")[:-1]), set_points("oicp", CHARGE, heard("oicp")[:-1]), plain))
    assert bad[-2:] == ["WRONG  EVSE 1 Available: is missing", "Wrong: 1."]


BANNER = """The sandbox hub listens at https://127.0.0.1:1/api/oicp
[hubs.oicp]
kind = "oicp"
# inbound
# ca_file = "/tmp/ca.pem"
# hub_sha256 = "ab12"
# cert_file = "/tmp/server.pem"
# key_file = "/tmp/server.key"
# control: /tmp/oicp.sock
"""
WITH_KEY = """The sandbox hub listens at https://127.0.0.1:2/api/v4/request
[hubs.oioi]
kind = "oioi"
# inbound
# ca_file = "/tmp/ca.pem"
# cert_file = "/tmp/server.pem"
# key_file = "/tmp/server.key"
# api_key_file = "/tmp/oioi-hub.key"
# control: /tmp/oioi.sock
"""


def configured(*hubs: str) -> dict[str, Any]:
    told = [HubTold.of(hub, {"oicp": BANNER, "oioi": WITH_KEY}[hub]) for hub in hubs]
    return tomllib.loads(agent_file(STATION, Path("/tmp/somewhere"), told, 8443))


def test_the_agents_file_wires_it_as_the_station_is_wired() -> None:
    made = configured("oicp")
    assert made["lines"] == {
        "rs485": {"kind": "rtu", "port": "/tmp/somewhere/rs485", "baud": 9600, "parity": "N", "stop_bits": 1}
    }
    assert {name: one["unit"] for name, one in made["devices"].items()} == {
        "controller-1": 1, "meter-1": 11, "controller-2": 2, "meter-2": 12, "inputs": 21,
    }  # fmt: skip
    assert made["readers"]["front"]["evses"] == ["DE*ABC*E1*1", "DE*ABC*E1*2"]
    assert [[fault["name"] for fault in one["fault"]] for one in made["evse"]] == [
        ["rcd-1", "emergency-stop", "door"],
        ["rcd-2", "emergency-stop", "door"],
    ]
    assert made["clock"] == {"trust": "always"}
    assert latched(STATION) == {"emergency-stop"}


OICP = {
    "kind": "oicp", "progress_first_s": 10, "rate_share": 1.0,
    "inbound": {"client_ca_file": "/tmp/ca.pem", "fingerprints": ["ab12"], "prefix": "/api/oicp"},
}  # fmt: skip
OIOI = {
    "kind": "oioi", "progress_first_s": 10, "rate_share": 1.0, "reservation_minutes": 15,
    "inbound": {"api_key_file": "/tmp/oioi-hub.key", "prefix": "/api/v4/request"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("hubs", "tables"),
    [
        (["oicp"], {"oicp": OICP}),
        (["oioi"], {"oioi": OIOI}),
        (["oicp", "oioi"], {"oicp": OICP, "oioi": OIOI}),
    ],
)
def test_the_agents_file_lets_these_hubs_call_and_no_other(hubs: list[str], tables: dict[str, Any]) -> None:
    made = configured(*hubs)
    assert made["hubs"] == tables
    assert made["inbound"] == {
        "address": "127.0.0.1", "port": 8443, "cert_file": "/tmp/server.pem", "key_file": "/tmp/server.key",
        "allow": ["127.0.0.1"],
    }  # fmt: skip


def test_a_growing_file_is_read_in_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    follower = Follower(file)
    assert follower.fresh() == []
    file.write_text('{"t": 1}\n{"t"')
    assert follower.fresh() == [{"t": 1}]
    with file.open("a") as more:
        more.write(': 2}\n{"t": 3}\n')
    assert follower.fresh() == [{"t": 2}, {"t": 3}]
    assert follower.fresh() == []
    follower.close()
