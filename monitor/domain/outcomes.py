"""Outcomes: the class of what happened to a call, and who answers for it.

An `Outcome` is something the endpoint did. A `LocalFailure` is something that failed on our
side; it is another type, so that code which fails here cannot charge an endpoint. One table,
`RULINGS`, answers every question about a class (docs/semantics.md, section 2).
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Outcome(StrEnum):
    """What the endpoint did with a call."""

    OK = "ok"
    WRONG_ANSWER = "wrong_answer"
    AUTH = "auth"
    PERMISSION = "permission"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    MODEL_NOT_FOUND = "model_not_found"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    BAD_REQUEST = "bad_request"
    CONTEXT_LENGTH = "context_length"
    CONTENT_FILTER = "content_filter"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_TOKEN = "timeout_first_token"
    TIMEOUT_TOTAL = "timeout_total"
    DNS = "dns"
    TCP_REFUSED = "tcp_refused"
    TLS = "tls"
    STREAM_CUT = "stream_cut"
    MALFORMED = "malformed"
    EMPTY_RESPONSE = "empty_response"
    UNKNOWN = "unknown"


class LocalFailure(StrEnum):
    """What failed on our side: never charged to an endpoint."""

    MONITOR_ERROR = "monitor_error"
    NETWORK_LOCAL = "network_local"


Result = Outcome | LocalFailure


class Blame(StrEnum):
    """Who answers for an outcome."""

    NOBODY = "nobody"
    PROVIDER = "provider"
    ACCOUNT = "account"
    CALLER = "caller"
    NETWORK = "network"
    MONITOR = "monitor"
    UNCLEAR = "unclear"


class Group(StrEnum):
    """How an outcome enters the success rate; what is excluded leaves both sides of it."""

    GOOD = "good"
    BAD = "bad"
    EXCLUDED = "excluded"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Ruling:
    """All that follows from an outcome class.

    `is_charged`: a failing tick for provider availability. `is_unusable`: a failing tick for
    "usable by us". `is_retryable`: what may be hinted to a retrier. `is_charged_strictly`: a
    failing tick for provider availability as OpenRouter counts it, which knows no account of ours:
    401, 402 and 404 are the provider's there, 403 and 429 are not.
    """

    blame: Blame
    group: Group
    is_charged: bool = False
    is_unusable: bool = False
    is_retryable: bool = False
    is_charged_strictly: bool = False


_GOOD = Ruling(Blame.NOBODY, Group.GOOD)
_ACCOUNT = Ruling(Blame.ACCOUNT, Group.EXCLUDED, is_unusable=True)
_STRICT = replace(_ACCOUNT, is_charged_strictly=True)
_CALLER = Ruling(Blame.CALLER, Group.EXCLUDED)
_FINAL = Ruling(Blame.PROVIDER, Group.BAD, is_charged=True, is_unusable=True)
_PASSING = Ruling(Blame.PROVIDER, Group.BAD, is_charged=True, is_unusable=True, is_retryable=True)
_LINK = Ruling(Blame.NETWORK, Group.BAD, is_charged=True, is_unusable=True, is_retryable=True)

RULINGS: dict[Result, Ruling] = {
    Outcome.OK: _GOOD,
    Outcome.WRONG_ANSWER: _GOOD,
    Outcome.AUTH: _STRICT,
    Outcome.PERMISSION: _ACCOUNT,
    Outcome.QUOTA_EXHAUSTED: _STRICT,
    Outcome.RATE_LIMITED: Ruling(
        Blame.ACCOUNT, Group.EXCLUDED, is_unusable=True, is_retryable=True
    ),
    Outcome.MODEL_NOT_FOUND: _STRICT,
    Outcome.OVERLOADED: _PASSING,
    Outcome.SERVER_ERROR: _PASSING,
    Outcome.BAD_REQUEST: _CALLER,
    Outcome.CONTEXT_LENGTH: _CALLER,
    Outcome.CONTENT_FILTER: _CALLER,
    Outcome.TIMEOUT_CONNECT: _LINK,
    Outcome.TIMEOUT_FIRST_TOKEN: _PASSING,
    Outcome.TIMEOUT_TOTAL: _PASSING,
    Outcome.DNS: _LINK,
    Outcome.TCP_REFUSED: _LINK,
    Outcome.TLS: Ruling(Blame.NETWORK, Group.BAD, is_charged=True, is_unusable=True),
    Outcome.STREAM_CUT: _PASSING,
    Outcome.MALFORMED: _PASSING,
    Outcome.EMPTY_RESPONSE: _FINAL,
    Outcome.UNKNOWN: Ruling(Blame.UNCLEAR, Group.EXCLUDED),
    LocalFailure.MONITOR_ERROR: Ruling(Blame.MONITOR, Group.LOCAL, is_retryable=True),
    LocalFailure.NETWORK_LOCAL: Ruling(Blame.MONITOR, Group.LOCAL, is_retryable=True),
}

#: Failures before any byte was exchanged: the ones that the witness rule looks into.
CONNECTION_LEVEL = frozenset(
    {Outcome.DNS, Outcome.TCP_REFUSED, Outcome.TIMEOUT_CONNECT, Outcome.TLS}
)
