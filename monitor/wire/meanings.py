"""Meanings: what providers say by codes of their own, as outcome classes.

Codes are read wherever they come from, for gateways hand on what they were told: the marks are
those of `complaints`. A row that only a host's name tells apart has that host. The first row that
holds counts, so the narrower ones stand first.
"""

from dataclasses import dataclass

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.complaints import Complaint


@dataclass(frozen=True, slots=True)
class Row:
    """What a provider means: each condition that is given has to hold, each by any of its parts.

    A mark that ends in `*` stands for all that begin like it.
    """

    outcome: Result
    marks: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    host: str = ""

    def holds(self, status: int, complaint: Complaint, host: str) -> bool:
        """Whether an error of that status, from that host, is the one this row is about."""
        return (
            (not self.statuses or status in self.statuses)
            and (not self.marks or any(map(complaint.has_mark, self.marks)))
            and host.endswith(self.host)
            and (not self.words or complaint.says(self.words))
        )


# fmt: off
OPENROUTER = (
    # the narrower sources before the error types that they come with
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
)

GEMINI = (
    Row(Outcome.AUTH, ("reason:api_key_invalid",)),
    Row(Outcome.AUTH, ("status:permission_denied",), words=("unregistered callers",)),
    Row(Outcome.PERMISSION, ("status:failed_precondition",), (400,)),
    Row(Outcome.MODEL_NOT_FOUND, ("status:not_found",), (404,)),
    # its message speaks of quota and billing in any case: what was used up tells the kinds apart
    Row(Outcome.QUOTA_EXHAUSTED, ("quota:perday",), (429,)),
    Row(Outcome.RATE_LIMITED, ("quota:other",), (429,)),
    Row(Outcome.QUOTA_EXHAUSTED, ("status:resource_exhausted",), (429,),
        ("billing", "prepay", "prepaid", "credit", "spend")),
    Row(Outcome.RATE_LIMITED, ("status:resource_exhausted",), (429,)),
)

ANTHROPIC = (
    Row(Outcome.QUOTA_EXHAUSTED, (
        "detail:enforced_spend_limit_reached", "detail:contract_spend_limit_reached",
        "detail:linked_organization_spend_limit_reached")),
    Row(Outcome.RATE_LIMITED, ("detail:ramp_limit_exceeded",)),
    Row(Outcome.PERMISSION, ("detail:organization_on_hold",)),
    Row(LocalFailure.NETWORK_LOCAL, ("detail:request_body_timeout",), (400,)),  # we sent too slowly
    Row(Outcome.SERVER_ERROR, ("detail:cmek_context_unavailable", "detail:cmek_key_unreachable")),
)

OPENAI = (
    # money before rate, for both are 429; `budget_exceeded` is the LiteLLM proxy's
    Row(Outcome.QUOTA_EXHAUSTED, (
        "type:insufficient_quota", "code:insufficient_quota", "code:credit_balance_exhausted",
        "code:organization_spend_limit_exceeded", "code:project_spend_limit_exceeded",
        "code:organization_usage_limit_exceeded", "code:billing_hard_limit_reached",
        "type:budget_exceeded", "code:budget_exceeded")),
    Row(Outcome.BAD_REQUEST, statuses=(429,), words=("request too large",)),
    Row(Outcome.RATE_LIMITED, ("code:rate_limit_exceeded", "code:slow_down")),
    Row(Outcome.CONTEXT_LENGTH, ("code:context_length_exceeded",)),
    Row(Outcome.CONTENT_FILTER, (
        "code:content_policy_violation", "code:cyber_policy", "code:content_filter",
        "code:bio_policy", "code:misalignment_policy_violation",
        "code:responsibleaipolicyviolation")),  # the last one is Azure's
    Row(Outcome.AUTH, ("code:invalid_api_key",)),
    Row(Outcome.PERMISSION, (
        "code:unsupported_country_region_territory", "code:data_residency_mismatch")),
    Row(Outcome.MODEL_NOT_FOUND, ("code:model_not_found", "code:deploymentnotfound")),
    Row(Outcome.OVERLOADED, ("code:server_is_overloaded",)),
    Row(Outcome.SERVER_ERROR, ("code:vector_store_timeout",)),
    Row(Outcome.BAD_REQUEST, ("code:invalid_prompt", "code:image_*", "code:invalid_image*")),
)

ONE_SIGNAL_EACH = (
    Row(Outcome.OVERLOADED, statuses=(429,), words=("service tier capacity exceeded",)),  # Mistral
    Row(Outcome.SERVER_ERROR, statuses=(424,), host="groq.com"),
    Row(Outcome.OVERLOADED, ("code:capacity_exceeded",)),  # Groq
    Row(Outcome.AUTH, statuses=(498,), host="cohere.com"),
    Row(Outcome.CONTEXT_LENGTH, ("type:exceed_context_size_error",)),  # llama.cpp
    Row(Outcome.OVERLOADED, ("type:unavailable_error",), (503,)),  # llama.cpp loads its model
    Row(Outcome.MODEL_NOT_FOUND, ("type:notfounderror", "type:not_found_error"), (404,),
        ("model",)),  # vLLM, Ollama, Anthropic
)
# fmt: on

PROVIDER_ROWS = (*OPENROUTER, *GEMINI, *ANTHROPIC, *OPENAI, *ONE_SIGNAL_EACH)
