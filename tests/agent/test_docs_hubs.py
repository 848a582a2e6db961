"""What the documents say about hubs, held against the hubs' packages: codes, interfaces, names, keys."""

import json
import re

import pytest

from roampost.config.hubs import Hub as Section
from roampost.config.hubs import OioiHub
from roampost.hubs.base import Hub, Verdict
from roampost.hubs.inbound import Dialect, Said
from roampost.hubs.oicp import inbound
from roampost.hubs.oioi import codes_inbound
from roampost.hubs.plugin import Plugin
from roampost.hubs.remote import Outcome
from tests.agent.documents import BLOCK, ROOT, page_section, rows

# Where the paths of add-a-hub.md begin.
ROOTS = [ROOT, ROOT / "agent" / "roampost"]
# What the station never says to a call.
NEVER = {
    ("session-stop", Outcome.REFUSED),
    ("reservation-start", Outcome.NO_VEHICLE),
    ("reservation-stop", Outcome.REFUSED),
    ("rfid-post", Outcome.REFUSED),
}
CALLS_IN = {
    "session-start": codes_inbound.START,
    "session-stop": codes_inbound.STOP,
    "reservation-start": codes_inbound.RESERVE,
    "reservation-stop": codes_inbound.CANCEL,
    "rfid-post": codes_inbound.CARDS,
}


def test_the_guides_codes_for_plugsurfing_are_those_that_are_answered() -> None:
    told = rows("operators-guide.md", f"| because | {' | '.join(CALLS_IN)} |")
    for outcome, (_, *cells) in zip(Outcome, told, strict=True):
        for (call, codes), cell in zip(CALLS_IN.items(), cells, strict=True):
            if cell:
                assert re.findall(r"\d{3}", cell)[0] == f"{codes[outcome]:03d}", (call, outcome)
            else:
                assert (call, outcome) in NEVER or codes[outcome] == codes_inbound.SYSTEM_ERROR, (call, outcome)
    assert re.findall(r"\d{3}", told[0][1]) == [f"{codes_inbound.CHARGING:03d}", f"{codes_inbound.PLUG_IN_NOW:03d}"]


def test_the_guides_codes_for_hubject_are_those_that_are_answered() -> None:
    told = [code for codes, _ in rows("operators-guide.md", "| code | because |") for code in codes.split(", ")]
    malformed = inbound.OicpInbound("hubject", ()).read("", {}, b"")
    assert isinstance(malformed, Said)
    answered = {*inbound.CODES.values(), json.loads(malformed.body)["StatusCode"]["Code"]}
    assert sorted(told) == sorted(answered)


@pytest.mark.parametrize(
    ("interface", "head"),
    [
        (Plugin, "| function | gives | OIOI |"),
        (Hub, "| member | what it has to do | OIOI |"),
        (Dialect, "| member | what it gives or does | OIOI |"),
    ],
    ids=["plugin", "hub", "dialect"],
)
def test_add_a_hub_names_every_member_of_each_interface(interface: type, head: str) -> None:
    told = [row[0].strip("`") for row in rows("add-a-hub.md", head)]
    assert told == [name for name in vars(interface) if not name.startswith("_")]


def test_add_a_hub_names_files_and_names_that_are_there() -> None:
    text = BLOCK.sub("", (ROOT / "docs" / "add-a-hub.md").read_text("utf-8"))
    spans = set(re.findall(r"`([^`\n]+)`", text.split("## What OCPI")[0]))
    paths = {span for span in spans if "/" in span and "<" not in span}
    files = {span for span in spans if re.fullmatch(r"\w+\.py", span)}
    names = {span for span in spans if re.fullmatch(r"[A-Z]\w*[a-z]\w*", span)}
    assert (len(paths), len(files), len(names)) >= (12, 9, 10)
    assert [path for path in sorted(paths) if not any((root / path).exists() for root in ROOTS)] == []
    assert [file for file in sorted(files) if not (ROOTS[1] / "hubs" / "oioi" / file).exists()] == []
    sources = "".join(path.read_text("utf-8") for path in ROOTS[1].rglob("*.py"))
    defined = set(re.findall(r"^(?:class )?(\w+)(?=[:(]| = )", sources, re.MULTILINE))
    assert sorted(names - defined) == []


def test_add_a_hub_names_the_keys_and_properties_of_a_section() -> None:
    text = " ".join(page_section("add-a-hub.md", "## The section").split())
    told = re.findall(r"`(\w+)`", text.split("OIOI adds")[1])
    own = [name for name in OioiHub.model_fields if name not in Section.model_fields and name != "kind"]
    properties = [name for name, value in vars(Section).items() if isinstance(value, property)]
    assert told == [*own, *properties]


def test_add_a_hub_tells_the_verdicts() -> None:
    text = (ROOT / "docs" / "add-a-hub.md").read_text("utf-8")
    assert [one for one in Verdict if f"`{one.name}`" not in text] == []
