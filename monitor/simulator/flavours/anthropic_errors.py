"""Anthropic's errors."""

import uuid
from typing import NamedTuple

from monitor.simulator.catalogue import Provider
from monitor.simulator.refusals import RETRY_AFTER_S, Reason, Refusal, Rejection


class _Row(NamedTuple):
    status: int
    type: str
    message: str


_ROWS = {
    Reason.OVERLOADED: _Row(529, "overloaded_error", "Overloaded"),
    Reason.SERVER_ERROR: _Row(500, "api_error", "Internal server error"),
    Reason.RATE_LIMITED: _Row(
        429, "rate_limit_error", "This request would exceed your rate limit of requests per minute"
    ),
    Reason.NO_CREDIT: _Row(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the API. Please go to Plans to buy credits.",
    ),
    Reason.BAD_KEY: _Row(401, "authentication_error", "invalid x-api-key"),
    Reason.NO_KEY: _Row(401, "authentication_error", "x-api-key header is required"),
    Reason.FORBIDDEN: _Row(
        403, "permission_error", "Your API key does not have permission to use the resource"
    ),
    Reason.NO_MODEL: _Row(404, "not_found_error", "model: {model}"),
    Reason.NO_PATH: _Row(404, "not_found_error", "Not found"),
    Reason.BAD_BODY: _Row(400, "invalid_request_error", "{message}"),
    Reason.TOO_LONG: _Row(
        400, "invalid_request_error", "prompt is too long: {tokens} tokens > {limit} maximum"
    ),
}
_LIMITED = {"retry-after": f"{RETRY_AFTER_S}", "anthropic-ratelimit-requests-remaining": "0"}


def reject(refusal: Refusal, _provider: Provider) -> Rejection:
    """The refusal in Anthropic's envelope."""
    status, kind, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    error = {"type": kind, "message": message}
    body = {"type": "error", "error": error, "request_id": f"req_{uuid.uuid4().hex}"}
    headers = _LIMITED if refusal.reason is Reason.RATE_LIMITED else {}
    return Rejection(status, message, body, headers)
