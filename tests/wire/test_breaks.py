"""What broke a call: each row of section 2 by an example, in the chain that httpx makes of it.

That a cancelled call is dropped, and that a stalled monitor charges nobody, is in
`test_transport.py`; what becomes of several targets failing at once is the witnesses' to say.
"""

import errno
import http.client
import json
import socket
import ssl
import zlib

import anthropic
import httpx
import httpx2
import openai
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


def sdk(kind: type[BaseException], *causes: BaseException) -> BaseException:
    """What an official client raises; its own module gets the request as an argument."""
    request = httpx2.Request("POST", "http://localhost")
    return caused(kind(request=request), *causes)  # type: ignore[call-arg]


NO_CERT = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
RESET = ConnectionResetError(errno.ECONNRESET, "reset")
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "")
CUT = httpx.RemoteProtocolError("peer closed connection (incomplete chunked read)")
SILENT = httpx.RemoteProtocolError("Server disconnected without sending a response.")
STARTED, CONNECTED, SECURED, SENT = Phase.STARTED, Phase.CONNECTED, Phase.SECURED, Phase.SENT
HEADERS, FIRST_TOKEN = Phase.HEADERS, Phase.FIRST_TOKEN
OURS, LOCAL = LocalFailure.MONITOR_ERROR, LocalFailure.NETWORK_LOCAL
#: A case for each row of section 2, in its order; what is not there has no number.
BREAKAGES: list[tuple[str, BaseException, Phase, Result]] = [
    ("2 gaierror", connect_error(socket.gaierror(-2, "Name")), STARTED, Outcome.DNS),
    ("2 gaierror: EAI_AGAIN", connect_error(socket.gaierror(-3, "Try")), STARTED, Outcome.DNS),
    *[(f"2 gaierror: {text}", httpx.ConnectError(f"[Errno 8] {text}"), STARTED, Outcome.DNS)
      for text in ("Name or service not known", "getaddrinfo failed",
                   "nodename nor servname provided", "Temporary failure in name resolution")],
    ("2 ConnectionRefusedError", connect_error(REFUSED), STARTED, Outcome.TCP_REFUSED),
    ("2 ENETUNREACH", connect_error(OSError(errno.ENETUNREACH, "")), STARTED, Outcome.TCP_REFUSED),
    ("2 ENETUNREACH: one of several tries",
     connect_error(ExceptionGroup("tries", [OSError(errno.ENETUNREACH, "")])), STARTED,
     Outcome.TCP_REFUSED),
    ("2 EHOSTUNREACH", connect_error(OSError(errno.EHOSTUNREACH, "")), STARTED,
     Outcome.TCP_REFUSED),
    ("2 ConnectTimeout", caused(httpx.ConnectTimeout(""), TimeoutError()), STARTED,
     Outcome.TIMEOUT_CONNECT),
    ("2 ConnectTimeout: in TLS", caused(TimeoutError(), ssl.SSLWantReadError()), CONNECTED,
     Outcome.TIMEOUT_CONNECT),
    ("2 ETIMEDOUT", connect_error(OSError(errno.ETIMEDOUT, "")), STARTED, Outcome.TIMEOUT_CONNECT),
    ("2 PoolTimeout", httpx.PoolTimeout(""), STARTED, OURS),
    ("2 SSLCertVerificationError", connect_error(NO_CERT), CONNECTED, Outcome.TLS),
    ("2 SSLCertVerificationError: late", NO_CERT, HEADERS, Outcome.TLS),
    ("2 SSLCertVerificationError: text", httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), CONNECTED,
     Outcome.TLS),
    ("2 other SSLError", connect_error(ssl.SSLError(1, "WRONG_VERSION")), CONNECTED, Outcome.TLS),
    *[(f"2 other SSLError: {text}", httpx.ConnectError(text), STARTED, Outcome.TLS)
      for text in ("handshake failure", "UNEXPECTED_EOF_WHILE_READING")],
    ("2 ProxyError", httpx.ProxyError("407 Proxy"), CONNECTED, LOCAL),
    ("2 ReadTimeout before the status", httpx.ReadTimeout(""), SENT, Outcome.TIMEOUT_FIRST_TOKEN),
    ("2 ReadTimeout before a token", httpx.ReadTimeout(""), HEADERS, Outcome.TIMEOUT_FIRST_TOKEN),
    ("2 ReadTimeout after the first token", httpx.ReadTimeout(""), FIRST_TOKEN,
     Outcome.TIMEOUT_TOTAL),
    ("2 overall deadline: after a token", TimeoutError(), FIRST_TOKEN, Outcome.TIMEOUT_TOTAL),
    ("2 overall deadline: none arrived", TimeoutError(), SENT, Outcome.TIMEOUT_FIRST_TOKEN),
    ("2 overall deadline: not connected", TimeoutError(), STARTED, Outcome.TIMEOUT_CONNECT),
    ("2 overall deadline: no TLS", TimeoutError(), CONNECTED, Outcome.TIMEOUT_CONNECT),
    ("2 WriteTimeout", caused(httpx.WriteTimeout(""), TimeoutError()), SECURED,
     Outcome.SERVER_ERROR),
    ("2 WriteError", httpx.WriteError(""), SENT, Outcome.SERVER_ERROR),
    ("2 BrokenPipeError", BrokenPipeError(), SENT, Outcome.SERVER_ERROR),
    ("2 Server disconnected", SILENT, SENT, Outcome.SERVER_ERROR),
    ("2 peer closed connection", CUT, FIRST_TOKEN, Outcome.STREAM_CUT),
    ("2 IncompleteRead", http.client.IncompleteRead(b""), HEADERS, Outcome.STREAM_CUT),
    ("2 ECONNRESET after headers", caused(httpx.ReadError(""), RESET), HEADERS, Outcome.STREAM_CUT),
    ("2 ECONNRESET in connecting", connect_error(RESET), STARTED, Outcome.TCP_REFUSED),
    ("2 ECONNRESET in the handshake", connect_error(RESET), CONNECTED, Outcome.TLS),
    ("2 LocalProtocolError", httpx.LocalProtocolError("header"), STARTED, OURS),
    ("2 UnsupportedProtocol", httpx.UnsupportedProtocol("ftp"), STARTED, OURS),
    ("2 InvalidURL", httpx.InvalidURL("url"), STARTED, OURS),
    ("2 header encode error", UnicodeEncodeError("ascii", "ä", 0, 1, "no"), STARTED, OURS),
    ("2 DecodingError", caused(httpx.DecodingError("x"), zlib.error()), HEADERS, Outcome.MALFORMED),
    ("2 JSONDecodeError", json.JSONDecodeError("x", "", 0), HEADERS, Outcome.MALFORMED),
    ("2 UnicodeDecodeError", UnicodeDecodeError("utf-8", b"", 0, 1, "no"), HEADERS,
     Outcome.MALFORMED),
    ("2 TooManyRedirects", httpx.TooManyRedirects("x"), HEADERS, Outcome.BAD_REQUEST),
    ("2 MemoryError", MemoryError(), HEADERS, OURS),
    ("2 EMFILE", connect_error(OSError(errno.EMFILE, "files")), STARTED, OURS),
    ("2 APIConnectionError: unwrapped", sdk(openai.APIConnectionError, REFUSED), STARTED,
     Outcome.TCP_REFUSED),
    ("2 APIConnectionError: its cause is cut", sdk(anthropic.APIConnectionError, CUT), FIRST_TOKEN,
     Outcome.STREAM_CUT),
    ("2 APIConnectionError: no cause", sdk(openai.APIConnectionError), SENT, Outcome.TCP_REFUSED),
    ("2 APITimeoutError: no cause", sdk(openai.APITimeoutError), SENT, Outcome.TIMEOUT_TOTAL),
    ("2 APITimeoutError: Anthropic's", sdk(anthropic.APITimeoutError), SENT, Outcome.TIMEOUT_TOTAL),
    ("EADDRNOTAVAIL", connect_error(OSError(errno.EADDRNOTAVAIL, "")), STARTED, LOCAL),
    ("over a bound", BodyError("body over 4096 KiB"), HEADERS, Outcome.MALFORMED),
    ("no HTTP", httpx.RemoteProtocolError("illegal status line"), SENT, Outcome.MALFORMED),
    ("ECONNRESET before headers", caused(httpx.ReadError(""), RESET), SENT, Outcome.SERVER_ERROR),
    ("a bug", RuntimeError("a bug"), HEADERS, OURS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "phase", "outcome"), [pytest.param(*rest, id=row) for row, *rest in BREAKAGES]
)
def test_a_break_has_its_class(error: BaseException, phase: Phase, outcome: Result) -> None:
    assert classify_exception(error, phase, is_streamed=True).outcome is outcome


@pytest.mark.parametrize("row", BREAKS)
def test_each_row_is_met_by_an_example(row: Break) -> None:
    chains = [(e, e.__cause__, getattr(e.__cause__, "exceptions", [None])[0], p)
              for _, e, p, _ in BREAKAGES]  # fmt: skip
    found = [
        next((r for r in BREAKS for error in chain if error and r.holds(error, phase)), None)
        for *chain, phase in chains
    ]

    assert row in found


@pytest.mark.parametrize(
    ("error", "phase", "code"),
    [
        (httpx.ReadTimeout(""), FIRST_TOKEN, "stalled"),
        (httpx.ReadTimeout(""), SENT, None),
        (SILENT, SENT, "disconnect"),
        (caused(httpx.ReadError(""), RESET), SENT, "disconnect"),
    ],
)
def test_ways_of_one_class_are_told_apart(
    error: BaseException, phase: Phase, code: str | None
) -> None:
    assert classify_exception(error, phase, is_streamed=True).provider_code == code


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
