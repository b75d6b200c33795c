"""What broke a call: each row is hit by an example, in the chain that httpx makes of it."""

import errno
import http.client
import json
import socket
import ssl
import zlib

import httpx
import pytest

from monitor.domain.calls import Phase
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.bodies import BodyError
from monitor.wire.breaks import BREAKS, Break, classify_exception, own_stall
from monitor.wire.errors import Fault


def caused(error: BaseException, *causes: BaseException) -> BaseException:
    """The error with a chain of causes, outermost first."""
    outer = error
    for cause in causes:
        outer.__cause__ = cause
        outer = cause
    return error


def connect_error(*causes: BaseException) -> BaseException:
    return caused(httpx.ConnectError("All connection attempts failed"), *causes)


NO_CERT = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
RESET = ConnectionResetError(errno.ECONNRESET, "reset")
BREAKAGES: list[tuple[BaseException, Phase, Result]] = [
    (httpx.PoolTimeout(""), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (httpx.LocalProtocolError("header"), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (httpx.UnsupportedProtocol("ftp"), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (httpx.InvalidURL("url"), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (MemoryError(), Phase.HEADERS, LocalFailure.MONITOR_ERROR),
    (connect_error(OSError(errno.EMFILE, "files")), Phase.STARTED, LocalFailure.MONITOR_ERROR),
    (httpx.ProxyError("407 Proxy"), Phase.CONNECTED, LocalFailure.NETWORK_LOCAL),
    (connect_error(OSError(errno.EADDRNOTAVAIL, "")), Phase.STARTED, LocalFailure.NETWORK_LOCAL),
    (connect_error(socket.gaierror(-2, "Name")), Phase.STARTED, Outcome.DNS),
    (httpx.ConnectError("[Errno 8] nodename nor servname"), Phase.STARTED, Outcome.DNS),
    (connect_error(NO_CERT), Phase.CONNECTED, Outcome.TLS),
    (connect_error(ssl.SSLError(1, "WRONG_VERSION")), Phase.CONNECTED, Outcome.TLS),
    (NO_CERT, Phase.HEADERS, Outcome.TLS),
    (httpx.ConnectError("handshake failure"), Phase.STARTED, Outcome.TLS),
    (caused(httpx.ConnectTimeout(""), TimeoutError()), Phase.STARTED, Outcome.TIMEOUT_CONNECT),
    (TimeoutError(), Phase.STARTED, Outcome.TIMEOUT_CONNECT),
    (caused(TimeoutError(), ssl.SSLWantReadError()), Phase.CONNECTED, Outcome.TIMEOUT_CONNECT),
    (TimeoutError(), Phase.CONNECTED, Outcome.TIMEOUT_CONNECT),
    (connect_error(OSError(errno.ETIMEDOUT, "")), Phase.STARTED, Outcome.TIMEOUT_CONNECT),
    (connect_error(ConnectionRefusedError(errno.ECONNREFUSED, "")), Phase.STARTED,
     Outcome.TCP_REFUSED),
    (connect_error(ExceptionGroup("tries", [OSError(errno.ENETUNREACH, "")])), Phase.STARTED,
     Outcome.TCP_REFUSED),
    (connect_error(OSError(errno.EHOSTUNREACH, "")), Phase.STARTED, Outcome.TCP_REFUSED),
    (connect_error(RESET), Phase.STARTED, Outcome.TCP_REFUSED),
    (connect_error(RESET), Phase.CONNECTED, Outcome.TLS),
    (BodyError("body over 1 MiB"), Phase.HEADERS, Outcome.MALFORMED),
    (caused(httpx.DecodingError("x"), zlib.error()), Phase.HEADERS, Outcome.MALFORMED),
    (json.JSONDecodeError("x", "", 0), Phase.HEADERS, Outcome.MALFORMED),
    (httpx.TooManyRedirects("x"), Phase.HEADERS, Outcome.BAD_REQUEST),
    (TimeoutError(), Phase.SENT, Outcome.TIMEOUT_FIRST_TOKEN),
    (httpx.ReadTimeout(""), Phase.HEADERS, Outcome.TIMEOUT_FIRST_TOKEN),
    (TimeoutError(), Phase.FIRST_TOKEN, Outcome.TIMEOUT_TOTAL),
    (httpx.ReadTimeout(""), Phase.FIRST_TOKEN, Outcome.TIMEOUT_TOTAL),
    (BrokenPipeError(), Phase.SENT, Outcome.SERVER_ERROR),
    (httpx.RemoteProtocolError("Server disconnected without sending a response."), Phase.SENT,
     Outcome.SERVER_ERROR),
    (httpx.RemoteProtocolError("peer closed connection (incomplete chunked read)"),
     Phase.FIRST_TOKEN, Outcome.STREAM_CUT),
    (http.client.IncompleteRead(b""), Phase.HEADERS, Outcome.STREAM_CUT),
    (httpx.RemoteProtocolError("illegal status line"), Phase.SENT, Outcome.MALFORMED),
    (caused(httpx.ReadError(""), RESET), Phase.HEADERS, Outcome.STREAM_CUT),
    (caused(httpx.ReadError(""), RESET), Phase.SENT, Outcome.SERVER_ERROR),
    (RuntimeError("a bug"), Phase.HEADERS, LocalFailure.MONITOR_ERROR),
]  # fmt: skip


@pytest.mark.parametrize(("error", "phase", "outcome"), BREAKAGES)
def test_a_break_has_its_class(error: BaseException, phase: Phase, outcome: Result) -> None:
    assert classify_exception(error, phase, is_streamed=True).outcome is outcome


@pytest.mark.parametrize("row", BREAKS)
def test_each_row_is_met_by_an_example(row: Break) -> None:
    chains = [(e, e.__cause__, getattr(e.__cause__, "exceptions", [None])[0], p)
              for e, p, _ in BREAKAGES]  # fmt: skip
    found = [
        next((r for r in BREAKS for error in chain if error and r.holds(error, phase)), None)
        for *chain, phase in chains
    ]

    assert row in found


def test_an_answer_that_does_not_stream_is_late_as_a_whole() -> None:
    fault = classify_exception(TimeoutError(), Phase.SENT, is_streamed=False)

    assert fault.outcome is Outcome.TIMEOUT_TOTAL


def test_the_deepest_cause_is_told() -> None:
    fault = classify_exception(connect_error(NO_CERT), Phase.CONNECTED, is_streamed=True)

    assert fault.excerpt == "ConnectError: CERTIFICATE_VERIFY_FAILED"


def test_a_chain_that_bites_its_tail_ends() -> None:
    error, cause = ValueError("a"), ValueError("b")
    error.__cause__, cause.__cause__ = cause, error

    assert isinstance(classify_exception(error, Phase.SENT, is_streamed=True).outcome, LocalFailure)


def test_time_that_ran_out_while_our_own_loop_stood_still_is_our_failure() -> None:
    fault = own_stall(Fault(Outcome.TIMEOUT_TOTAL, excerpt="TimeoutError"), lag_s=5, limit_s=10)

    assert fault is not None
    assert fault.outcome is LocalFailure.MONITOR_ERROR
    assert fault.excerpt == "our own event loop stood still for 5.0 s; then TimeoutError"


@pytest.mark.parametrize(
    ("fault", "lag_s"),
    [(None, 9), (Fault(Outcome.TIMEOUT_TOTAL), 4.9), (Fault(Outcome.TCP_REFUSED), 9)],
)
def test_a_stall_excuses_nothing_but_a_timeout_that_it_can_have_made(
    fault: Fault | None, lag_s: float
) -> None:
    assert own_stall(fault, lag_s, limit_s=10) is fault
