"""`roampost check`: mistakes, and what is worth a look. Certificates are real ones."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.cli import main
from roampost.cli.cert import certificate_advice
from roampost.config.advice import advice
from roampost.config.device_types import DeviceType, Types
from roampost.config.hubs import OicpHub
from roampost.config.load import load
from roampost.config.model import Config
from roampost_drivers.devicefile import SHIPPED, Catalog
from roampost_drivers.roles import WithoutAgent
from tests.agent.config.small_site import GOOD, TYPES, spoiled, write
from tests.agent.config.test_hubs import OIOI
from tests.agent.config.test_inbound import LISTENS, PINS
from tests.agent.config.told_site import told as described

EXAMPLE = Path(__file__).parents[3] / "systemd" / "roampost.toml.example"
Capture = pytest.CaptureFixture[str]
METER = 'meter = "meter-1"\n'


def config_of(folder: Path, *changes: tuple[str, str]) -> Config:
    return load(write(folder, spoiled(*changes)), TYPES)


def told(config: Config, *, types: Types = TYPES) -> list[str]:
    """Advice, without what is said of ports that this machine does not have."""
    return [one for one in advice(config, types) if ".port = " not in one]


def test_a_right_site_has_no_advice(tmp_path: Path) -> None:
    assert told(config_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            [("[hubs.hubject]", '[lines.spare]\nkind = "tcp"\nhost = "192.0.2.9"\n[hubs.hubject]')],
            "lines.spare: has",
        ),
        (
            [("[devices.io]", '[devices.spare]\ntype = "sdm630"\nline = "rs485"\nunit = 12\n[devices.io]')],
            "devices.spare: is used by no EVSE",
        ),
        ([(GOOD[GOOD.index("[hubs.") :], "")], "evse DE*ABC*E1*1: is on no hub"),
        ([(GOOD[GOOD.index("[readers.") : GOOD.index("[[evse]]")], "")], "evse DE*ABC*E1*1: no reader is for it"),
        ([(METER, f"{METER}idle_end_s = 0\npenalty_after_s = 60\n")], "evse DE*ABC*E1*1: penalty_after_s is told with"),
        ([("[station]", '[log]\nuids = "shown"\n[station]')], 'log.uids = "shown": card numbers are personal data'),
    ],
)
def test_what_is_worth_a_look_is_told(tmp_path: Path, changes: list[tuple[str, str]], sentence: str) -> None:
    (found,) = told(config_of(tmp_path, *changes))
    assert found.startswith(sentence)


NO_READER = (GOOD[GOOD.index("[readers.") : GOOD.index("[[evse]]")], "")
CALLED = f"{LISTENS}allow = ['192.0.2.0/24']\n{PINS}[hubs.hubject]"


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ([], True),
        ([(METER, f'{METER}authorization = "free"\n')], False),
        ([("[hubs.hubject]", CALLED)], False),
        ([("[hubs.hubject]", CALLED), (METER, f'{METER}remote_start = "off"\n')], True),
    ],
)
def test_an_evse_without_a_reader_may_be_free_or_started_from_afar(
    tmp_path: Path, changes: list[tuple[str, str]], warned: bool
) -> None:
    found = told(config_of(tmp_path, NO_READER, *changes))
    assert found == ["evse DE*ABC*E1*1: no reader is for it; nobody can start to charge there"] * warned


@pytest.mark.parametrize(("power_kw", "warned"), [("11.04", False), ("11.5", False), ("22.08", True)])
@pytest.mark.parametrize("control", ["permit", "observe"])
def test_drivers_are_not_told_more_power_than_the_evse_gives(
    tmp_path: Path, power_kw: str, warned: bool, control: str
) -> None:
    facilities = f'facilities = [{{ power_type = "ac_3_phase", power_kw = {power_kw} }}]\n'
    text = described(("[poi.address]", f"{facilities}[poi.address]"), (METER, f'{METER}control = "{control}"\n'))
    found = told(load(write(tmp_path, text), TYPES))
    sentence = (
        "evse DE*ABC*E1*1: drivers are told 22.08 kW, and phases × voltage_v × max_current_a permit 11.04 kW;"
        " correct facilities, or leave them out"
    )
    assert found == [sentence] * (warned and control == "permit")


@pytest.mark.parametrize(
    ("alone", "commissionable", "sentences"),
    [
        (WithoutAgent(keeps_set_point=False, default_set_point=False), True, []),
        (WithoutAgent(keeps_set_point=True, default_set_point=False), True, ["keeps its last set point"]),
        (
            WithoutAgent(keeps_set_point=False, default_set_point=True),
            True,
            ["`roampost status` tells whether this very controller is safe already"],
        ),
        (WithoutAgent(keeps_set_point=False, default_set_point=True), False, ["set its default to 0 A"]),
        (WithoutAgent(keeps_set_point=True, default_set_point=True, watchdog_s=60), True, []),
    ],
)
def test_a_charger_that_permits_by_itself_is_told(
    tmp_path: Path, alone: WithoutAgent, commissionable: bool, sentences: list[str]
) -> None:
    types = TYPES | {"evse-din": DeviceType("charger", ("rtu",), alone=alone, commissionable=commissionable)}
    found = told(config_of(tmp_path), types=types)
    assert len(found) == len(sentences)
    assert all(want in one for want, one in zip(sentences, found, strict=True))
    observed = config_of(tmp_path, ('meter = "meter-1"', 'control = "observe"\nmeter = "meter-1"'))
    assert told(observed, types=types) == []


def test_a_line_that_is_set_unlike_a_device_of_it_is_told(tmp_path: Path) -> None:
    types = TYPES | {"sdm630": DeviceType("meter", ("rtu", "tcp"), serial=(19200, "E", 1))}
    assert told(config_of(tmp_path), types=types) == [
        "devices.meter-1: leaves the factory with 19200 8E1, and lines.rs485 has 9600 8N1; unless it has been set so,"
        " it does not answer"
    ]
    line = 'kind = "rtu"\nport = "/dev/ttyUSB0"\n'
    config = config_of(tmp_path, (line, f'{line}baud = 19200\nparity = "E"\n'))
    (found,) = told(config, types=types)
    assert found.startswith("devices.controller-1: leaves the factory with 9600 8N1, and lines.rs485 has 19200 8E1")


def test_a_device_behind_tcp_has_no_serial_settings(tmp_path: Path) -> None:
    types = TYPES | {"waveshare-8ch": DeviceType("inputs", ("rtu", "tcp"), serial=(19200, "E", 1))}
    assert told(config_of(tmp_path), types=types) == []


def test_a_port_that_is_not_there_or_may_move_is_told(tmp_path: Path) -> None:
    steady, moving = tmp_path / "usb-adapter", tmp_path / "ttyUSB7"
    steady.touch()
    moving.touch()
    config = config_of(tmp_path, ("/dev/ttyUSB0", str(steady)), ("/dev/ttyACM0", str(moving)))
    (found,) = advice(config, TYPES)
    assert found.startswith(f"readers.front.port = '{moving}': may change its number")
    moving.unlink()
    (found,) = advice(config, TYPES)
    assert "is not there now" in found


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_key_that_every_user_can_read_is_told(tmp_path: Path, mode: int, is_told: bool) -> None:
    key = tmp_path / "client.key"
    key.touch()
    key.chmod(mode)
    found = told(config_of(tmp_path, ("/etc/roampost/client.key", str(key))))
    assert bool(found) is is_told


# --- certificates -------------------------------------------------------------------------------------------------


def make_pair(folder: Path, name: str, days: int = 365, *, passphrase: str | None = None) -> tuple[Path, Path]:
    """A self-signed certificate and its key, made by the system's openssl."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-subj", "/CN=test", "-days", str(days), "-out", str(cert), "-keyout", str(key)]
    command += ["-nodes"] if passphrase is None else ["-passout", f"pass:{passphrase}"]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def hub_of(cert: Path, key: Path, ca: Path | None = None) -> OicpHub:
    return OicpHub(
        kind="oicp",
        url="https://hub.example",
        operator_id="DE*ABC",
        operator_name="ABC",
        cert_file=cert,
        key_file=key,
        ca_file=ca,
    )


