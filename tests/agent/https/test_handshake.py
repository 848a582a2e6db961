"""Every way in which a real TLS handshake with the hub fails: which file, what to do, and that nothing arrived."""

import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.hubs.base import Arrival, Verdict
from roampost.hubs.https.line import Line
from roampost.hubs.https.tls import UnusableFilesError, context_for, explain
from tests.agent.certs import Certificates, Pair
from tests.agent.https.conftest import NOW, MakeLine, endpoint_of
from tests.agent.https.conftest import refused as no_reply
from tests.agent.https.hubside import refusing, scripted, server_context

HOLD, RETRY = Verdict.HOLD, Verdict.RETRY
VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


async def refused(line: Line, verdict: Verdict) -> str:
    answer = await no_reply(line)
    assert (answer.verdict, answer.arrival) == (verdict, Arrival.NO)
    return answer.text


# --- their certificate --------------------------------------------------------------------------------------------


@VERSIONS
@pytest.mark.parametrize(
    ("server", "verdict", "sentence"),
    [
        (
            "server_expired",
            HOLD,
            "The hub's certificate has expired: check this machine's clock, it says 2026-11-20 12:00 UTC; else ask the"
            " hub to renew it.",
        ),
        (
            "server_early",
            RETRY,
            "The hub's certificate is not yet valid: this machine's clock may be wrong, it says 2026-11-20 12:00 UTC;"
            " check its time source.",
        ),
        ("server_elsewhere", HOLD, "The hub's certificate is for another host name: check url."),
    ],
)
async def test_a_hub_whose_certificate_is_wrong_gets_nothing(
    certificates: Certificates,
    make_line: MakeLine,
    version: ssl.TLSVersion,
    server: str,
    verdict: Verdict,
    sentence: str,
) -> None:
    async with scripted(certificates, pair=getattr(certificates, server), version=version) as far:
        assert await refused(make_line(far.url), verdict) == sentence
        assert far.asked == []


@VERSIONS
async def test_a_hub_of_an_unknown_authority_gets_nothing(
    certificates: Certificates, make_line: MakeLine, version: ssl.TLSVersion
) -> None:
    async with scripted(certificates, version=version) as far:
        text = await refused(make_line(far.url, ca_file=certificates.other_ca), HOLD)
        assert far.asked == []
    assert f"was not signed by a CA in ca_file {certificates.other_ca}: put the hub's root and intermediate" in text


async def test_an_authority_that_ran_out_is_told_from_a_server_certificate_that_did(
    certificates: Certificates, make_line: MakeLine
) -> None:
    async with scripted(certificates, pair=certificates.server_of_old_ca) as far:
        text = await refused(make_line(far.url, ca_file=certificates.old_ca), HOLD)
    assert f"put the hub's new CA into ca_file {certificates.old_ca}, which ran out" in text


# --- ours ---------------------------------------------------------------------------------------------------------


@VERSIONS
@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("client_foreign", ("unknown_ca", "was signed by this hub", "roampost cert show --hub hubject")),
        ("client_expired", ("certificate_expired", "ran out 2149 days ago, on 2021-01-01", "renew cert_file")),
        # OpenSSL's server says bad_certificate, which could be anything: the rest is of our own file.
        ("client_early", ("bad_certificate", "is not valid before 2080-01-01", "clock says 2026-11-20")),
    ],
)
async def test_our_certificate_refused_in_the_handshake_is_known_as_not_arrived(
    certificates: Certificates, make_line: MakeLine, version: ssl.TLSVersion, client: str, words: tuple[str, ...]
) -> None:
    """Under TLS 1.3 the refusal comes when our side is through with its handshake and has sent the request."""
    context = server_context(certificates)
    context.minimum_version = context.maximum_version = version
    pair = getattr(certificates, client)
    with refusing(context) as port:
        line = make_line(f"https://127.0.0.1:{port}", cert_file=pair.cert, key_file=pair.key)
        text = await refused(line, HOLD)
    assert str(pair.cert) in text
    assert [word for word in words if word not in text] == []


