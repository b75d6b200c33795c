"""Gemini's errors, as Google puts them: a status in capitals and details by type."""

from typing import Any, NamedTuple

from monitor.simulator.catalogue import Provider
from monitor.simulator.refusals import RETRY_AFTER_S, Reason, Refusal, Rejection

_TYPE = "type.googleapis.com/google.rpc"


class _Row(NamedTuple):
    code: int
    status: str
    message: str


_ROWS = {
    Reason.OVERLOADED: _Row(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Reason.SERVER_ERROR: _Row(500, "INTERNAL", "An internal error has occurred."),
    Reason.RATE_LIMITED: _Row(
        429, "RESOURCE_EXHAUSTED", f"Quota exceeded. Please retry in {RETRY_AFTER_S}s."
    ),
    Reason.NO_CREDIT: _Row(429, "RESOURCE_EXHAUSTED", "Quota exceeded."),
    Reason.BAD_KEY: _Row(
        400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."
    ),
    Reason.NO_KEY: _Row(
        403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers. Please use API Key."
    ),
    Reason.FORBIDDEN: _Row(
        403, "PERMISSION_DENIED", "The caller does not have permission to use this API."
    ),
    Reason.NO_MODEL: _Row(404, "NOT_FOUND", "models/{model} is not found for this API version."),
    Reason.NO_PATH: _Row(404, "NOT_FOUND", "Requested entity was not found."),
    Reason.BAD_BODY: _Row(400, "INVALID_ARGUMENT", "{message}"),
    Reason.TOO_LONG: _Row(
        400,
        "INVALID_ARGUMENT",
        "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limit}).",
    ),
}


def _fail_quota(quota_id: str) -> dict[str, Any]:
    metric = "generativelanguage.googleapis.com/generate_content_requests"
    return {
        "@type": f"{_TYPE}.QuotaFailure",
        "violations": [{"quotaMetric": metric, "quotaId": quota_id, "quotaValue": "250"}],
    }


_DETAILS = {
    Reason.RATE_LIMITED: [
        _fail_quota("GenerateRequestsPerMinutePerProjectPerModel"),
        {"@type": f"{_TYPE}.Help", "links": []},
        {"@type": f"{_TYPE}.RetryInfo", "retryDelay": f"{RETRY_AFTER_S}s"},
    ],
    Reason.NO_CREDIT: [_fail_quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")],
    Reason.BAD_KEY: [
        {
            "@type": f"{_TYPE}.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
    ],
}


def reject(refusal: Refusal, _provider: Provider) -> Rejection:
    """The refusal in Google's envelope; what can be waited for is in its details, no header."""
    code, status, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if refusal.reason in _DETAILS:
        error["details"] = _DETAILS[refusal.reason]
    return Rejection(code, message, {"error": error})
