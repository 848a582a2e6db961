"""`roampost cert`: from nothing to a certificate that will do, and each thing that may be wrong with one."""

import json
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.cli import main
from tests.agent.certs import Authority, Pair
from tests.agent.config.small_site import GOOD, write

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class World:
    """A hub's root and intermediate, and a stranger."""

    root: Authority
    middle: Authority
    stranger: Authority
    good: Pair


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    root, stranger = Authority(folder, "hub-root"), Authority(folder, "stranger-root")
    middle = Authority(folder, "hub-middle", root)
    return World(root, middle, stranger, middle.issue("DEABC", usage="clientAuth"))


@dataclass
class Site:
    """A configuration of which only the hub is right, and its files."""

    folder: Path
    text: str = "[hubs.hubject]\noperator_id = 'DE*ABC'\n"
    files: dict[str, Path] = field(default_factory=dict)

    def put(self, pair: Pair, *authorities: Authority) -> "Site":
        self.files = {key: self.folder / f"hubject.{key}" for key in ("cert_file", "key_file", "ca_file")}
        sources = [[pair.cert], [pair.key], [one.pair.cert for one in authorities]]
        for path, parts in zip(self.files.values(), sources, strict=True):
            path.write_text("".join(part.read_text() for part in parts))
        self.files["key_file"].chmod(0o600)
        return self

    def run(self, *words: str) -> int:
        rows = "".join(f"{key} = '{path}'\n" for key, path in self.files.items())
        return main(["cert", *words, "--config", str(write(self.folder, self.text + rows))])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# --- request ------------------------------------------------------------------------------------------------------


def test_a_request_needs_no_configuration(tmp_path: Path, capsys: Capture) -> None:
    assert main(["cert", "request", "--operator-id", "DE*ABC", "--out", str(tmp_path), "--config", "/none"]) == 0
    out = capsys.readouterr().out
    assert f"Request: {tmp_path / 'DEABC.csr'}, subject /CN=DEABC" in out
    assert f"Key:     {tmp_path / 'DEABC.key'}, mode 06" in out
    assert "Never send the key" in out
    assert stat.S_IMODE((tmp_path / "DEABC.key").stat().st_mode) & 0o007 == 0
    assert (tmp_path / "DEABC.key").read_text() not in out


def test_a_request_goes_where_the_configuration_wants_the_key(site: Site, capsys: Capture) -> None:
    """And nothing else of the file has to be right yet."""
    site.text = f"nonsense = 1\n{site.text}"
    site.files = {"key_file": site.folder / "client.pem"}
    assert site.run("request", "--hub", "hubject", "--key-type", "rsa", "--subject", "/O=ABC", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["never_send"] == str(site.folder / "client.pem")
    assert found["send"] == str(site.folder / "client.csr")
    assert found["subject"] == "/O=ABC/CN=DEABC"
    assert int(found["key_mode"], 8) == stat.S_IMODE((site.folder / "client.pem").stat().st_mode)
    assert found["key_owner"]


def test_a_renewal_leaves_the_key_in_use_alone(site: Site, capsys: Capture) -> None:
    key, new = site.folder / "client.key", site.folder / "new"
    key.write_text("in use")
    new.mkdir()
    site.files = {"key_file": key}
    assert site.run("request", "--hub", "hubject") == 1
    assert "client.key exists already and is never overwritten; --out names another folder." in capsys.readouterr().err
    assert site.run("request", "--hub", "hubject", "--out", str(new)) == 0
    assert key.read_text() == "in use"
    assert sorted(path.name for path in new.iterdir()) == ["client.csr", "client.key"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--hub", "other"], 4, "has no hub [hubs.other]; it has: hubject"),
        (["--hub", "hubject", "--out", "/none"], 1, "/none is not a folder"),
        (["--hub", "hubject", "--subject", "CN=x"], 1, "must be written like /C=DE/O=Stadtwerke/CN=DEABC"),
        (["--operator-id", "ABC"], 2, "--operator-id: must be an OperatorID"),
    ],
)
def test_what_keeps_a_request_from_being_made_is_told(
    site: Site, capsys: Capture, words: list[str], code: int, sentence: str
) -> None:
    assert site.run("request", *words) == code
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[hubs.hubject]\n", "hubs.hubject.operator_id: must be an OperatorID"),
        ("[hubs.hubject]\noperator_id = 7\n", "hubs.hubject.operator_id: must be an OperatorID"),
        ("[hubs.hubject]\noperator_id = 'DE*ABC'\nkey_file = 'a.key'\n", "hubs.hubject.key_file: must be an absolute"),
        ("hubs = 3\n", "has no hub [hubs.hubject]; it has: none"),
    ],
)
def test_what_a_request_needs_of_the_configuration_is_checked(
    site: Site, capsys: Capture, text: str, sentence: str
) -> None:
    site.text = text
    assert site.run("request", "--hub", "hubject") != 0
    assert sentence in capsys.readouterr().err


