"""Errors: an answer that refuses, as an outcome class.

Three tables, asked in this order: what providers mean by their own codes (`meanings`), what
messages say, and what HTTP means. What none of them knows is `unknown`, never ok.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.complaints import Complaint, complaint_in
from monitor.wire.hints import find_wait_s
from monitor.wire.meanings import PROVIDER_ROWS, Row

OK_STATUSES = range(200, 300)
_REDIRECTS = range(300, 400)
_FORBIDDEN = 403
_EDGE_BLOCK = "edge_block"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call is not ok. `excerpt` is raw: `replies` redacts it before anybody sees it."""

    outcome: Result
    provider_code: str | None = None
    excerpt: str | None = None
    retry_after_s: float | None = None


# fmt: off
TEXT_ROWS = (
    Row(Outcome.QUOTA_EXHAUSTED, words=(
        "insufficient_quota", "exceeded your current quota", "credit balance",
        "insufficient balance", "payment required", "spend limit", "usage limits", "billing")),
    Row(Outcome.CONTEXT_LENGTH, words=(
        "context_length", "maximum context length", "prompt is too long",
        "exceeds the available context size", "exceeds the maximum number of tokens",
        "too many tokens", "input is too long", "context window")),
    Row(Outcome.CONTENT_FILTER, words=(
        "content policy", "content_filter", "content filtering policy", "safety system",
        "responsibleaipolicy", "flagged")),
    Row(Outcome.AUTH, words=(
        "invalid api key", "incorrect api key", "api key not valid", "unauthorized")),
    Row(Outcome.MODEL_NOT_FOUND, words=(
        "model_not_found", "does not exist", "unknown model", "deployment", "try pulling it")),
    Row(Outcome.OVERLOADED, words=(
        "overloaded", "capacity", "server busy", "temporarily unavailable")),
    Row(Outcome.RATE_LIMITED, words=("rate limit", "too many requests", "try again in")),
)
_QUOTA, _CONTEXT, _CONTENT = TEXT_ROWS[:3]
_MODEL = Row(Outcome.MODEL_NOT_FOUND, words=("model", "deployment"))

#: Of which statuses a message may change the meaning. A client's status that we do not know may
#: mean anything, so there all rows are asked.
TEXT_ROWS_OF = {
    400: TEXT_ROWS, 403: (_QUOTA, _CONTEXT, _CONTENT), 404: (_MODEL,), 410: (_MODEL,),
    429: (_QUOTA,),
}

STATUSES: dict[int, Result] = {
    **dict.fromkeys(range(300, 400), Outcome.BAD_REQUEST),
    **dict.fromkeys((400, 404, 405, 406, 409, 410, 411, 412, 413, 415, 417, 422, 424, 431),
                    Outcome.BAD_REQUEST),
    401: Outcome.AUTH, 402: Outcome.QUOTA_EXHAUSTED, 403: Outcome.PERMISSION,
    407: LocalFailure.NETWORK_LOCAL, 408: Outcome.TIMEOUT_TOTAL, 421: Outcome.SERVER_ERROR,
    425: Outcome.SERVER_ERROR, 429: Outcome.RATE_LIMITED, 451: Outcome.PERMISSION,
    498: Outcome.OVERLOADED, 499: Outcome.SERVER_ERROR,
    **dict.fromkeys(range(500, 600), Outcome.SERVER_ERROR),
    503: Outcome.OVERLOADED, 504: Outcome.TIMEOUT_TOTAL, 522: Outcome.TIMEOUT_CONNECT,
    524: Outcome.TIMEOUT_TOTAL, 525: Outcome.TLS, 526: Outcome.TLS, 529: Outcome.OVERLOADED,
}

#: The status that a kind of error has where it has one: inside a 200 it means the same.
STATUS_OF_KIND = {
    "type:invalid_request_error": 400, "type:authentication_error": 401, "type:billing_error": 402,
    "type:permission_error": 403, "type:not_found_error": 404, "type:request_too_large": 413,
    "type:rate_limit_error": 429, "type:api_error": 500, "type:server_error": 500,
    "code:server_error": 500, "type:service_unavailable_error": 503, "type:timeout_error": 504,
    "type:overloaded_error": 529,
    "status:invalid_argument": 400, "status:failed_precondition": 400,
    "status:unauthenticated": 401, "status:permission_denied": 403, "status:not_found": 404,
    "status:resource_exhausted": 429, "status:cancelled": 499, "status:internal": 500,
    "status:unavailable": 503, "status:deadline_exceeded": 504,
}
# fmt: on
_LIMITS = (Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED)


def classify_status(
    status: int, headers: Mapping[str, str], body: bytes | bytearray, host: str = ""
) -> Fault:
    """What a response that is not a 2xx means. Header names are lower-case."""
    complaint = complaint_in(body)
    outcome = _outcome(status, complaint, host)
    excerpt = _moved_to(status, headers) or complaint.message or None
    if outcome is Outcome.UNKNOWN and excerpt is None:
        excerpt = f"HTTP {status}, which means nothing that we know"
    return Fault(
        outcome=outcome,
        provider_code=_EDGE_BLOCK if complaint.is_html and status == _FORBIDDEN else complaint.name,
        excerpt=excerpt,
        retry_after_s=find_wait_s(headers, complaint, is_limit=outcome in _LIMITS),
    )


def classify_answer(complaint: Complaint, headers: Mapping[str, str], host: str = "") -> Fault:
    """What an error inside a 200 means: as its status or kind does, else a server error."""
    status = _status_of(complaint)
    result: Result | None
    if status is None:
        result = _first_of((*PROVIDER_ROWS, *TEXT_ROWS), 200, complaint, host)
    else:
        result = _outcome(status, complaint, host)
    # no answer of an endpoint can make its failure ours
    outcome = result if isinstance(result, Outcome) else Outcome.SERVER_ERROR
    return Fault(
        outcome=outcome,
        provider_code=complaint.name or (None if status is None else str(status)),
        excerpt=complaint.message or None,
        retry_after_s=find_wait_s(headers, complaint, is_limit=outcome in _LIMITS),
    )


def _status_of(complaint: Complaint) -> int | None:
    if complaint.status in STATUSES:
        return complaint.status
    kinds = (kind for kind in STATUS_OF_KIND if complaint.has_mark(kind))
    return next((STATUS_OF_KIND[kind] for kind in kinds), None)


def _moved_to(status: int, headers: Mapping[str, str]) -> str | None:
    """Where a redirect, which we do not follow, points to."""
    address = headers.get("location", "")
    if status not in _REDIRECTS or not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return "redirected to an address that is none; check base_url"
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return f"redirected to {bare}; put where that is into base_url"


def _outcome(status: int, complaint: Complaint, host: str) -> Result:
    rows: tuple[Row, ...] = PROVIDER_ROWS
    if not complaint.is_html:
        rows += TEXT_ROWS_OF.get(status, () if status in STATUSES else TEXT_ROWS)
    return _first_of(rows, status, complaint, host) or STATUSES.get(status, Outcome.UNKNOWN)


def _first_of(rows: tuple[Row, ...], status: int, complaint: Complaint, host: str) -> Result | None:
    return next((row.outcome for row in rows if row.holds(status, complaint, host)), None)
