"""Breaks: a call that an exception ended, as an outcome class, or as a failure on our side.

An exception is judged by its whole chain of causes and by class *names*, as different HTTP
libraries have the same ones; the most telling evidence is asked for first.
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.calls import Phase
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.bodies import BodyError
from monitor.wire.errors import Fault

_UNSENT = (Phase.STARTED, Phase.CONNECTED, Phase.SECURED)
_SHAKING = (Phase.CONNECTED,)
_UNANSWERED = (Phase.SENT,)
_ANSWERING = (Phase.HEADERS, Phase.FIRST_TOKEN, Phase.DONE)
_MAX_CAUSES = 32
_TIMEOUTS = (Outcome.TIMEOUT_CONNECT, Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL)
#: An event loop that is late by this share of the shortest limit of a call may have missed it.
_STALL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Break:
    """One way for a call to break: each condition that is given has to hold, by one exception.

    `code` tells ways of one class apart.
    """

    outcome: Result
    names: tuple[str, ...] = ()
    types: tuple[type[BaseException], ...] = ()
    errnos: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    code: str | None = None

    def holds(self, error: BaseException, phase: Phase) -> bool:
        """Whether an exception that came in that phase is the one this row is about."""
        return (
            (not self.phases or phase in self.phases)
            and (not self.names or any(c.__name__ in self.names for c in type(error).__mro__))
            and (not self.types or isinstance(error, self.types))
            and (not self.errnos or getattr(error, "errno", None) in self.errnos)
            and (not self.words or any(word in str(error).lower() for word in self.words))
        )


# fmt: off
BREAKS = (
    # our side
    Break(LocalFailure.MONITOR_ERROR, ("PoolTimeout", "LocalProtocolError", "UnsupportedProtocol",
                                       "InvalidURL", "UnicodeEncodeError", "MemoryError")),
    Break(LocalFailure.MONITOR_ERROR, errnos=(errno.EMFILE, errno.ENFILE, errno.ENOBUFS,
                                              errno.ENOMEM)),
    Break(LocalFailure.NETWORK_LOCAL, ("ProxyError",)),
    Break(LocalFailure.NETWORK_LOCAL, errnos=(errno.EADDRNOTAVAIL, errno.ENETDOWN)),
    # a request that nobody takes
    Break(Outcome.SERVER_ERROR, ("WriteTimeout",), code="stalled"),
    # before the request was sent
    Break(Outcome.DNS, types=(socket.gaierror,)),
    Break(Outcome.DNS, words=("name or service not known", "getaddrinfo failed",
                              "nodename nor servname",
                              "temporary failure in name resolution")),
    # before TLS: a handshake that is waited for has "want read", an SSLError, among its causes
    Break(Outcome.TIMEOUT_CONNECT, ("ConnectTimeout", "TimeoutError"), phases=_UNSENT),
    Break(Outcome.TLS, types=(ssl.SSLError,), phases=_UNSENT),
    Break(Outcome.TLS, types=(ssl.CertificateError,)),
    Break(Outcome.TLS, words=("certificate_verify_failed", "handshake failure",
                              "unexpected_eof_while_reading"), phases=_UNSENT),
    Break(Outcome.TCP_REFUSED, errnos=(errno.ECONNREFUSED, errno.ENETUNREACH,
                                       errno.EHOSTUNREACH), phases=_UNSENT),
    Break(Outcome.TLS, ("ConnectError", "ConnectionResetError"), phases=_SHAKING),
    Break(Outcome.TCP_REFUSED, ("ConnectError", "ConnectionError"), phases=_UNSENT),
    # the answer
    Break(Outcome.MALFORMED, types=(BodyError,)),
    Break(Outcome.MALFORMED, ("DecodingError", "JSONDecodeError", "UnicodeDecodeError")),
    Break(Outcome.BAD_REQUEST, ("TooManyRedirects",)),
    Break(Outcome.TIMEOUT_TOTAL, ("TimeoutError", "ReadTimeout"), phases=(Phase.FIRST_TOKEN,),
          code="stalled"),
    Break(Outcome.TIMEOUT_FIRST_TOKEN, ("TimeoutError", "ReadTimeout")),
    Break(Outcome.SERVER_ERROR, ("WriteError", "BrokenPipeError")),
    Break(Outcome.SERVER_ERROR, ("RemoteProtocolError",), words=("disconnected without",),
          code="disconnect"),
    Break(Outcome.STREAM_CUT, ("RemoteProtocolError",), words=("peer closed", "incomplete")),
    Break(Outcome.STREAM_CUT, ("IncompleteRead",)),
    Break(Outcome.MALFORMED, ("RemoteProtocolError",)),
    Break(Outcome.STREAM_CUT, ("ReadError", "ConnectionError", "SSLError"), phases=_ANSWERING),
    Break(Outcome.SERVER_ERROR, ("ReadError", "ConnectionError", "SSLError"), phases=_UNANSWERED,
          code="disconnect"),
    # what the clients of OpenAI and Anthropic raise, where no cause tells more
    Break(Outcome.TIMEOUT_TOTAL, ("APITimeoutError",)),
    Break(Outcome.TCP_REFUSED, ("APIConnectionError",)),
)
# fmt: on


def classify_exception(error: BaseException, phase: Phase, *, is_streamed: bool) -> Fault:
    """The class of what broke a call in a phase.

    An answer that does not stream has no first token to wait for: it is late as a whole. What no
    row knows is a failure of ours, for nothing shows that it is the endpoint's.
    """
    chain = list(_causes(error))
    found = next(
        (row for row in BREAKS for cause in chain if row.holds(cause, phase)),
        Break(LocalFailure.MONITOR_ERROR),
    )
    outcome = found.outcome
    if outcome is Outcome.TIMEOUT_FIRST_TOKEN and not is_streamed:
        outcome = Outcome.TIMEOUT_TOTAL
    return Fault(outcome, provider_code=found.code, excerpt=_say(chain))


def own_stall(fault: Fault | None, lag_s: float, limit_s: float) -> Fault | None:
    """The fault, or ours where time ran out while our own event loop stood still."""
    if fault is None or fault.outcome not in _TIMEOUTS or lag_s < _STALL_SHARE * limit_s:
        return fault
    text = f"our own event loop stood still for {lag_s:.1f} s; then {fault.excerpt}"
    return Fault(LocalFailure.MONITOR_ERROR, excerpt=text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that caused it, groups opened, each once."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MAX_CAUSES:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(c for c in (current.__cause__, current.__context__) if c is not None)


def _say(chain: list[BaseException]) -> str:
    """The most precise words: of the deepest cause that has any."""
    said = next((str(cause) for cause in reversed(chain) if str(cause)), "")
    return f"{type(chain[0]).__name__}: {said}" if said else type(chain[0]).__name__
