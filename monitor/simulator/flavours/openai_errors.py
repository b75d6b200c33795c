"""OpenAI's errors, which Chat Completions, Responses and Embeddings share."""

from typing import NamedTuple

from monitor.simulator.catalogue import Provider
from monitor.simulator.refusals import RETRY_AFTER_S, Reason, Refusal, Rejection


class _Row(NamedTuple):
    status: int
    type: str
    code: str | None
    message: str


_ROWS = {
    Reason.OVERLOADED: _Row(
        503,
        "service_unavailable_error",
        "server_is_overloaded",
        "The engine is currently overloaded, please try again later",
    ),
    Reason.SERVER_ERROR: _Row(
        500, "server_error", None, "The server had an error while processing your request"
    ),
    Reason.RATE_LIMITED: _Row(
        429,
        "requests",
        "rate_limit_exceeded",
        f"Rate limit reached on requests per min. Please try again in {RETRY_AFTER_S}s.",
    ),
    Reason.NO_CREDIT: _Row(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Reason.BAD_KEY: _Row(
        401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."
    ),
    Reason.NO_KEY: _Row(401, "invalid_request_error", None, "You didn't provide an API key."),
    Reason.FORBIDDEN: _Row(
        403,
        "request_forbidden",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    Reason.NO_MODEL: _Row(
        404,
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
    Reason.NO_PATH: _Row(404, "invalid_request_error", None, "Invalid URL ({path})"),
    Reason.BAD_BODY: _Row(400, "invalid_request_error", None, "{message}"),
    Reason.TOO_LONG: _Row(
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is {limit} tokens. However, your messages"
        " resulted in {tokens} tokens.",
    ),
}
_LIMITED = {
    "retry-after": f"{RETRY_AFTER_S}",
    "retry-after-ms": f"{RETRY_AFTER_S * 1000}",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": f"{RETRY_AFTER_S}s",
}


def reject(refusal: Refusal, provider: Provider) -> Rejection:
    """The refusal in OpenAI's envelope; `code` is the status where the provider does that."""
    status, kind, code, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    param = refusal.param or ("model" if refusal.reason is Reason.NO_MODEL else None)
    error = {"message": message, "type": kind, "param": param}
    body = {"error": error | {"code": status if provider.numbers_codes else code}}
    headers = _LIMITED if refusal.reason is Reason.RATE_LIMITED else {}
    return Rejection(status, message, body, headers)
