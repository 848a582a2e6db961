"""Why there was no reply, in words: the causes that a loopback cannot show."""

import socket
import ssl

import httpx
import pytest

from roampost.hubs.base import Arrival, Verdict
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.https.failures import no_reply
from tests.agent.https.conftest import NOW


def caused_by(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (caused_by(httpx.ConnectError(""), socket.gaierror(-2, "")), "DNS"),
        (
            caused_by(httpx.ConnectError(""), ExceptionGroup("", [OSError(101, ""), ConnectionRefusedError()])),
            "refuses the connection",
        ),
        (httpx.PoolTimeout(""), "busy"),
        (httpx.ConnectTimeout(""), "cannot be reached in time"),
        (TimeoutError(), "cannot be reached in time"),
        (caused_by(httpx.ConnectError(""), OSError(101, "unreachable")), "check the network"),
    ],
)
def test_no_connection(endpoint: Endpoint, error: Exception, word: str) -> None:
    answer = no_reply(error, endpoint, may_have_left=False, now=NOW)
    assert (answer.verdict, answer.arrival) == (Verdict.RETRY, Arrival.NO)
    assert word in answer.text


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (httpx.ReadTimeout(""), "in time"),
        (httpx.WriteTimeout(""), "in time"),
        (TimeoutError(), "in time"),
        (httpx.ReadError(""), "broke"),
        (httpx.WriteError(""), "broke"),
        (httpx.RemoteProtocolError(""), "broke"),
        (ssl.SSLEOFError(8, "EOF"), "broke"),
        (alert("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), "broke"),
    ],
)
def test_a_request_on_its_way_may_have_arrived(endpoint: Endpoint, error: Exception, word: str) -> None:
    answer = no_reply(error, endpoint, may_have_left=True, now=NOW)
    assert (answer.verdict, answer.arrival) == (Verdict.RETRY, Arrival.MAYBE)
    assert word in answer.text


@pytest.mark.parametrize(
    ("reason", "verdict", "word"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", Verdict.HOLD, "refuses our client certificate"),
        ("TLSV1_ALERT_UNKNOWN_CA", Verdict.HOLD, "refuses our client certificate"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", Verdict.HOLD, "refuses our client certificate"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", Verdict.HOLD, "refuses our client certificate"),
        ("ssl/tls alert certificate expired", Verdict.HOLD, "has expired"),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", Verdict.HOLD, "was revoked"),
        ("TLSV1_ALERT_INTERNAL_ERROR", Verdict.RETRY, "internal_error"),
    ],
)
def test_an_alert_says_that_nothing_was_processed(endpoint: Endpoint, reason: str, verdict: Verdict, word: str) -> None:
    answer = no_reply(alert(reason), endpoint, may_have_left=True, now=NOW)
    assert (answer.verdict, answer.arrival) == (verdict, Arrival.NO)
    assert word in answer.text


def test_an_unknown_certificate_fault_names_its_number(endpoint: Endpoint) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = 79
    answer = no_reply(caused_by(httpx.ConnectError(""), error), endpoint, may_have_left=False, now=NOW)
    assert (answer.verdict, answer.arrival) == (Verdict.HOLD, Arrival.NO)
    assert "OpenSSL 79" in answer.text