def certificates(hub: OicpHub, *, later_days: float = 0) -> list[str]:
    return list(certificate_advice("hubject", hub, now=datetime.now(UTC) + timedelta(days=later_days)))


def test_a_good_pair_has_no_advice(tmp_path: Path) -> None:
    cert, key = make_pair(tmp_path, "client")
    assert certificates(hub_of(cert, key, ca=cert)) == []


@pytest.mark.parametrize(
    ("later_days", "sentence"),
    [(300, None), (320, "runs out in 44 days, on "), (380, "ran out 15 days ago, on ")],
)
def test_the_expiry_is_told_in_time(tmp_path: Path, later_days: float, sentence: str | None) -> None:
    found = certificates(hub_of(*make_pair(tmp_path, "client")), later_days=later_days)
    assert len(found) == (sentence is not None)
    assert all((sentence or "") in one for one in found)


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    cert, _ = make_pair(tmp_path, "client")
    _, key = make_pair(tmp_path, "other")
    (found,) = certificates(hub_of(cert, key))
    assert "does not belong to the certificate" in found


def test_a_key_with_a_passphrase_is_told_and_never_asked_for(tmp_path: Path) -> None:
    (found,) = certificates(hub_of(*make_pair(tmp_path, "client", passphrase="hunter2")))
    assert "key in PEM format, without a passphrase" in found


