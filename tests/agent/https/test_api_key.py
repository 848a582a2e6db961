"""A hub's API key comes from a file, is shown to the hub alone, and is taken up anew when the file is another one."""

import logging
import os
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from roampost.hubs.base import Arrival, Verdict
from roampost.hubs.https.api_key import KEY_MAX_BYTES, UnusableKeyError, read_api_key
from roampost.hubs.https.endpoint import ApiKeyFile, Endpoint
from roampost.hubs.https.line import Line, Reply
from tests.agent.certs import Certificates
from tests.agent.https.conftest import MakeLine, answered, post, refused
from tests.agent.https.hubside import Say, refusing, scripted, server_context

KEY = "a39ff3fb-fe0a-40a3-bdde-df6372c07c89"
OTHER = "11111111-fe0a-40a3-bdde-df6372c07c89"
NAME = "hubs.surf.api_key_file"
NO_CERTIFICATE: dict[str, object] = {"name": "surf", "cert_file": None, "key_file": None}
OK = Say(200, b"{}")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "surf.key"
    path.write_text(KEY + "\n")
    return path


def with_key(path: Path) -> dict[str, object]:
    return NO_CERTIFICATE | {"api_key": ApiKeyFile(path, "key={}")}


def put(path: Path, text: str) -> None:
    """Beside, then into place: another file, whatever its time and size."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


@pytest.mark.parametrize("content", [KEY, f"{KEY}\n", f"{KEY}\r\n", f"  {KEY}\t\n\n"])
def test_the_key_is_alone_on_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    assert read_api_key(path, NAME) == KEY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        f"{KEY} x".encode(),
        f"{KEY}\n{KEY}".encode(),
        b"k\xc3\xa4y",
        b"\x00key",
        b"k\xffy",
        b"k" * (KEY_MAX_BYTES + 1),
    ],
    ids=repr,
)
def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(UnusableKeyError) as caught:
        read_api_key(path, NAME)
    assert str(caught.value).startswith(f"{NAME} '{path}' must hold the hub's API key alone on one line")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableKeyError, match=r"hubs\.surf\.api_key_file '.*gone' cannot be read \(No such file"):
        read_api_key(tmp_path / "gone", NAME)


def test_a_pipe_is_no_key_and_nobody_waits_for_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key")
    with pytest.raises(UnusableKeyError, match="must hold the hub's API key alone"):
        read_api_key(tmp_path / "key", NAME)


@pytest.mark.parametrize("key", [KEY, "sk/live/Zyx-wvu"])
async def test_a_hub_that_repeats_the_key_is_read_without_it(
    certificates: Certificates, make_line: MakeLine, key_file: Path, key: str
) -> None:
    put(key_file, key)
    said = [f'{{"error": "Invalid API key {spelt}, sorry"}}'.encode() for spelt in (key, key.replace("/", "\\/"))]
    async with scripted(certificates, *(Say(401, one) for one in said), asks=ssl.CERT_NONE) as far:
        line = make_line(far.url, **with_key(key_file))
        replies = [await post(line) for _ in said]
    assert [reply.body for reply in replies if isinstance(reply, Reply)] == [
        b'{"error": "Invalid API key ..., sorry"}'
    ] * 2


async def test_a_key_that_is_as_short_as_any_word_spoils_no_answer(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    put(key_file, "code")
    async with scripted(certificates, Say(200, b'{"code": 0}'), asks=ssl.CERT_NONE) as far:
        reply = await post(make_line(far.url, **with_key(key_file)))
    assert isinstance(reply, Reply)
    assert reply.body == b'{"code": 0}'


async def test_the_hub_is_shown_the_key_on_every_request(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    async with scripted(certificates, OK, OK, asks=ssl.CERT_NONE) as far:
        line = make_line(far.url, **with_key(key_file))
        assert [await answered(line), await answered(line)] == [True, True]
    assert [(asked.headers["authorization"], asked.connection) for asked in far.asked] == [(f"key={KEY}", 1)] * 2
    assert far.asked[0].client_name is None


async def test_a_line_without_a_key_shows_none(certificates: Certificates, make_line: MakeLine) -> None:
    async with scripted(certificates, OK) as far:
        await post(make_line(far.url))
    assert "authorization" not in far.asked[0].headers


async def test_an_empty_path_is_the_endpoint_itself(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    async with scripted(certificates, OK, asks=ssl.CERT_NONE) as far:
        line = make_line(f"https://127.0.0.1:{far.port}/api/v4/request", **with_key(key_file))
        await line.post("", b"{}", total_s=60)
    assert far.asked[0].target == "/api/v4/request"


async def test_a_new_key_is_taken_up_without_a_restart(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    async with scripted(certificates, OK, OK, asks=ssl.CERT_NONE) as far:
        line = make_line(far.url, **with_key(key_file))
        await post(line)
        put(key_file, OTHER)
        await post(line)
    assert [asked.headers["authorization"] for asked in far.asked] == [f"key={KEY}", f"key={OTHER}"]


async def test_a_key_that_cannot_be_read_holds_the_message_until_it_can(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    put(key_file, "two words")
    async with scripted(certificates, OK, asks=ssl.CERT_NONE) as far:
        line = make_line(far.url, **with_key(key_file))
        answer = await refused(line)
        assert (answer.verdict, answer.arrival) == (Verdict.HOLD, Arrival.NO)
        assert answer.text.startswith(f"{NAME} '{key_file}'")
        put(key_file, KEY)
        assert await answered(line)


async def test_a_key_that_is_half_written_stops_nothing(
    certificates: Certificates, make_line: MakeLine, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "roampost")
    async with scripted(certificates, OK, OK, OK, asks=ssl.CERT_NONE) as far:
        line = make_line(far.url, **with_key(key_file))
        await post(line)
        put(key_file, "")
        await post(line)
        await post(line)
    assert [asked.headers["authorization"] for asked in far.asked] == [f"key={KEY}"] * 3
    (record,) = caplog.records
    assert NAME in record.getMessage()


async def test_the_key_is_in_no_log_text_or_repr(
    certificates: Certificates, endpoint: Endpoint, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with scripted(certificates, OK, Say(401), asks=ssl.CERT_NONE) as far:
        with_file = replace(endpoint, url=far.url, **with_key(key_file))  # type: ignore[arg-type]  # any field
        line = Line(with_file)
        replies = [await post(line), await post(line)]
        shown = (repr(with_file), repr(line), *map(repr, replies), *map(repr, line.__dict__.values()))
        await line.aclose()
    assert len(far.asked) == 2
    assert caplog.records  # those of the libraries are looked at, too
    assert [text for text in (*shown, caplog.text) if KEY in text] == []


async def test_a_hub_that_wants_a_certificate_after_all_says_what_to_set(
    certificates: Certificates, make_line: MakeLine, key_file: Path
) -> None:
    context = server_context(certificates)
    with refusing(context) as port:
        answer = await refused(make_line(f"https://127.0.0.1:{port}", **with_key(key_file)))
    assert (answer.verdict, answer.arrival) == (Verdict.HOLD, Arrival.NO)
    assert "without a client certificate" in answer.text
    assert "set hubs.surf.cert_file and hubs.surf.key_file" in answer.text


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read: No such file"), ("hello", "PEM format")])
async def test_without_a_certificate_of_ours_the_authority_is_named_alone(
    make_line: MakeLine, key_file: Path, tmp_path: Path, content: str | None, words: str
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    answer = await refused(make_line("https://127.0.0.1:1", ca_file=ca_file, **with_key(key_file)))
    assert answer.verdict is Verdict.HOLD
    assert f"ca_file '{ca_file}'" in answer.text
    assert words in answer.text


def test_a_certificate_without_its_key_is_refused(endpoint: Endpoint) -> None:
    with pytest.raises(ValueError, match="hub hubject: cert_file and key_file belong together"):
        replace(endpoint, key_file=None)
