"""`[inbound]` and `[hubs.<name>.inbound]`: off unless both are there, and never with a caller whom nothing tells."""

from pathlib import Path

import pytest

from roampost.config.inbound import HubInbound, KeyInbound
from roampost.config.load import load
from tests.agent.config.small_site import GOOD, TYPES, write
from tests.agent.config.test_load import problems_of

LISTENS = """
[inbound]
cert_file = "/etc/roampost/station.crt"
key_file = "/etc/roampost/station.key"
"""
PINS = """
[hubs.hubject.inbound]
client_ca_file = "/etc/roampost/hubject-ca.crt"
names = ["calls.hubject.example"]
"""
KEYED = """
[hubs.plugsurfing]
kind = "oioi"
url = "https://api.plugsurfing.example/api/v4/request"
operator_id = "DE*ABC"
partner_identifier = "partner-1"
api_key_file = "/etc/roampost/plugsurfing.key"

[hubs.plugsurfing.inbound]
api_key_file = "/etc/roampost/plugsurfing-calls.key"
"""
SECOND = GOOD[GOOD.index("[hubs.hubject]") :].replace("hubs.hubject", "hubs.second")
PRINT = "AB" * 32


def test_a_right_one_has_defaults_and_one_spelling_of_each_identity(tmp_path: Path) -> None:
    colons = ":".join([PRINT[:2]] * 32)
    more = PINS.replace("calls.hubject.example", "Calls.Hubject.example") + f'fingerprints = ["{colons}"]\n'
    config = load(write(tmp_path, GOOD + LISTENS + more), TYPES)
    pin = config.hubs["hubject"].inbound
    assert config.inbound is not None
    assert (config.inbound.address, config.inbound.port, config.inbound.allow) == ("0.0.0.0", 8443, ())
    assert isinstance(pin, HubInbound)
    assert (pin.names, pin.fingerprints) == (("calls.hubject.example",), (PRINT.lower(),))
    assert load(write(tmp_path, GOOD), TYPES).inbound is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[inbound]", "[inbound]\nport = 443", "inbound.port"),
        ("[inbound]", '[inbound]\naddress = "localhost"', "inbound.address"),
        ("[inbound]", '[inbound]\nallow = ["198.51.100.1/24"]', "inbound.allow"),
        ("[inbound]", "[inbound]\nmax_bodybytes = 5", "inbound.max_bodybytes"),
        ('names = ["calls.hubject.example"]', 'names = ["*.hubject.example"]', "hubs.hubject.inbound.names"),
        (
            'names = ["calls.',
            'names = ["CN = calls.',
            "hubs.hubject.inbound.names[1] = 'CN = calls.hubject.example': must be",
        ),
        ('names = ["calls.', 'names = ["DNS:calls.', "hubs.hubject.inbound.names[1] = 'DNS:calls.hubject.example'"),
        ('names = ["calls.hubject.example"]', 'fingerprints = ["ABCD"]', "hubs.hubject.inbound.fingerprints"),
        ("[hubs.hubject.inbound]", '[hubs.hubject.inbound]\nprefix = "api/"', "hubs.hubject.inbound.prefix"),
    ],
)
def test_a_wrong_value_is_told_by_its_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = GOOD + LISTENS + PINS
    assert old in text
    found = problems_of(tmp_path, text.replace(old, new, 1))
    assert [one for one in found if one.startswith(told)]


def test_a_caller_who_is_not_pinned_is_refused_however_well_signed(tmp_path: Path) -> None:
    found = problems_of(tmp_path, GOOD + LISTENS + PINS.replace('names = ["calls.hubject.example"]', ""))
    assert found == [
        "hubs.hubject.inbound: fingerprints or names must pin the hub's own certificate, because its authority signs"
        " other partners too"
    ]


def test_one_half_without_the_other_is_a_mistake(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD + PINS) == [
        "hubs.hubject.inbound: there is no [inbound] section to listen by; add it, or take this out"
    ]
    assert problems_of(tmp_path, GOOD + LISTENS) == [
        "inbound: no hub may call; add [hubs.<name>.inbound] with the hub's authority and identity"
    ]