def alert(name: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {name}]")
    error.reason = name
    return error


@pytest.mark.parametrize("name", ["SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV13_ALERT_CERTIFICATE_REQUIRED"])
@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("client_expired", "ran out 2149 days ago, on 2021-01-01"),
        ("client_early", "is not valid before 2080-01-01, and this machine's clock says 2026-11-20"),
        ("client", "was signed by this hub"),
    ],
)
def test_an_alert_that_says_little_is_explained_by_our_own_file(
    certificates: Certificates, name: str, client: str, words: str
) -> None:
    pair = getattr(certificates, client)
    trouble = explain(alert(name), endpoint_of(certificates.ca, pair), NOW)
    assert (trouble.verdict, trouble.ours_refused) == (HOLD, True)
    assert words in trouble.text
    assert str(pair.cert) in trouble.text


def test_a_certificate_that_has_ended_only_for_the_hub_points_to_our_clock(certificates: Certificates) -> None:
    trouble = explain(alert("SSLV3_ALERT_CERTIFICATE_EXPIRED"), endpoint_of(certificates.ca, certificates.client), NOW)
    assert "has expired, although this file says 2090-01-01" in trouble.text
    assert "check this machine's clock" in trouble.text


def test_a_clock_of_1970_is_told(certificates: Certificates) -> None:
    endpoint = endpoint_of(certificates.ca, certificates.client)
    early = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
    ours = explain(alert("SSLV3_ALERT_BAD_CERTIFICATE"), endpoint, early)
    assert "this machine's clock says 1970-01-01" in ours.text
    theirs = ssl.SSLCertVerificationError(1, "certificate verify failed")
    theirs.verify_code = 9
    assert "it says 1970-01-01 00:03 UTC" in explain(theirs, endpoint, early).text


def test_a_file_that_has_gone_meanwhile_leaves_the_hubs_words(certificates: Certificates, tmp_path: Path) -> None:
    pair = Pair(tmp_path / "gone.pem", certificates.client.key)
    trouble = explain(alert("SSLV3_ALERT_CERTIFICATE_EXPIRED"), endpoint_of(certificates.ca, pair), NOW)
    assert trouble.text.startswith("The hub says that our client certificate has expired: renew")
    expired = ssl.SSLCertVerificationError(1, "certificate verify failed")
    expired.verify_code = 10
    for ca_file in (None, tmp_path / "gone-ca.pem"):
        endpoint = replace(endpoint_of(certificates.ca, pair), ca_file=ca_file)
        text = explain(expired, endpoint, NOW).text
        assert text.endswith("ask the hub to renew it.")


# --- files that no context can be made of --------------------------------------------------------------------------


def unusable(ca: Path, pair: Pair) -> str:
    with pytest.raises(UnusableFilesError) as caught:
        context_for(endpoint_of(ca, pair))
    return str(caught.value)


def test_a_key_of_another_certificate_is_named(certificates: Certificates) -> None:
    pair = Pair(certificates.client.cert, certificates.client_renewed.key)
    text = unusable(certificates.ca, pair)
    assert f"key_file '{pair.key}' does not belong to the certificate in cert_file '{pair.cert}': put the key" in text


@pytest.mark.parametrize("spoiled", ["ca_file", "cert_file", "key_file"])
@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read: No such file"), ("hello", "PEM format")])
def test_only_the_file_that_is_wrong_is_named(
    certificates: Certificates, tmp_path: Path, spoiled: str, content: str | None, words: str
) -> None:
    bad = tmp_path / "bad.pem"
    if content is not None:
        bad.write_text(content)
    good = {"ca_file": certificates.ca, "cert_file": certificates.client.cert, "key_file": certificates.client.key}
    files = good | {spoiled: bad}
    text = unusable(files["ca_file"], Pair(files["cert_file"], files["key_file"]))
    assert text.count(str(bad)) == 1
    assert re.search(rf"{spoiled} '{re.escape(str(bad))}' .*{words}", text)
    assert [key for key, path in good.items() if key != spoiled and str(path) in text] == []
