"""Errors: an answer that refuses, as an outcome class.

Three tables, asked in this order: what providers mean by their own codes, what messages say, and
what HTTP means. What none of them knows is `unknown`, never ok.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.complaints import Complaint, complaint_in
from monitor.wire.hints import find_wait_s

OK_STATUSES = range(200, 300)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call is not ok. `excerpt` is raw: `replies` redacts it before anybody sees it."""

    outcome: Result
    provider_code: str | None = None
    excerpt: str | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What a provider means: each condition that is given has to hold, each by any of its parts."""

    outcome: Outcome
    marks: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    host: str = ""

    def holds(self, status: int, complaint: Complaint, host: str) -> bool:
        """Whether an error of that status, from that host, is the one this row is about."""
        return (
            (not self.statuses or status in self.statuses)
            and (not self.marks or not complaint.marks.isdisjoint(self.marks))
            and (not self.words or any(word in complaint.words for word in self.words))
            and host.endswith(self.host)
        )


# fmt: off
PROVIDER_ROWS = (
    # OpenRouter: the narrower sources before the error types that they come with
    Row(Outcome.RATE_LIMITED, ("limit_source:openrouter_in_flight_budget",)),
    Row(Outcome.QUOTA_EXHAUSTED, (
        "limit_source:openrouter_credits", "limit_source:openrouter_key_limit",
        "limit_source:openrouter_guardrail_budget", "limit_source:workspace_budget",
        "limit_source:key_limit")),
    Row(Outcome.CONTENT_FILTER, ("moderated",), (403,)),
    Row(Outcome.BAD_REQUEST, (
        "availability:constraint_filtered", "availability:privacy_restricted",
        "availability:wrong_endpoint")),
    Row(Outcome.PERMISSION, ("availability:region_restricted",)),
    Row(Outcome.MODEL_NOT_FOUND, (
        "availability:model_not_found", "availability:model_deprecated",
        "availability:free_variant_ended")),
    Row(Outcome.OVERLOADED, ("availability:temporarily_unavailable",), (503,)),
    Row(Outcome.CONTEXT_LENGTH, (
        "error_type:context_length_exceeded", "error_type:max_tokens_exceeded",
        "error_type:token_limit_exceeded", "error_type:string_too_long")),
    Row(Outcome.AUTH, ("error_type:authentication",)),
    Row(Outcome.QUOTA_EXHAUSTED, ("error_type:payment_required",)),
    Row(Outcome.PERMISSION, ("error_type:permission_denied",)),
    Row(Outcome.RATE_LIMITED, ("error_type:rate_limit_exceeded",)),
    Row(Outcome.OVERLOADED, ("error_type:provider_overloaded",)),
    Row(Outcome.SERVER_ERROR, (
        "error_type:provider_unavailable", "error_type:server", "error_type:unmapped")),
    Row(Outcome.BAD_REQUEST, (
        "error_type:invalid_request", "error_type:invalid_prompt", "error_type:unprocessable",
        "error_type:precondition_failed", "error_type:payload_too_large")),
    Row(Outcome.MODEL_NOT_FOUND, ("error_type:not_found",)),
    Row(Outcome.CONTENT_FILTER, ("error_type:content_policy_violation", "error_type:refusal")),
    Row(Outcome.TIMEOUT_TOTAL, ("error_type:timeout",)),
    # OpenAI, LiteLLM: money before rate, for both are 429
    Row(Outcome.QUOTA_EXHAUSTED, (
        "type:insufficient_quota", "code:insufficient_quota", "code:credit_balance_exhausted",
        "code:organization_spend_limit_exceeded", "code:project_spend_limit_exceeded",
        "code:organization_usage_limit_exceeded", "code:billing_hard_limit_reached",
        "type:budget_exceeded", "code:budget_exceeded")),
    Row(Outcome.BAD_REQUEST, statuses=(429,), words=("request too large",)),
    Row(Outcome.RATE_LIMITED, ("code:rate_limit_exceeded", "code:slow_down")),
    Row(Outcome.CONTEXT_LENGTH, (
        "code:context_length_exceeded", "type:exceed_context_size_error")),
    Row(Outcome.CONTENT_FILTER, (
        "code:content_policy_violation", "code:cyber_policy", "code:content_filter",
        "code:responsibleaipolicyviolation")),
    Row(Outcome.AUTH, ("code:invalid_api_key",)),
    Row(Outcome.PERMISSION, ("code:unsupported_country_region_territory",)),
    Row(Outcome.MODEL_NOT_FOUND, ("code:model_not_found", "code:deploymentnotfound")),
    Row(Outcome.OVERLOADED, ("code:server_is_overloaded", "code:capacity_exceeded")),
    # one signal each
    Row(Outcome.OVERLOADED, statuses=(429,), words=("service tier capacity exceeded",)),  # Mistral
    Row(Outcome.SERVER_ERROR, statuses=(424,), host="groq.com"),
    Row(Outcome.AUTH, statuses=(498,), host="cohere.com"),
    Row(Outcome.OVERLOADED, ("type:unavailable_error",), (503,)),  # llama.cpp loads its model
    Row(Outcome.MODEL_NOT_FOUND, ("type:notfounderror", "type:not_found_error"), (404,),
        ("model",)),  # vLLM, Ollama
)

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
# fmt: on


def classify_status(
    status: int, headers: Mapping[str, str], body: bytes | bytearray, host: str = ""
) -> Fault:
    """What a response that is not a 2xx means. Header names are lower-case."""
    complaint = complaint_in(body)
    code = complaint.name
    if complaint.is_html and status == 403:  # noqa: PLR2004
        code = "edge_block"
    return Fault(
        outcome=_outcome(status, complaint, host),
        provider_code=code,
        excerpt=_moved_to(status, headers) or complaint.message or None,
        retry_after_s=find_wait_s(headers, complaint),
    )


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


def classify_answer(complaint: Complaint, headers: Mapping[str, str], host: str = "") -> Fault:
    """What an error inside a 200 means: by its own code, else by its text, else a server error."""
    status = complaint.status if complaint.status in STATUSES else None
    outcome: Result | None
    if status is None:
        outcome = _first_of((*PROVIDER_ROWS, *TEXT_ROWS), 200, complaint, host)
    else:
        outcome = _outcome(status, complaint, host)
    return Fault(
        # no answer of an endpoint can make its failure ours
        outcome=outcome if isinstance(outcome, Outcome) else Outcome.SERVER_ERROR,
        provider_code=complaint.name or (None if status is None else str(status)),
        excerpt=complaint.message or None,
        retry_after_s=find_wait_s(headers, complaint),
    )


def _outcome(status: int, complaint: Complaint, host: str) -> Result:
    rows: tuple[Row, ...] = PROVIDER_ROWS
    if not complaint.is_html:
        rows += TEXT_ROWS_OF.get(status, () if status in STATUSES else TEXT_ROWS)
    return _first_of(rows, status, complaint, host) or STATUSES.get(status, Outcome.UNKNOWN)


def _first_of(
    rows: tuple[Row, ...], status: int, complaint: Complaint, host: str
) -> Outcome | None:
    return next((row.outcome for row in rows if row.holds(status, complaint, host)), None)