def test_what_is_no_certificate_is_told(tmp_path: Path) -> None:
    cert, key = make_pair(tmp_path, "client")
    junk = tmp_path / "junk.pem"
    junk.write_text("hello")
    (found,) = certificates(hub_of(junk, key))
    assert "in PEM format" in found
    (found,) = certificates(hub_of(cert, key, ca=junk))
    assert found.startswith("hubs.hubject.ca_file")


def test_files_that_are_not_there_are_told_each(tmp_path: Path) -> None:
    found = certificates(hub_of(tmp_path / "a", tmp_path / "b", tmp_path / "c"))
    assert [one.partition(" = ")[0] for one in found] == [
        "hubs.hubject.cert_file",
        "hubs.hubject.key_file",
        "hubs.hubject.ca_file",
    ]


def test_the_expiry_is_told_without_the_openssl_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_pair(tmp_path, "client")
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = certificates(hub_of(*pair), later_days=320)
    assert "runs out in 44 days" in found


# --- the command --------------------------------------------------------------------------------------------------


def test_the_shipped_example_passes_with_the_shipped_devices(capsys: Capture) -> None:
    assert main(["check", "--config", str(EXAMPLE)]) == 0
    out = capsys.readouterr().out
    assert "is right: 1 EVSE, 2 lines, 3 devices, 1 reader, 1 hub" in out
    assert "warning: devices.controller-1: keeps its last set point" in out