# --- show ---------------------------------------------------------------------------------------------------------


def test_all_is_said_of_a_certificate_that_will_do(site: Site, world: World, capsys: Capture) -> None:
    assert site.put(world.good, world.root, world.middle).run("show") == 0
    out = capsys.readouterr().out
    for line in (
        f"hubject: {site.files['cert_file']}",
        "  subject  CN=DEABC",
        "  issuer   CN=hub-middle",
        "  operator the common name is that of DE*ABC",
        "  usage    client authentication is allowed",
        f"  key      {site.files['key_file']} belongs to the certificate, mode 0600",
    ):
        assert line in out.splitlines()
    assert "valid    from 2020-01-01 to 2090-01-01, " in out
    assert "chain    CN=DEABC <- CN=hub-middle" in out
    assert "WRONG" not in out


def test_json_has_the_same_and_an_end(site: Site, world: World, capsys: Capture) -> None:
    assert site.put(world.good, world.root, world.middle).run("show", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["certificates"]
    assert (found["hub"], found["fine"], found["level"]) == ("hubject", True, "fine")
    assert found["not_after"] == "2090-01-01T00:00:00+00:00"
    assert found["days_left"] > 20_000
    assert {fact["about"] for fact in found["facts"]} == {
        "subject", "issuer", "operator", "valid", "usage", "key", "chain",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_what_was_asked_for_and_signed_will_do(site: Site, world: World, capsys: Capture, kind: str) -> None:
    names = {"cert_file": "client.pem", "key_file": "client.key", "ca_file": "ca.pem"}
    site.files = {key: site.folder / name for key, name in names.items()}
    assert site.run("request", "--hub", "hubject", "--key-type", kind) == 0
    signer = world.middle.pair
    sign = ["openssl", "x509", "-req", "-in", str(site.folder / "client.csr"), "-days", "900", "-set_serial", "7"]
    sign += ["-CA", str(signer.cert), "-CAkey", str(signer.key), "-out", str(site.files["cert_file"])]
    subprocess.run(sign, check=True, capture_output=True, timeout=60)
    site.files["ca_file"].write_bytes(signer.cert.read_bytes())
    assert site.run("show") == 0
    assert "WRONG" not in capsys.readouterr().out


Spoil = Callable[[Site, World], object]


def _operator(site: Site, world: World) -> None:
    site.put(world.middle.issue("DEXYZ"), world.middle)


def _ended(site: Site, world: World) -> None:
    site.put(world.middle.issue("DEABC", file="ended", end="20210101000000Z"), world.middle)


def _ending(site: Site, world: World) -> None:
    soon = datetime.now(UTC) + timedelta(days=20, hours=1)
    site.put(world.middle.issue("DEABC", file="ending", end=soon.strftime("%Y%m%d%H%M%SZ")), world.middle)


def _early(site: Site, world: World) -> None:
    site.put(world.middle.issue("DEABC", file="early", start="20800101000000Z"), world.middle)


def _usage(site: Site, world: World) -> None:
    site.put(world.middle.issue("DEABC", file="usage", usage="serverAuth"), world.middle)


def _key(site: Site, world: World) -> None:
    site.put(Pair(world.good.cert, world.root.pair.key), world.middle)


def _open_key(site: Site, world: World) -> None:
    site.put(world.good, world.middle).files["key_file"].chmod(0o644)


def _no_middle(site: Site, world: World) -> None:
    site.put(world.good, world.root)


def _stranger(site: Site, world: World) -> None:
    site.put(world.stranger.issue("DEABC"), world.root, world.middle)


def _no_key(site: Site, world: World) -> None:
    site.put(world.good, world.middle).files["key_file"].unlink()


def _no_ca(site: Site, world: World) -> None:
    site.put(world.good, world.middle).files["ca_file"].unlink()


def _no_certificate(site: Site, world: World) -> None:
    site.put(world.good, world.middle).files["cert_file"].unlink()


@pytest.mark.parametrize(
    ("spoil", "about", "text", "advice"),
    [
        (_operator, "operator", "the common name is DEXYZ", "a hub may refuse it"),
        (_ended, "valid", "ran out ", "roampost cert request"),
        (_ending, "valid", "runs out in 20 days", "roampost cert request"),
        (_early, "valid", "is not valid before 2080-01-01", "check this machine's clock"),
        (_usage, "usage", "client authentication is not allowed", "tell the hub"),
        (_key, "key", "does not belong to the certificate", "cert request"),
        (_no_key, "key", "cannot be read: No such file", "put the key there, readable to root and the group"),
        (_open_key, "key", "mode 0644", "chmod o= "),
        (_no_middle, "chain", "no way from its issuer CN=hub-middle", "if CN=hub-middle is an intermediate CA"),
        (_stranger, "chain", "which holds CN=hub-root; CN=hub-middle", "the certificate is another hub's"),
        (_no_ca, "ca", "cannot be read: No such file", "root and intermediate CA"),
        (_no_certificate, "certificate", "cannot be read: No such file", "put the hub's answer"),
    ],
)
def test_what_is_wrong_has_one_line_of_advice(
    site: Site, world: World, capsys: Capture, spoil: Spoil, about: str, text: str, advice: str
) -> None:
    spoil(site, world)
    assert site.run("show", "--hub", "hubject", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)["certificates"]
    wrong = {fact["about"]: fact for fact in found["facts"] if fact["advice"]}
    assert text in wrong[about]["text"]
    assert advice in wrong[about]["advice"]
    assert set(wrong) == {about}
    assert site.run("show") == 1
    assert f"     WRONG {wrong[about]['advice']}" in capsys.readouterr().out.splitlines()


def test_a_new_certificate_is_tried_before_it_is_put_in_place(site: Site, world: World, capsys: Capture) -> None:
    site.put(world.good, world.root, world.middle)
    other = world.middle.issue("DEABC", file="new")
    assert site.run("show", "--hub", "hubject", str(other.cert)) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"hubject: {other.cert}\n")
    assert "does not belong to the certificate" in out


def test_each_certificate_of_any_file_is_shown(world: World, tmp_path: Path, capsys: Capture) -> None:
    """Without a configuration."""
    file = tmp_path / "bundle.pem"
    file.write_text(world.root.pair.cert.read_text() + world.middle.pair.cert.read_text())
    assert main(["cert", "show", "--config", "/none", str(file)]) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if "subject" in line] == [
        "  subject  CN=hub-root",
        "  subject  CN=hub-middle",
    ]


