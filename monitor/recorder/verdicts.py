"""Verdicts: what an exception or an end says of a call, in the monitor's words.

What an answer says, the monitor judges itself: it is told status, error and finish reason.
"""

from collections.abc import Iterator
from typing import Final

#: What the exceptions of httpx and httpx2 mean, by the name of the class or one above it; the
#: first that fits. What is none of them (cancelled, interrupted, a full pool) is the program's.
_EXCEPTIONS: Final = {
    "gaierror": "dns",
    "SSLError": "tls",
    "ConnectTimeout": "timeout_connect",
    "WriteTimeout": "network_local",
    "ProxyError": "network_local",
    "ConnectError": "tcp_refused",
    "RemoteProtocolError": "stream_cut",
    "ReadError": "stream_cut",
    "WriteError": "stream_cut",
    "DecodingError": "malformed",
    "TooManyRedirects": "bad_request",
}
#: Finish reasons by which the answer was withheld, in whatever case.
_WITHHELD: Final = frozenset(
    {
        "content_filter",
        "refusal",
        "safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "model_armor",
        "image_safety",
        "image_prohibited_content",
        "image_recitation",
    }
)
UNKNOWN: Final = "unknown"
CUT: Final = "stream_cut"


def outcome_of(error: BaseException, *, is_answered: bool) -> str:
    """The class of a call that raised; `is_answered` when status and headers had come."""
    names = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    if "ReadTimeout" in names:
        return "timeout_total" if is_answered else "timeout_first_token"
    return next((_EXCEPTIONS[name] for name in _EXCEPTIONS if name in names), UNKNOWN)


def outcome_of_finish(finish: str | None) -> str | None:
    """The class of an answer that stopped so; `None` where that says nothing against it."""
    return "content_filter" if finish and finish.lower() in _WITHHELD else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those that it was raised from."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__