def test_the_titles_of_device_types_stand_under_each_other(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "devices.d"
    folder.mkdir()
    (folder / "a-device-type-with-a-long-name.toml").write_text((SHIPPED / "sdm630.toml").read_text())
    text = spoiled(('name = "Test"', f'name = "Test"\ndevices_dir = "{folder}"'))
    assert main(["check", "--config", str(write(tmp_path, text))]) == 0
    lines = capsys.readouterr().out.split("device types:\n")[1].splitlines()
    types = sorted(Catalog.load(folder).devices.items())
    assert len({line.index(one.title) for line, (_, one) in zip(lines, types, strict=True)}) == 1


def test_every_mistake_is_on_standard_error(tmp_path: Path, capsys: Capture) -> None:
    path = write(tmp_path, spoiled(("unit = 11", "unit = 0"), ('type = "evse-din"', 'type = "evse-dim"')))
    assert main(["check", "--config", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 2


def test_json_has_mistakes_and_warnings(tmp_path: Path, capsys: Capture) -> None:
    assert main(["check", "--json", "--config", str(write(tmp_path, spoiled(("unit = 11", "unit = 0"))))]) == 2
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 1
    assert main(["check", "--json", "--config", str(EXAMPLE)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == []
    assert found["warnings"]
    assert "evse-din" in found["devices"]


def test_mistakes_in_a_sites_own_device_file_are_told_with_the_rest(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "devices.d"
    folder.mkdir()
    (folder / "own.toml").write_text("title = 3\n")
    text = spoiled(('name = "Test"', f'name = "Test"\ndevices_dir = "{folder}"'), ("unit = 11", "unit = 0"))
    assert main(["check", "--config", str(write(tmp_path, text))]) == 2
    err = capsys.readouterr().err
    assert str(folder / "own.toml") in err
    assert "devices.meter-1.unit = 0" in err


def test_a_wrong_device_file_is_no_mistake_of_what_uses_it_or_its_neighbours(tmp_path: Path, capsys: Capture) -> None:
    """Also where it takes the place of a shipped one."""
    folder = tmp_path / "devices.d"
    folder.mkdir()
    meter = (SHIPPED / "sdm630.toml").read_text()
    for name, text in {"right": meter, "wrong": "title = 3\n", "evse-din": "title = 3\n"}.items():
        (folder / f"{name}.toml").write_text(text)
    unused = '[devices.spare]\ntype = "right"\nline = "rs485"\nunit = 12\n'
    text = spoiled(
        ('name = "Test"', f'name = "Test"\ndevices_dir = "{folder}"'),
        ('"sdm630"', '"wrong"'),
        ("[devices.io]", f"{unused}[devices.io]"),
    )
    path = write(tmp_path, text)
    assert main(["check", "--config", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert {line.partition(": ")[0] for line in lines} == {str(folder / "wrong.toml"), str(folder / "evse-din.toml")}


def test_a_sites_own_device_is_known(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "devices.d"
    folder.mkdir()
    shipped = Path(__file__).parents[3] / "drivers" / "roampost_drivers" / "devices" / "sdm630.toml"
    (folder / "our-meter.toml").write_text(shipped.read_text())
    text = spoiled(('name = "Test"', f'name = "Test"\ndevices_dir = "{folder}"'), ('"sdm630"', '"our-meter"'))
    assert main(["check", "--config", str(write(tmp_path, text))]) == 0
    assert "our-meter" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("", "must hold the hub's API key alone on one line"),
        ("two words", "must hold the hub's API key alone on one line"),
        ("\ufeffa-key-with-a-byte-order-mark", "must hold the hub's API key alone on one line"),
    ],
)
def test_a_key_of_ours_that_a_hub_cannot_be_shown_is_told(
    tmp_path: Path, capsys: Capture, content: str | None, why: str
) -> None:
    file = tmp_path / "surf.key"
    text = GOOD + OIOI.replace("/etc/roampost/plugsurfing.apikey", str(file))
    file.write_text("a-key-of-ours\n")
    file.chmod(0o600)
    assert "plugsurfing" not in _checked(tmp_path, text, capsys)
    file.unlink()
    if content is not None:
        file.write_text(content)
        file.chmod(0o600)
    found = _checked(tmp_path, text, capsys)
    assert f"warning: hubs.plugsurfing.api_key_file '{file}' {why}" in found
    assert "An agent that starts before that holds its messages to hubs.plugsurfing\n" in found
    assert not content or content not in found


def test_the_authority_of_a_hub_without_certificates_is_looked_at(tmp_path: Path, capsys: Capture) -> None:
    text = GOOD + OIOI + f'ca_file = "{tmp_path / "gone.pem"}"\n'
    assert f"warning: hubs.plugsurfing.ca_file = '{tmp_path / 'gone.pem'}': " in _checked(tmp_path, text, capsys)


def _checked(folder: Path, text: str, capsys: Capture) -> str:
    assert main(["check", "--config", str(write(folder, text))]) == 0
    return capsys.readouterr().out