def test_a_name_in_a_certificate_does_not_steer_the_terminal(tmp_path: Path, capsys: Capture) -> None:
    cert, key = tmp_path / "odd.pem", tmp_path / "odd.key"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"]
    make += ["-subj", "/CN=\x1b[31m\nCN=DEABC", "-days", "900", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    assert main(["cert", "show", "--config", "/none", str(cert)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "CN=DEABC" not in [line.strip() for line in out.splitlines()]


def test_a_chain_is_looked_for_in_the_hubs_file_alone(
    site: Site, world: World, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system trusts is no authority of a hub."""
    monkeypatch.setenv("SSL_CERT_FILE", str(world.stranger.pair.cert))
    assert site.put(world.stranger.issue("DEABC"), world.root).run("show") == 1
    assert "no way from its issuer CN=stranger-root" in capsys.readouterr().out


def test_a_hub_that_knows_us_by_another_secret_has_no_certificate_to_judge(
    site: Site, world: World, capsys: Capture
) -> None:
    other = "[hubs.second]\noperator_id = 'DE*ABC'\napi_key_file = '/etc/roampost/second.apikey'\n"
    site.put(world.good, world.root, world.middle).text = other + site.text
    assert site.run("show") == 0
    assert "second" not in capsys.readouterr().out
    assert site.run("request", "--hub", "second") == 2
    assert "hubs.second knows this station by an API key" in capsys.readouterr().err
    assert list(site.folder.glob("*.csr")) == []
    assert site.run("show", "--hub", "second") == 2
    assert "hubs.second.cert_file: is missing" in capsys.readouterr().err


def test_no_hub_and_no_openssl_are_told(
    site: Site, world: World, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Site(site.folder, GOOD[: GOOD.index("[hubs.")]).run("show") == 0
    assert "no hub is configured" in capsys.readouterr().out
    site.put(world.good, world.middle)
    monkeypatch.setenv("PATH", os.devnull)
    assert site.run("show") == 1
    assert capsys.readouterr().err == "openssl is not installed; on Debian: apt install openssl.\n"
