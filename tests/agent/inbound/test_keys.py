"""API keys: who shows which, in a time that tells nothing, and files that change under the service."""

import hashlib
import hmac
import logging
from pathlib import Path

import pytest

from roampost.config.inbound import KeyInbound
from roampost.inbound.keys import ApiKeys, key_problems

KEYS = {"one": "first-key-of-three", "two": "second-key-of-three", "three": "third-key-of-three"}


@pytest.fixture
def hubs(tmp_path: Path) -> dict[str, KeyInbound]:
    for hub, key in KEYS.items():
        (tmp_path / hub).write_text(f"{key}\n")
    return {hub: KeyInbound(api_key_file=tmp_path / hub) for hub in KEYS}


def shown(key: str) -> list[bytes]:
    return [f"key={key}".encode()]


@pytest.mark.parametrize("hub", KEYS)
def test_a_key_is_one_hubs(hubs: dict[str, KeyInbound], hub: str) -> None:
    assert ApiKeys(hubs).hub_of(shown(KEYS[hub])) == hub


@pytest.mark.parametrize(
    "header", [b"key=%s", b"KEY=%s", b"Key = %s", b"  key=%s ", b"key= %s"], ids=lambda one: one.decode()
)
def test_the_scheme_is_read_as_partners_write_it(hubs: dict[str, KeyInbound], header: bytes) -> None:
    assert ApiKeys(hubs).hub_of([header % KEYS["two"].encode()]) == "two"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"key=",
        b"%s",
        b"key %s",
        b"Bearer %s",
        b"key=%s,",
        b"key=%s x",
        b"xkey=%s",
        b'key="%s"',
        b"key==%s",
        b"key=%s\xff",
        b"key=x%s",
    ],
    ids=repr,
)
def test_anything_else_is_nobodys(hubs: dict[str, KeyInbound], header: bytes) -> None:
    given = header.replace(b"%s", KEYS["one"].encode())
    assert ApiKeys(hubs).hub_of([given]) is None


def test_a_part_of_a_key_another_case_and_two_headers_are_nobodys(hubs: dict[str, KeyInbound]) -> None:
    keys = ApiKeys(hubs)
    for wrong in (KEYS["one"][:-1], KEYS["one"] + "x", KEYS["one"].upper()):
        assert keys.hub_of(shown(wrong)) is None
    assert keys.hub_of([]) is None
    assert keys.hub_of(shown(KEYS["one"]) * 2) is None


@pytest.mark.parametrize("key", [*KEYS.values(), "nobody's-key-at-all"])
def test_every_key_is_compared_in_constant_time_whichever_was_shown(
    hubs: dict[str, KeyInbound], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    keys, compared = ApiKeys(hubs), []
    real = hmac.compare_digest

    def seen(known: bytes, given: bytes) -> bool:
        compared.append((known, given))
        return real(known, given)

    monkeypatch.setattr(hmac, "compare_digest", seen)
    found = keys.hub_of(shown(key))
    given = hashlib.sha256(key.encode()).digest()
    assert compared == [(hashlib.sha256(one.encode()).digest(), given) for one in KEYS.values()]
    # And its word is the one that counts.
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: False)
    assert (found, keys.hub_of(shown(key))) == ({one: hub for hub, one in KEYS.items()}.get(key), None)


def test_a_new_key_counts_at_once_and_the_old_one_no_more(
    hubs: dict[str, KeyInbound], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "roampost")
    keys = ApiKeys(hubs)
    assert caplog.text == ""
    hubs["one"].api_key_file.write_text("another-key-for-hub-one")
    assert keys.hub_of(shown("another-key-for-hub-one")) == "one"
    assert keys.hub_of(shown(KEYS["one"])) is None
    assert caplog.messages == ["hub one: a new API key is in use"]


@pytest.mark.parametrize(
    "content", [None, "", "short", "two lines of it\nare-not-one-key-of-a-hub", "x" * 257, "ä" * 20]
)
def test_a_file_that_cannot_be_used_keeps_the_old_key_and_tells_it_once(
    hubs: dict[str, KeyInbound], caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    keys, file = ApiKeys(hubs), hubs["one"].api_key_file
    file.unlink()
    if content is not None:
        file.write_text(content)
    assert [keys.hub_of(shown(KEYS["one"])) for _ in range(3)] == ["one"] * 3
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert f"its old API key stays in use: hubs.one.inbound.api_key_file '{file}'" in caplog.text
    assert not content or content not in caplog.text


def test_a_hub_whose_file_comes_later_is_let_in_then_and_keeps_no_other_out(
    hubs: dict[str, KeyInbound], caplog: pytest.LogCaptureFixture
) -> None:
    hubs["one"].api_key_file.unlink()
    keys = ApiKeys(hubs)
    assert [keys.hub_of(shown(KEYS[hub])) for hub in KEYS] == [None, "two", "three"]
    assert "hub one: it cannot call: " in caplog.text
    hubs["one"].api_key_file.write_text(KEYS["one"])
    assert keys.hub_of(shown(KEYS["one"])) == "one"


def test_two_hubs_with_one_key_are_nobody(hubs: dict[str, KeyInbound], caplog: pytest.LogCaptureFixture) -> None:
    hubs["two"].api_key_file.write_text(KEYS["one"])
    keys = ApiKeys(hubs)
    assert [keys.hub_of(shown(key)) for key in KEYS.values()] == [None, None, "three"]
    told = "hubs.one and hubs.two show the same API key, so neither can call; give each its own"
    assert caplog.messages == [told]
    assert list(key_problems(hubs)) == [told]


def test_no_key_is_told_by_what_holds_it(hubs: dict[str, KeyInbound], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = ApiKeys(hubs)
    keys.hub_of(shown("nobody's-key-at-all"))
    hubs["one"].api_key_file.write_text(KEYS["one"] + " " + KEYS["one"])
    keys.hub_of(shown(KEYS["two"]))
    told = " ".join([caplog.text, repr(keys), str(vars(keys)), *key_problems(hubs)])
    for key in (*KEYS.values(), "nobody's-key-at-all"):
        assert key not in told
        assert hashlib.sha256(key.encode()).hexdigest() not in told
        assert repr(hashlib.sha256(key.encode()).digest()) not in told