def test_a_hub_that_is_wrong_in_itself_is_complained_about_once(tmp_path: Path) -> None:
    found = problems_of(tmp_path, (GOOD + LISTENS + PINS).replace('"https://hub.example', '"http://hub.example'))
    assert len(found) == 1


def test_a_certificate_says_by_itself_which_hub_it_is(tmp_path: Path) -> None:
    second = PINS.replace("hubs.hubject", "hubs.second")
    found = problems_of(tmp_path, GOOD + LISTENS + PINS + SECOND + second)
    assert found == ["hubs.second.inbound: 'calls.hubject.example' is pinned for hubs.hubject already"]


def test_one_authority_cannot_sign_the_name_of_another_authoritys_hub(tmp_path: Path) -> None:
    second = PINS.replace("hubs.hubject", "hubs.second").replace("hubject-ca", "second-ca").replace("calls", "other")
    found = problems_of(tmp_path, GOOD + LISTENS + PINS + SECOND + second)
    assert [one.split(":")[0] for one in found] == ["hubs.hubject.inbound.names", "hubs.second.inbound.names"]
    prints = [PINS, second.replace("names", "fingerprints").replace("other.hubject.example", PRINT)]
    assert len(problems_of(tmp_path, GOOD + LISTENS + prints[0] + SECOND + prints[1])) == 1


# --- hubs that show a key ---------------------------------------------------------------------------------------------


def test_a_hub_may_be_known_by_a_key_alone_or_beside_one_with_a_certificate(tmp_path: Path) -> None:
    for pins in ("", PINS):
        config = load(write(tmp_path, GOOD + LISTENS + pins + KEYED), TYPES)
        assert config.hubs["plugsurfing"].inbound == KeyInbound(
            api_key_file=Path("/etc/roampost/plugsurfing-calls.key"),
            prefix="/api/v4/request",
            max_body_bytes=1_048_576,
        )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('prefix = ""', "hubs.plugsurfing.inbound.prefix"),
        ('prefix = "/api/v4/request/"', "hubs.plugsurfing.inbound.prefix"),
        ("max_body_bytes = 1023", "hubs.plugsurfing.inbound.max_body_bytes"),
        ("max_body_bytes = 16777217", "hubs.plugsurfing.inbound.max_body_bytes"),
        ('names = ["calls.hub.example"]', "hubs.plugsurfing.inbound.names"),
        ('api_key = "secret-in-the-file"', "hubs.plugsurfing.inbound.api_key"),
    ],
)
def test_a_wrong_value_of_theirs_is_told_by_its_key(tmp_path: Path, line: str, told: str) -> None:
    found = problems_of(tmp_path, GOOD + LISTENS + KEYED + line)
    assert [one for one in found if one.startswith(told)]
    assert "secret" not in "".join(found)


@pytest.mark.parametrize("path", ["", "calls.key"])
def test_a_key_file_has_its_whole_path(tmp_path: Path, path: str) -> None:
    found = problems_of(tmp_path, GOOD + LISTENS + KEYED.replace("/etc/roampost/plugsurfing-calls.key", path))
    assert [one for one in found if one.startswith("hubs.plugsurfing.inbound.api_key_file")]


def test_they_too_need_a_port_to_call_at(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD + KEYED) == [
        "hubs.plugsurfing.inbound: there is no [inbound] section to listen by; add it, or take this out"
    ]


def test_two_hubs_have_two_keys_and_may_have_one_path(tmp_path: Path) -> None:
    second = KEYED.replace("hubs.plugsurfing", "hubs.second")
    assert problems_of(tmp_path, GOOD + LISTENS + KEYED + second) == [
        "hubs.second.inbound.api_key_file: '/etc/roampost/plugsurfing-calls.key' is the key of hubs.plugsurfing"
        " already; give each hub its own"
    ]
    config = load(write(tmp_path, GOOD + LISTENS + KEYED + second.replace("plugsurfing-calls", "second-calls")), TYPES)
    assert {"plugsurfing", "second"} < set(config.hubs)
