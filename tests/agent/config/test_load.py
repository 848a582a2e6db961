"""A file becomes values, or the whole list of what is wrong with it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from roampost.config.fault_kinds import FAULT_KINDS
from roampost.config.hubs import OicpHub
from roampost.config.load import ConfigError, load, read
from roampost.config.model import Config, Evse, RtuLine, TcpLine
from roampost.config.poi import pois
from roampost.poi.check import check
from roampost.site.hearers import hearers
from tests.agent.config.small_site import GOOD, TYPES, spoiled, write

EXAMPLE = Path(__file__).parents[3] / "systemd" / "roampost.toml.example"


def problems_of(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path, TYPES)
    assert all(one.startswith(f"{path}: ") for one in caught.value.problems)
    return [one.removeprefix(f"{path}: ") for one in caught.value.problems]


def test_a_right_file_becomes_values_with_defaults_by_role(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), TYPES)
    assert {name: device.poll_ms for name, device in config.devices.items()} == {
        "controller-1": 500,
        "meter-1": 2000,
        "io": 200,
    }
    line = config.lines["rs485"]
    assert isinstance(line, RtuLine)
    assert (line.baud, line.parity, line.stop_bits) == (9600, "N", 1)
    assert isinstance(config.lines["io"], TcpLine)
    assert config.evse_ids("hubject") == ("DE*ABC*E1*1",)
    assert config.evse[0].max_power_w == 16 * 230 * 3


def test_the_commented_example_is_a_right_file() -> None:
    config = load(EXAMPLE, TYPES)
    assert config.evse[0].id == "DE*ABC*E1*1"


def _uncommented(line: str) -> str:
    """A default stands behind "# ", a table that may be left out behind "#"."""
    if line.startswith("# "):
        return line[2:] if " = " in line.split("#")[1] else line
    return line[1:] if re.match(r'#["a-z\[]', line) else line


def _without_optional_tables(shown: Config, plain: Config, text: str) -> Config:
    """As if the tables that may be left out had been left out."""
    tables = re.findall(r"^#\[(\w+)(?:\.(\w+))?", text, re.MULTILINE)
    assert {("poi", ""), ("pricing", ""), ("evse", "poi")} <= set(tables)
    top = {table: getattr(plain, table) for table, _ in tables if table not in ("evse", "hubs")}
    inner = {key: getattr(plain.evse[0], key) for table, key in tables if table == "evse"} | {"penalty_after_s": None}
    return shown.model_copy(update=top | {"evse": tuple(one.model_copy(update=inner) for one in shown.evse)})


def test_the_example_shows_every_key_with_its_true_default(tmp_path: Path) -> None:
    """Uncommenting all of it changes nothing but optional tables, and no key of the model is missing in it."""
    text = EXAMPLE.read_text()
    full = "\n".join(map(_uncommented, text.splitlines()))
    plain, shown = load(EXAMPLE, TYPES), load(write(tmp_path, full), TYPES)
    hub = shown.hubs["hubject"]
    assert isinstance(hub, OicpHub)
    assert hub.ca_file is not None
    assert hub.provider_id is not None
    usual_hub = hub.model_copy(update={"ca_file": None, "provider_id": None, "inbound": None})
    assert all(line.timeout_ms for line in shown.lines.values())
    unhurried = {name: line.model_copy(update={"timeout_ms": None}) for name, line in shown.lines.items()}
    usual = _without_optional_tables(shown, plain, text)
    assert usual.model_copy(update={"hubs": {"hubject": usual_hub}, "lines": unhurried}) == plain
    given = _given_keys(shown, tomllib.loads(full))
    assert {kind.__name__: sorted(set(kind.model_fields) - keys) for kind, keys in given.items()} == {
        kind.__name__: [] for kind in given
    }
    assert len(given) >= 22


def test_the_example_describes_evses_that_a_hub_would_take(tmp_path: Path) -> None:
    full = "\n".join(map(_uncommented, EXAMPLE.read_text().splitlines()))
    config = load(write(tmp_path, full), TYPES)
    report = check(pois(config).values(), hearers(config))
    assert [found for one in report.checked for found in one.findings] == []


def _given_keys(value: BaseModel, document: Mapping[str, Any]) -> dict[type[BaseModel], set[str]]:
    """Per model, the keys that the document gives to any of its instances."""
    given = {type(value): set(document)}
    for name, raw in document.items():
        part = getattr(value, name)
        if isinstance(part, BaseModel):
            pairs = [(part, raw)]
        else:
            keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, tuple) else []
            pairs = [(part[key], raw[key]) for key in keys if isinstance(part[key], BaseModel)]
        for one, table in pairs:
            for kind, found in _given_keys(one, table).items():
                given.setdefault(kind, set()).update(found)
    return given


def test_values_are_frozen(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), TYPES)
    with pytest.raises(ValidationError, match="frozen"):
        config.evse[0].grace_s = 5


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_a_fault_line_takes_what_is_left_out_from_its_kind(tmp_path: Path, kind: str) -> None:
    fault = load(write(tmp_path, spoiled(('kind = "rcd"', f'kind = "{kind}"'))), TYPES).evse[0].fault[0]
    row = FAULT_KINDS[kind]
    assert (fault.contact, fault.debounce_ms, fault.clear_after_ms) == (
        row.contact,
        row.debounce_ms,
        row.clear_after_ms,
    )
    assert (fault.stops, fault.latched, fault.hub) == (row.stops, row.latched, row.hub)


def test_a_fault_line_may_differ_from_its_kind(tmp_path: Path) -> None:
    text = spoiled(("input = 1", 'input = 1\ncontact = "no"\nstops = false'))
    fault = load(write(tmp_path, text), TYPES).evse[0].fault[0]
    assert (fault.contact, fault.stops, fault.hub) == ("no", False, "critical")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("unit = 11", "unit = 300", "devices.meter-1.unit = 300: must be from 1 to 255"),
        ("unit = 11", "unit = 248", "devices.meter-1.unit = 248: must be from 1 to 247 on a line of kind rtu"),
        ('line = "rs485"\nunit = 1\n', 'line = "io"\nunit = 2\n', "controller-1.line = 'io': is of kind tcp, and evse"),
        ("unit = 11", "unit = true", "devices.meter-1.unit = true: must be a whole number"),
        ("unit = 11", 'unit = "11"', "devices.meter-1.unit = '11': must be a whole number"),
        ("unit = 11", "units = 11", 'devices.meter-1.units is not known; did you mean "unit"?'),
        ("unit = 11", "unit = 1", "devices.meter-1.unit = 1: is the unit of devices.controller-1.unit on line 'rs485'"),
        ('line = "io"', 'line = "iox"', "devices.io.line = 'iox': there is no such line; did you mean \"io\"?"),
        ('kind = "rtu"', 'kind = "rtx"', "lines.rs485.kind = 'rtx': must be \"rtu\" or \"tcp\""),
        ('kind = "rtu"', 'kind = ["rtu"]', 'lines.rs485.kind: must be "rtu" or "tcp"'),
        ('kind = "rtu"', "kind = {}", 'lines.rs485.kind: must be "rtu" or "tcp"'),
        ('kind = "rtu"', "", 'lines.rs485.kind is missing; it must be "rtu" or "tcp"'),
        ('kind = "rtu"', 'kind = "rtu"\nbaud = 9601', "lines.rs485.baud = 9601: must be 1200, 2400"),
        ('kind = "rtu"', 'kind = "rtu"\ntimeout_ms = 5', "lines.rs485.timeout_ms = 5: must be from 20 to 5000"),
        ('port = "/dev/ttyUSB0"', "", "lines.rs485.port is missing"),
        ('url = "https:', 'rate_share = 25\nurl = "https:', "rate_share = 25: must be more than 0 and at most 1"),
        ('host = "192.0.2.20"', 'host = "a b"', "lines.io.host = 'a b': must be a host name or an IP address"),
        ('name = "rcd"', 'name = "RCD 1"', "fault[1].name = 'RCD 1': must be small letters"),
        ('port = "/dev/ttyUSB0"', 'port = "ttyUSB0"', "lines.rs485.port = 'ttyUSB0': must be an absolute path"),
        ("/dev/ttyACM0", "/dev/ttyUSB0", "readers.front.port = '/dev/ttyUSB0': is the port of lines.rs485.port"),
        ('type = "sdm630"', 'type = "sdm63"', "'sdm63': no device table has this name; did you mean \"sdm630\"?"),
        ('type = "sdm630"', 'type = "SDM630"', "'SDM630': no device table has this name; did you mean \"sdm630\"?"),
        ('type = "twn4"', 'type = "twn5"', "'twn5': no device table has this name; did you mean \"twn4\"?"),
        ('type = "sdm630"', 'type = "twn4"', "devices.meter-1.type = 'twn4': is a reader; it belongs under"),
        ('type = "twn4"', 'type = "sdm630"', "readers.front.type = 'sdm630': is a meter, not a reader"),
        ('evses = ["DE*ABC*E1*1"]', 'evses = ["DE*ABC*E1*2"]', "readers.front.evses = 'DE*ABC*E1*2': there is no"),
        ('evses = ["DE*ABC*E1*1"]', "evses = []", "readers.front.evses: must not be empty"),
        ('id = "DE*ABC*E1*1"', 'id = "hello"', "evse[1 hello].id = 'hello': must be an EvseID"),
        ('id = "DE*ABC*E1*1"', "", "evse[1].id is missing"),
        ('charger = "controller-1"', 'charger = "meter-1"', "evse[1 DE*ABC*E1*1].charger = 'meter-1': is a device for"),
        ('charger = "controller-1"', 'charger = "x"', "evse[1 DE*ABC*E1*1].charger = 'x': there is no such device"),
        ('meter = "meter-1"', "", 'evse[1 DE*ABC*E1*1].meter is missing; control = "permit" needs a meter'),
        ('meter = "meter-1"', 'meter = "meter-1"\nstale_after_ms = 2000', "must be more than poll_ms = 2000"),
        ('meter = "meter-1"', 'meter = "meter-1"\ngrace_s = 0', "E1*1].grace_s = 0: must be from 1 to 300"),
        ('kind = "rcd"', 'kind = "rdc"', "evse[1 DE*ABC*E1*1].fault[1].kind = 'rdc': must be one of: rcd, dc_residual"),
        ("input = 1", "input = 0", "evse[1 DE*ABC*E1*1].fault[1].input = 0: must be from 1 to 64"),
        ("input = 1", "inputs = 1", 'evse[1 DE*ABC*E1*1].fault[1].inputs is not known; did you mean "input"?'),
        ('device = "io"', 'device = "meter-1"', "fault 'rcd' device = 'meter-1': is a device for meter, not"),
        ("input = 1", "input = 1\nclear_after_ms = 50", "clear_after_ms = 50 must not be less than debounce_ms = 100"),
        ('url = "https:', 'url = "http:', "hubs.hubject.url = 'http://hub.example/api/oicp': must be an address"),
        ("https://hub.example", "https://hub.example:99999", "hubs.hubject.url = 'https://hub.example:99999/api/oicp'"),
        ("/api/oicp", "/api/oi cp", "hubs.hubject.url = 'https://hub.example/api/oi cp': must be an address like"),
        ("/dev/ttyACM0", "/dev/tty\\u0000", "readers.front.port = '/dev/tty\\x00': must be an absolute path"),
        ('operator_id = "DE*ABC"', 'operator_id = "DE*ABD"', "hubs.hubject.operator_id = 'DE*ABD': EVSE DE*"),
        ('operator_id = "DE*ABC"', 'operator_id = "D"', "hubs.hubject.operator_id = 'D': must be an OperatorID"),
        ("[hubs.hubject]", "[hub.hubject]", 'hub is not known; did you mean "hubs"?'),
        ('name = "Test"', 'name = "Test"\ntime_zone = "Mars/North"', "station.time_zone = 'Mars/North': must be"),
        ('name = "Test"', 'name = ""', "station.name = '': must not be empty"),
        ("[lines.rs485]", '[lines."rs 485"]', "lines.'rs 485': a name has 1 to 40 letters"),
        ("[station]", "log = 3\n[station]", "log = 3: must be a table"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_where_it_is_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    found = problems_of(tmp_path, spoiled((old, new)))
    assert any(sentence in one for one in found), found


def test_every_mistake_of_the_file_is_told_in_one_run(tmp_path: Path) -> None:
    text = spoiled(("unit = 11", "unit = 0"), ('kind = "rcd"', 'kind = "x"'), ('line = "io"', 'line = "no"'))
    found = problems_of(tmp_path, text)
    assert [one.partition(" =")[0] for one in found] == [
        "devices.meter-1.unit",
        "evse[1 DE*ABC*E1*1].fault[1].kind",
        "devices.io.line",
    ]


def test_a_reference_to_a_section_that_is_wrong_in_itself_is_not_a_second_mistake(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, spoiled(('port = "/dev/ttyUSB0"', "port = 7")))) == 1


def second_evse(fault: str = "", evse_id: str = "DE*ABC*E1*2") -> str:
    devices = '[devices.controller-2]\ntype = "evse-din"\nline = "rs485"\nunit = 2\n'
    return f'{GOOD}{devices}[[evse]]\nid = "{evse_id}"\ncharger = "controller-2"\ncontrol = "observe"\n{fault}'


def test_a_unit_behind_tcp_may_have_any_number_of_a_byte(tmp_path: Path) -> None:
    text = spoiled(('line = "io"\n', 'line = "io"\nunit = 255\n'))
    assert load(write(tmp_path, text), TYPES).devices["io"].unit == 255


def test_a_type_whose_own_file_is_wrong_is_complained_about_there_only(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD), TYPES | {"sdm630": None, "twn4": None})
    assert config.devices["meter-1"].type == "sdm630"


def test_an_observed_evse_needs_no_meter(tmp_path: Path) -> None:
    assert load(write(tmp_path, second_evse()), TYPES).evse[1].meter is None


def test_one_evse_may_not_be_written_twice_in_two_spellings(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, second_evse(evse_id="DEABCE11"))
    assert found.startswith("evse[2 DEABCE11].id: is the EVSE of evse[1 DE*ABC*E1*1].id already")


def test_one_charger_may_not_serve_two_evses(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, second_evse().replace('charger = "controller-2"', 'charger = "controller-1"'))
    assert "charger = 'controller-1': belongs to evse[1 DE*ABC*E1*1].charger already" in found


def fault(name: str, kind: str, number: int) -> str:
    return f'[[evse.fault]]\nname = "{name}"\nkind = "{kind}"\ndevice = "io"\ninput = {number}\n'


def test_one_emergency_stop_may_serve_two_evses(tmp_path: Path) -> None:
    text = second_evse(fault("rcd", "rcd", 1))
    assert len(load(write(tmp_path, text), TYPES).evse[1].fault) == 1


def test_one_input_may_not_mean_two_things(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, second_evse(fault("door", "door", 1)))
    assert "input 1 of 'io' means something else to evse[1 DE*ABC*E1*1].fault 'rcd'" in found


def test_one_input_is_wired_once_in_an_evse(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, second_evse(fault("a", "rcd", 2) + fault("b", "rcd", 2)))
    assert "fault 'b': input 2 of 'io' is wired to evse[2 DE*ABC*E1*2].fault 'a' already" in found


def test_a_file_without_evse_is_refused(tmp_path: Path) -> None:
    found = problems_of(tmp_path, GOOD[: GOOD.index("[[evse]]")].replace('evses = ["DE*ABC*E1*1"]', ""))
    assert any(one.startswith("evse is missing") for one in found)


def test_an_empty_file_names_what_it_needs(tmp_path: Path) -> None:
    assert [one.partition(";")[0] for one in problems_of(tmp_path, "")] == [
        "station.name is missing",
        "evse is missing",
    ]


@pytest.mark.parametrize("text", ["evse = 3", "evse = [3]", "lines = 3", "lines = [1]\nstation = 1.5", "hubs.x = 1"])
def test_sections_of_a_wrong_shape_are_told_and_never_crash(tmp_path: Path, text: str) -> None:
    assert any(text[:4] in one for one in problems_of(tmp_path, text))


def test_a_syntax_error_is_told_with_its_line_and_without_the_text(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, '[station]\nname = "x"\nkey_file = hunter2"\n')
    assert found.startswith("line 3, column ")
    assert "hunter2" not in found


def test_a_key_that_is_written_twice_is_a_syntax_error(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path, "[station]\nname = 'a'\nname = 'b'\n")
    assert found.startswith("line 3, column ")


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 5_000 + "]" * 5_000], ids=["digits", "brackets"])
def test_an_absurd_value_is_a_syntax_error(tmp_path: Path, value: str) -> None:
    assert problems_of(tmp_path, f"station = {value}") == ["is not TOML"]


def test_a_file_that_is_not_text_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "roampost.toml"
    path.write_bytes(b"[station]\nname = '\xff'\n")
    with pytest.raises(ConfigError, match="line 2: is not UTF-8 text"):
        read(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory"):
        read(tmp_path / "absent.toml")


def test_a_folder_is_not_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(ConfigError, match="is larger than"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('key_file = "/etc/roampost/client.key"', 'key_file = "-----BEGIN PRIVATE KEY-----hunter2"'),
        ('key_file = "/etc/roampost/client.key"', 'key = "hunter2"\nkey_file = "/k"'),
        ('url = "https://', 'url = "https://user:hunter2@'),
        ('operator_name = "ABC"', 'password = "hunter2"\noperator_name = "ABC"'),
    ],
)
def test_a_secret_is_never_echoed(tmp_path: Path, old: str, new: str) -> None:
    found = problems_of(tmp_path, spoiled((old, new)))
    assert found
    assert "hunter2" not in "".join(found)


def test_the_devices_folder_is_known_before_the_file_is_right(tmp_path: Path) -> None:
    assert read(write(tmp_path, "")).devices_dir == Path("/etc/roampost/devices.d")
    assert read(write(tmp_path, "station = 3")).devices_dir == Path("/etc/roampost/devices.d")
    given = read(write(tmp_path, f'[station]\ndevices_dir = "{tmp_path}"')).devices_dir
    assert given == tmp_path


def test_every_number_of_an_evse_has_bounds() -> None:
    unbounded = [
        name
        for name, field in Evse.model_fields.items()
        if field.annotation is int and not any(hasattr(rule, "le") for rule in field.metadata)
    ]
    assert unbounded == []
