"""Refusals: the answers that are an HTTP error with the OpenAI envelope around the reason."""

from dataclasses import dataclass, field, replace

from monitor.simulator.catalogue import Provider
from monitor.simulator.faults import FaultKind

RETRY_AFTER_S = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error answer: `type` and `code` as the provider names them."""

    status: int
    type: str
    code: str | None
    message: str
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def build_envelope(self, provider: Provider) -> dict[str, object]:
        """The JSON body; `code` is the status as a number where the provider does that."""
        code = self.status if provider.numbers_codes else self.code
        error = {"message": self.message, "type": self.type, "param": self.param, "code": code}
        return {"error": error}


class RefusalError(Exception):
    """Raised where a request ends in a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


REFUSALS = {
    FaultKind.OVERLOADED: Refusal(
        503,
        "service_unavailable_error",
        "server_is_overloaded",
        "The engine is currently overloaded, please try again later",
    ),
    FaultKind.SERVER_ERROR: Refusal(
        500, "server_error", None, "The server had an error while processing your request"
    ),
    FaultKind.RATE_LIMITED: Refusal(
        429,
        "requests",
        "rate_limit_exceeded",
        f"Rate limit reached on requests per min. Please try again in {RETRY_AFTER_S}s.",
        headers={
            "retry-after": f"{RETRY_AFTER_S}",
            "retry-after-ms": f"{RETRY_AFTER_S * 1000}",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": f"{RETRY_AFTER_S}s",
        },
    ),
    FaultKind.NO_CREDIT: Refusal(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    FaultKind.BAD_KEY: Refusal(
        401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: it expired."
    ),
}


def refuse_key(key: str) -> Refusal:
    """The 401 for a key that is not ours; like OpenAI's, its text echoes the key, masked."""
    masked = f"{key[:3]}{'*' * 8}{key[-4:]}"
    return replace(REFUSALS[FaultKind.BAD_KEY], message=f"Incorrect API key provided: {masked}.")


def refuse_missing_key() -> Refusal:
    """The 401 for a request without a bearer key."""
    return Refusal(401, "invalid_request_error", None, "You didn't provide an API key.")


def refuse_body(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """The 400 for a request that the API does not understand."""
    return Refusal(400, "invalid_request_error", code, message, param)


def refuse_model(name: str) -> Refusal:
    """The 404 for a model that the provider does not have."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Refusal(404, "invalid_request_error", "model_not_found", message, "model")
