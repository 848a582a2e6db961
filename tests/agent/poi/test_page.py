"""The page that is sent to a hub's onboarding: whole, by itself, and harmless whatever the configuration holds."""

from html.parser import HTMLParser

import pytest

from roampost.domain import poi as domain
from roampost.domain.poi import EvsePoi, Text
from roampost.poi.check import check
from roampost.poi.fields import FIELDS
from roampost.poi.page import page, summary
from tests.agent.poi.makers import SPARSE, WHOLE, changed

EVIL = "<script src='https://evil.example/x.js'>\"&"
VOID = {"meta", "br"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
ELEMENTS = {"html", "head", "title", "style", "body", "h1", "h2", "p", "section", "b", "i", "small"} | TABLE | VOID


class Reader(HTMLParser):
    """Cells by row, elements by name; fails on what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def read(*pois: EvsePoi) -> Reader:
    return Reader(page(check(pois), "Car park", "2026-11-20 12:00 CET"))


def row(reader: Reader, name: str) -> list[str]:
    return next(cells for cells in reader.rows if cells[0].startswith(name))


def test_a_table_per_evse_with_every_field_its_value_and_its_status() -> None:
    reader = read(WHOLE, SPARSE)
    heads = [index for index, cells in enumerate(reader.rows) if cells == ["Field", "Value", "Status"]]
    assert heads == [0, len(FIELDS) + 1]
    assert len(reader.rows) == 2 * (len(FIELDS) + 1)
    assert reader.open == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("names", "en: Car park Hauptstrasse; de: Parkplatz Hauptstraße"),
        ("coordinates", "52.480495, 13.356465"),
        ("facilities", "ac_3_phase, 22.08 kW, 230 V, 32 A, mode_3"),
        ("energy_sources", "solar 85 %; wind 15 %"),
        ("opening", "workdays 06:00 to 12:00; workdays 13:00 to 22:00; sunday 08:00 to 24:00"),
        ("max_capacity_kwh", "50.0"),
        ("address.parking_facility", "yes"),
        ("services", "reservation; roof"),
        ("access", "free"),
    ],
)
def test_values_stand_there_as_a_person_reads_them(field: str, value: str) -> None:
    assert row(read(WHOLE), field)[1:] == [value, "right"]


def test_what_is_missing_or_wrong_stands_in_its_row() -> None:
    facility = WHOLE.facilities[0].model_copy(update={"voltage_v": 400})
    reader = read(changed(hotline=None, facilities=(facility,), info=(Text(lang="en", text=""),), pool_id=None))
    assert row(reader, "hotline")[1:] == [
        "–",
        "error: It is missing, and hubs refuse an EVSE without it. "
        'Write hotline = "+49301234567" under [poi], or under [evse.poi] for one EVSE.',
    ]
    assert row(reader, "facilities")[2].startswith("warning: 400 V is the voltage between two phases.")
    assert row(reader, "info")[2].startswith("error: It is empty.")
    assert row(reader, "pool_id")[2].startswith("hint: It is not told.")


@pytest.mark.parametrize(
    ("field", "need"),
    [
        ("hotline", "mandatory"),
        ("renewable", "mandatory at some hubs"),
        ("pool_id", "optional"),
        ("opening", "where it applies"),
    ],
)
def test_each_row_says_who_wants_it(field: str, need: str) -> None:
    assert row(read(WHOLE), field)[0] == f"{field}{need}"


def test_no_services_and_rare_fields_are_no_gap() -> None:
    reader = read(SPARSE)
    assert row(reader, "services")[1:] == ["none", "right"]
    assert row(reader, "clearing_house_id")[1:] == ["–", "not given"]


def test_a_finding_without_a_row_stands_above_the_table() -> None:
    text = page(check([changed(evse_id="nonsense")]), "Car park", "now")
    assert '<p class="error">id: <b>error</b>: &#x27;nonsense&#x27; is not an EvseID.' in text


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs() -> None:
    texts = (Text(lang=EVIL, text=EVIL),)
    address = domain.Address(country=EVIL, city=EVIL, street=EVIL, postal_code=EVIL, time_zone=EVIL)
    poi = changed(evse_id=EVIL, names=texts, info=texts, address=address, hotline=EVIL, image_url=EVIL, pool_id=EVIL)
    text = page(check([poi]), EVIL, EVIL)
    reader = Reader(text)
    assert reader.seen <= ELEMENTS
    assert reader.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert row(reader, "names")[1] == f"{EVIL}: {EVIL}"


def test_the_summary_counts() -> None:
    assert summary(check([WHOLE])) == "1 EVSE, 100 % of the optional fields filled: 0 errors, 0 warnings, 0 hints."
    assert summary(check([changed(hotline=None), WHOLE])) == (
        "2 EVSEs, 100 % of the optional fields filled: 1 error, 0 warnings, 0 hints."
    )
