"""The outcome table of answers: a case for each row, by section and in the order of the rows.

Section 3 is what HTTP means, 4 what each provider means, 5 what messages say. Section 2 (what
breaks a call) is in `test_breaks.py`, section 6 (how long to wait) in `test_hints.py`. An id
reads: section, row, what is shown of it. Where a row was decided otherwise than it once stood,
the case says so by `decided:` (docs/semantics.md, section 12).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Phase, Timings
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.complaints import complaint_in
from monitor.wire.errors import TEXT_ROWS, classify_answer, classify_status
from monitor.wire.judging import read_answer
from monitor.wire.meanings import PROVIDER_ROWS, Row
from monitor.wire.readers import AnswerReader
from monitor.wire.replies import Reply
from monitor.wire.transport import Exchange
from tests.wire.loopback import CANARY, endpoint_at
from tests.wire.spoken import candidate, counted, message, message_delta, response, said
from tests.wire.test_every_flavour import ANSWERS

CHAT, RESPONSES = Flavour.OPENAI_CHAT, Flavour.OPENAI_RESPONSES
ANTHROPIC, GEMINI = Flavour.ANTHROPIC, Flavour.GEMINI
OPENROUTER, OLLAMA, COHERE = Flavour.OPENROUTER, Flavour.OLLAMA, Flavour.COHERE
HTML = "<!DOCTYPE html><html><title>the model page: flagged, billing</title>"


@dataclass(frozen=True)
class Case:
    """A row of the table and an answer that meets it. A body that is no text is sent as JSON."""

    row: str
    status: int
    outcome: Result
    body: Any = ""
    flavour: Flavour = CHAT
    host: str = "localhost"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        body = self.body if isinstance(self.body, str | bytes) else json.dumps(self.body)
        return body.encode() if isinstance(body, str) else body


def reply_to(case: Case) -> Reply:
    answer = ANSWERS[case.flavour]()
    reader = AnswerReader(answer)
    reader.start(case.status, case.headers)
    reader.feed(case.sent)
    if not reader.is_done:
        reader.close()
    exchange = Exchange(
        case.status, case.headers, Phase.DONE, Timings(), is_reused=False, fault=None
    )
    target = replace(endpoint_at("").target, base_url=f"https://{case.host}/v1")
    return read_answer(exchange, reader, answer, target)


def params(section: int, cases: Iterable[Case]) -> list[Any]:
    return [pytest.param(case, id=f"{section} {case.row}") for case in cases]


def bare(row: str, statuses: Iterable[int], outcome: Result) -> list[Case]:
    return [Case(f"{row}: {status}", status, outcome) for status in statuses]


def openai(message: str = "no", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None} | fields}


def anthropic(kind: str, message: str = "no", code: str | None = None) -> dict[str, Any]:
    details = {} if code is None else {"details": {"error_code": code}}
    return {"type": "error", "error": {"type": kind, "message": message, **details}}


def google(code: int, status: str, message: str = "no", *details: dict[str, Any]) -> dict[str, Any]:
    error = {"code": code, "status": status, "message": message, "details": list(details)}
    return {"error": error}


def quota(id_: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": id_}],
    }


def router(code: int, **metadata: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "no", "metadata": metadata}}


def routed(code: int, availability: str) -> dict[str, Any]:
    return router(code, error_type="not_found", availability={"code": availability})


def chat(
    finish: str | None = "stop", content: str | None = "pong", **fields: Any
) -> dict[str, Any]:
    told = {"role": "assistant", "content": content, **fields}
    return {"choices": [{"message": told, "finish_reason": finish}]}


def events(*pieces: Any) -> str:
    return "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces)


def thought(limit: str, tokens: int) -> dict[str, Any]:
    """A chat whose every token went into hidden reasoning."""
    usage = {"prompt_tokens": 9, "completion_tokens": tokens}
    return chat(limit, None) | {"usage": usage}


KEY_INVALID = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}

BY_STATUS = [
    Case("2xx + body checks: answer", 200, Outcome.OK, chat()),
    Case("2xx + body checks: no JSON", 200, Outcome.MALFORMED, "pong"),
    Case("2xx + body checks: nothing", 200, Outcome.MALFORMED, ""),
    Case("2xx + body checks: 204", 204, Outcome.MALFORMED, ""),
    Case("2xx + body checks: another schema", 200, Outcome.MALFORMED, {"answer": "pong"}),
    Case("2xx + body checks: empty", 200, Outcome.EMPTY_RESPONSE, chat(content="")),
    Case("2xx + body checks: unknown finish", 200, Outcome.UNKNOWN, chat("novel")),
    Case("200 with error: by its code", 200, Outcome.QUOTA_EXHAUSTED,
         openai(code="insufficient_quota")),
    Case("200 with error: by its type", 200, Outcome.RATE_LIMITED, openai(type="rate_limit_error")),
    Case("200 with error: by its status", 200, Outcome.OVERLOADED, {"error": {"code": 503}}),
    Case("200 with error: by its text", 200, Outcome.OVERLOADED, {"error": "overloaded"}),
    Case("200 with error: a text", 200, Outcome.SERVER_ERROR, {"error": "runner crashed"}),
    Case("200 with error: default", 200, Outcome.SERVER_ERROR, openai(type="novel")),
    Case("200 with error: in an event", 200, Outcome.SERVER_ERROR, events({"error": "boom"})),
    *bare("300-399", [300, 301, 302, 303, 304, 307, 308, 399], Outcome.BAD_REQUEST),
    Case("400: text match", 400, Outcome.CONTEXT_LENGTH, "the prompt is too long"),
    Case("400: else", 400, Outcome.BAD_REQUEST, "no"),
    *bare("401", [401], Outcome.AUTH),
    *bare("402", [402], Outcome.QUOTA_EXHAUSTED),
    *bare("403", [403], Outcome.PERMISSION),
    Case("403: quota first", 403, Outcome.QUOTA_EXHAUSTED, openai("spend limit reached")),
    Case("403: context first", 403, Outcome.CONTEXT_LENGTH, openai("input is too long")),
    Case("403: content first", 403, Outcome.CONTENT_FILTER, openai("flagged")),
    Case("403: no other text", 403, Outcome.PERMISSION, openai("unknown model; rate limit")),
    Case("403: Cloudflare HTML", 403, Outcome.PERMISSION, HTML),
    Case("404: model in the body", 404, Outcome.MODEL_NOT_FOUND, openai("no such model")),
    Case("404: deployment in the body", 404, Outcome.MODEL_NOT_FOUND, openai("no such deployment")),
    Case("404: else", 404, Outcome.BAD_REQUEST, {"detail": "Not Found"}),
    Case("404: HTML", 404, Outcome.BAD_REQUEST, HTML),
    *bare("405 … 431", [405, 406, 409, 410, 411, 412, 413, 415, 417, 422, 424, 431],
          Outcome.BAD_REQUEST),
    Case("405 … 431: 410 + model", 410, Outcome.MODEL_NOT_FOUND, openai("the model was retired")),
    *bare("407", [407], LocalFailure.NETWORK_LOCAL),
    *bare("408", [408], Outcome.TIMEOUT_TOTAL),
    *bare("421, 425", [421, 425], Outcome.SERVER_ERROR),
    Case("429: quota codes", 429, Outcome.QUOTA_EXHAUSTED, openai(type="insufficient_quota")),
    Case("429: request too large", 429, Outcome.BAD_REQUEST, openai("Request too large for m-1")),
    *bare("429: else", [429], Outcome.RATE_LIMITED),
    *bare("451", [451], Outcome.PERMISSION),
    *bare("498", [498], Outcome.OVERLOADED),
    *bare("499, decided: we did not cancel", [499], Outcome.SERVER_ERROR),
    *bare("500, 501, 502", [500, 501, 502], Outcome.SERVER_ERROR),
    Case("500, 501, 502: whatever it says", 500, Outcome.SERVER_ERROR, openai("billing; flagged")),
    *bare("503", [503], Outcome.OVERLOADED),
    *bare("504, 524, 522", [504, 524], Outcome.TIMEOUT_TOTAL),
    *bare("504, 524, 522", [522], Outcome.TIMEOUT_CONNECT),
    *bare("Cloudflare", [520, 521, 523, 530], Outcome.SERVER_ERROR),
    *bare("Cloudflare: TLS at the origin", [525, 526], Outcome.TLS),
    *bare("529", [529], Outcome.OVERLOADED),
    *bare("other 5xx", [505, 507, 511, 527, 528, 599], Outcome.SERVER_ERROR),
    *bare("none of them", [100, 101, 199, 418, 420, 450, 600, 999], Outcome.UNKNOWN),
    Case("none of them: text match", 418, Outcome.CONTENT_FILTER, openai("flagged")),
]  # fmt: skip


def with_codes(row: str, status: int, codes: Iterable[str], outcome: Result) -> list[Case]:
    return [Case(f"{row} {code}", status, outcome, openai(code=code)) for code in codes]


def failed(codes: Iterable[str], outcome: Result) -> list[Case]:
    return [
        Case(f"OpenAI Responses 200 failed: {code}", 200, outcome,
             response(status="failed", error={"code": code, "message": "no"}), RESPONSES)
        for code in codes
    ]  # fmt: skip


def in_stream(kinds: dict[str, Outcome]) -> list[Case]:
    return [
        Case(f"Anthropic 200 SSE error: {kind}", 200, outcome,
             said("error", error={"type": kind, "message": "no"}), ANTHROPIC)
        for kind, outcome in kinds.items()
    ]  # fmt: skip


def blocked(reasons: Iterable[str]) -> list[Case]:
    return [
        Case(f"Gemini 200 finish {reason}", 200, Outcome.CONTENT_FILTER,
             candidate(finish=reason, usage=counted()), GEMINI)
        for reason in reasons
    ]  # fmt: skip


def typed(kinds: Iterable[str], outcome: Outcome) -> list[Case]:
    """OpenRouter's error types, under a status that would say something else."""
    other = 400 if outcome is not Outcome.BAD_REQUEST else 500
    return [
        Case(f"OpenRouter any: {kind}", other, outcome, router(other, error_type=kind), OPENROUTER)
        for kind in kinds
    ]


BY_OPENAI = [
    *with_codes("OpenAI 400", 400, ["context_length_exceeded"], Outcome.CONTEXT_LENGTH),
    *with_codes("OpenAI 400", 400, ["content_policy_violation", "cyber_policy", "content_filter"],
                Outcome.CONTENT_FILTER),
    Case("OpenAI 400 other", 400, Outcome.BAD_REQUEST, openai("Unsupported parameter: 'seed'")),
    *with_codes("OpenAI 401", 401, ["invalid_api_key"], Outcome.AUTH),
    Case("OpenAI 401 organisation", 401, Outcome.AUTH, openai("You must be in an organization")),
    Case("OpenAI 401 IP allow-list", 401, Outcome.AUTH, openai("Your IP is not on the list")),
    *with_codes("OpenAI 403", 403, ["unsupported_country_region_territory"], Outcome.PERMISSION),
    Case("OpenAI 403 missing scope", 403, Outcome.PERMISSION, openai("Missing scopes: model.read")),
    *with_codes("OpenAI 404", 404, ["model_not_found"], Outcome.MODEL_NOT_FOUND),
    Case("OpenAI 429 quota: type", 429, Outcome.QUOTA_EXHAUSTED, openai(type="insufficient_quota")),
    *with_codes("OpenAI 429 quota:", 429, [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
        "billing_hard_limit_reached"], Outcome.QUOTA_EXHAUSTED),
    Case("OpenAI 429 request too large", 429, Outcome.BAD_REQUEST,
         openai("Request too large for m-1", code="rate_limit_exceeded", type="tokens")),
    *with_codes("OpenAI 429", 429, ["rate_limit_exceeded", "slow_down"], Outcome.RATE_LIMITED),
    Case("OpenAI 429 with an address of its billing", 429, Outcome.RATE_LIMITED,
         openai("Limit 3. See https://x.test/account/billing", type="requests")),
    Case("OpenAI 500", 500, Outcome.SERVER_ERROR, openai(type="server_error")),
    *with_codes("OpenAI 503", 503, ["server_is_overloaded"], Outcome.OVERLOADED),
    Case("OpenAI 503 overloaded text", 503, Outcome.OVERLOADED, openai("The engine is overloaded")),
    Case("OpenAI 200 finish content_filter", 200, Outcome.CONTENT_FILTER, chat("content_filter")),
    Case("OpenAI 200 refusal", 200, Outcome.CONTENT_FILTER, chat(content=None, refusal="I can't")),
    *failed(["server_error", "vector_store_timeout"], Outcome.SERVER_ERROR),
    *failed(["rate_limit_exceeded"], Outcome.RATE_LIMITED),
    *failed(["invalid_prompt", "image_too_large", "image_parse_error", "invalid_image",
             "invalid_image_format"], Outcome.BAD_REQUEST),
    *failed(["bio_policy", "misalignment_policy_violation"], Outcome.CONTENT_FILTER),
    *failed(["server_is_overloaded"], Outcome.OVERLOADED),
    *failed(["data_residency_mismatch"], Outcome.PERMISSION),
    *failed(["novel"], Outcome.SERVER_ERROR),
    Case("OpenAI Responses 200 incomplete: content_filter", 200, Outcome.CONTENT_FILTER,
         response(status="incomplete", incomplete_details={"reason": "content_filter"}), RESPONSES),
    Case("OpenAI Responses 200 incomplete: max_output_tokens, text", 200, Outcome.OK,
         response({"type": "message", "content": [{"type": "output_text", "text": "po"}]},
                  status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
         RESPONSES),
    Case("OpenAI Responses 200 incomplete, decided: our limit was too low", 200,
         Outcome.BAD_REQUEST,
         response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
         RESPONSES),
]  # fmt: skip

BY_ANTHROPIC = [
    Case("Anthropic 400 credit balance", 400, Outcome.QUOTA_EXHAUSTED,
         anthropic("invalid_request_error", "Your credit balance is too low"), ANTHROPIC),
    Case("Anthropic 400 usage limits", 400, Outcome.QUOTA_EXHAUSTED,
         anthropic("invalid_request_error", "You have reached your specified workspace API usage "
                                            "limits"), ANTHROPIC),
    Case("Anthropic 400 prompt is too long", 400, Outcome.CONTEXT_LENGTH,
         anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8"), ANTHROPIC),
    Case("Anthropic 400 content filtering policy", 400, Outcome.CONTENT_FILTER,
         anthropic("invalid_request_error", "Output blocked by content filtering policy"),
         ANTHROPIC),
    Case("Anthropic 400 organization_on_hold", 400, Outcome.PERMISSION,
         anthropic("invalid_request_error", code="organization_on_hold"), ANTHROPIC),
    Case("Anthropic 400 request_body_timeout", 400, LocalFailure.NETWORK_LOCAL,
         anthropic("invalid_request_error", code="request_body_timeout"), ANTHROPIC),
    Case("Anthropic 401", 401, Outcome.AUTH, anthropic("authentication_error"), ANTHROPIC),
    Case("Anthropic 402", 402, Outcome.QUOTA_EXHAUSTED, anthropic("billing_error"), ANTHROPIC),
    Case("Anthropic 403", 403, Outcome.PERMISSION, anthropic("permission_error"), ANTHROPIC),
    Case("Anthropic 404", 404, Outcome.MODEL_NOT_FOUND,
         anthropic("not_found_error", "model: m-1"), ANTHROPIC),
    Case("Anthropic 404, decided: not of a model", 404, Outcome.BAD_REQUEST,
         anthropic("not_found_error", "Not Found"), ANTHROPIC),
    Case("Anthropic 413", 413, Outcome.BAD_REQUEST, anthropic("request_too_large"), ANTHROPIC),
    *[Case(f"Anthropic 429 {code}", 429, Outcome.QUOTA_EXHAUSTED,
           anthropic("rate_limit_error", code=code), ANTHROPIC)
      for code in ("enforced_spend_limit_reached", "contract_spend_limit_reached")],
    Case("Anthropic 429 rate_limit_error", 429, Outcome.RATE_LIMITED,
         anthropic("rate_limit_error"), ANTHROPIC),
    Case("Anthropic 429 ramp_limit_exceeded", 429, Outcome.RATE_LIMITED,
         anthropic("rate_limit_error", code="ramp_limit_exceeded"), ANTHROPIC),
    Case("Anthropic 500", 500, Outcome.SERVER_ERROR, anthropic("api_error"), ANTHROPIC),
    *[Case(f"Anthropic 503 {code}", 503, Outcome.SERVER_ERROR,
           anthropic("api_error", code=code), ANTHROPIC)
      for code in ("cmek_context_unavailable", "cmek_key_unreachable")],
    Case("Anthropic 504", 504, Outcome.TIMEOUT_TOTAL, anthropic("timeout_error"), ANTHROPIC),
    Case("Anthropic 529", 529, Outcome.OVERLOADED, anthropic("overloaded_error"), ANTHROPIC),
    *in_stream({
        "invalid_request_error": Outcome.BAD_REQUEST, "authentication_error": Outcome.AUTH,
        "billing_error": Outcome.QUOTA_EXHAUSTED, "permission_error": Outcome.PERMISSION,
        "request_too_large": Outcome.BAD_REQUEST, "rate_limit_error": Outcome.RATE_LIMITED,
        "api_error": Outcome.SERVER_ERROR, "timeout_error": Outcome.TIMEOUT_TOTAL,
        "overloaded_error": Outcome.OVERLOADED, "novel_error": Outcome.SERVER_ERROR}),
    Case("Anthropic 200 SSE error: not_found_error", 200, Outcome.MODEL_NOT_FOUND,
         said("error", error={"type": "not_found_error", "message": "model: m-1"}), ANTHROPIC),
    Case("Anthropic 200 refusal", 200, Outcome.CONTENT_FILTER,
         message_delta("refusal"), ANTHROPIC),
    Case("Anthropic 200 model_context_window_exceeded", 200, Outcome.CONTEXT_LENGTH,
         message(stop_reason="model_context_window_exceeded",
                 content=[{"type": "text", "text": "po"}]), ANTHROPIC),
]  # fmt: skip

PER_DAY = quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
PER_MINUTE = quota("GenerateContentInputTokensPerModelPerMinute-FreeTier")
PLAN = "You exceeded your current quota, please check your plan and billing details."
BY_GEMINI = [
    Case("Gemini 400 API_KEY_INVALID", 400, Outcome.AUTH,
         google(400, "INVALID_ARGUMENT", "no", KEY_INVALID), GEMINI),
    Case("Gemini 400 API key not valid", 400, Outcome.AUTH,
         google(400, "INVALID_ARGUMENT", "API key not valid."), GEMINI),
    Case("Gemini 400 FAILED_PRECONDITION", 400, Outcome.PERMISSION,
         google(400, "FAILED_PRECONDITION", "enable billing"), GEMINI),
    Case("Gemini 400 context", 400, Outcome.CONTEXT_LENGTH,
         google(400, "INVALID_ARGUMENT", "input exceeds the maximum number of tokens allowed"),
         GEMINI),
    Case("Gemini 400 INVALID_ARGUMENT other", 400, Outcome.BAD_REQUEST,
         google(400, "INVALID_ARGUMENT", "contents is not specified"), GEMINI),
    Case("Gemini 402", 402, Outcome.QUOTA_EXHAUSTED, google(402, "RESOURCE_EXHAUSTED"), GEMINI),
    Case("Gemini 403", 403, Outcome.PERMISSION, google(403, "PERMISSION_DENIED"), GEMINI),
    Case("Gemini 403 keyless", 403, Outcome.AUTH,
         google(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers"), GEMINI),
    Case("Gemini 404", 404, Outcome.MODEL_NOT_FOUND,
         google(404, "NOT_FOUND", "m-1 is not found for API version v1beta"), GEMINI),
    Case("Gemini 429 PerDay", 429, Outcome.QUOTA_EXHAUSTED,
         google(429, "RESOURCE_EXHAUSTED", PLAN, PER_MINUTE, PER_DAY), GEMINI),
    Case("Gemini 429 billing text", 429, Outcome.QUOTA_EXHAUSTED,
         google(429, "RESOURCE_EXHAUSTED", "Your prepay credits are used up"), GEMINI),
    Case("Gemini 429 other: PerMinute", 429, Outcome.RATE_LIMITED,
         google(429, "RESOURCE_EXHAUSTED", PLAN, PER_MINUTE), GEMINI),
    Case("Gemini 429 other: no details", 429, Outcome.RATE_LIMITED,
         google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"), GEMINI),
    Case("Gemini 499, decided: we did not cancel", 499, Outcome.SERVER_ERROR,
         google(499, "CANCELLED"), GEMINI),
    Case("Gemini 500", 500, Outcome.SERVER_ERROR, google(500, "INTERNAL"), GEMINI),
    Case("Gemini 503", 503, Outcome.OVERLOADED, google(503, "UNAVAILABLE"), GEMINI),
    Case("Gemini 504", 504, Outcome.TIMEOUT_TOTAL, google(504, "DEADLINE_EXCEEDED"), GEMINI),
    Case("Gemini in an array", 503, Outcome.OVERLOADED, [google(503, "UNAVAILABLE")], GEMINI),
    Case("Gemini bare error among events", 200, Outcome.OVERLOADED,
         events(candidate({"text": "po"})) + json.dumps(google(503, "UNAVAILABLE"), indent=1),
         GEMINI),
    Case("Gemini 200 blockReason", 200, Outcome.CONTENT_FILTER,
         {"promptFeedback": {"blockReason": "SAFETY"}}, GEMINI),
    *blocked(["SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION", "MODEL_ARMOR",
              "IMAGE_SAFETY"]),
    *[Case(f"Gemini 200 finish {reason}", 200, Outcome.MALFORMED,
           candidate(finish=reason, usage=counted()), GEMINI)
      for reason in ("MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE")],
    Case("Gemini 200 MAX_TOKENS without parts, decided: our limit was too low", 200,
         Outcome.BAD_REQUEST, candidate(finish="MAX_TOKENS", usage=counted(said=0, thought=16)),
         GEMINI),
]  # fmt: skip

BY_OPENROUTER = [
    *typed(["context_length_exceeded", "max_tokens_exceeded", "token_limit_exceeded",
            "string_too_long"], Outcome.CONTEXT_LENGTH),
    *typed(["authentication"], Outcome.AUTH),
    *typed(["payment_required"], Outcome.QUOTA_EXHAUSTED),
    *typed(["permission_denied"], Outcome.PERMISSION),
    *typed(["rate_limit_exceeded"], Outcome.RATE_LIMITED),
    *typed(["provider_overloaded"], Outcome.OVERLOADED),
    *typed(["provider_unavailable", "server", "unmapped"], Outcome.SERVER_ERROR),
    *typed(["invalid_request", "invalid_prompt", "unprocessable", "precondition_failed",
            "payload_too_large"], Outcome.BAD_REQUEST),
    *typed(["not_found"], Outcome.MODEL_NOT_FOUND),
    *typed(["content_policy_violation", "refusal"], Outcome.CONTENT_FILTER),
    *typed(["timeout"], Outcome.TIMEOUT_TOTAL),
    Case("OpenRouter 402 openrouter_in_flight_budget", 402, Outcome.RATE_LIMITED,
         router(402, error_type="payment_required", limit_source="openrouter_in_flight_budget"),
         OPENROUTER),
    Case("OpenRouter 402 other", 402, Outcome.QUOTA_EXHAUSTED,
         router(402, limit_source="openrouter_credits"), OPENROUTER),
    *[Case(f"OpenRouter 403 {source}", 403, Outcome.QUOTA_EXHAUSTED,
           router(403, error_type="permission_denied", limit_source=source), OPENROUTER)
      for source in ("openrouter_guardrail_budget", "workspace_budget", "key_limit",
                     "openrouter_key_limit")],
    *[Case(f"OpenRouter 403 moderation: {key}", 403, Outcome.CONTENT_FILTER,
           router(403, **{key: ["violence"]}), OPENROUTER) for key in ("reasons", "flagged_input")],
    *[Case(f"OpenRouter 408 / 504 / 524: {status}", status, Outcome.TIMEOUT_TOTAL,
           router(status), OPENROUTER) for status in (408, 504, 524)],
    Case("OpenRouter 502", 502, Outcome.SERVER_ERROR, router(502), OPENROUTER),
    *[Case(f"OpenRouter 503 {code}", 503, Outcome.BAD_REQUEST, routed(503, code), OPENROUTER)
      for code in ("constraint_filtered", "privacy_restricted")],
    Case("OpenRouter 503 temporarily_unavailable", 503, Outcome.OVERLOADED,
         routed(503, "temporarily_unavailable"), OPENROUTER),
    Case("OpenRouter 503 overloaded", 503, Outcome.OVERLOADED, router(503), OPENROUTER),
    Case("OpenRouter 403 region_restricted", 403, Outcome.PERMISSION,
         routed(403, "region_restricted"), OPENROUTER),
    *[Case(f"OpenRouter 400 {code}", 400, Outcome.MODEL_NOT_FOUND, routed(400, code), OPENROUTER)
      for code in ("model_not_found", "model_deprecated", "free_variant_ended")],
    Case("OpenRouter 200 chunk with error: by its code", 200, Outcome.OVERLOADED,
         events({"error": {"code": 529, "message": "no"}, "choices": []}), OPENROUTER),
    Case("OpenRouter 200 chunk with error: default", 200, Outcome.SERVER_ERROR,
         events({"error": {"message": "no"}, "choices": []}), OPENROUTER),
    Case("OpenRouter 200 finish error", 200, Outcome.SERVER_ERROR, chat("error"), OPENROUTER),
]  # fmt: skip

BY_OTHERS = [
    Case("Mistral 401", 401, Outcome.AUTH,
         {"object": "error", "message": "Unauthorized", "type": "authentication_error"}),
    Case("Mistral 402", 402, Outcome.QUOTA_EXHAUSTED, {"message": "billing"}),
    Case("Mistral 403", 403, Outcome.PERMISSION, {"object": "error", "message": "no"}),
    Case("Mistral 422 detail[]", 422, Outcome.BAD_REQUEST,
         {"detail": [{"type": "extra_forbidden", "loc": ["body", "n"]}]}),
    Case("Mistral 422 detail[] in a message", 422, Outcome.BAD_REQUEST,
         {"object": "error", "message": {"detail": []}, "code": None}),
    Case("Mistral 429 capacity", 429, Outcome.OVERLOADED,
         {"object": "error", "message": "Service tier capacity exceeded for this model."}),
    Case("Mistral 429 other", 429, Outcome.RATE_LIMITED,
         {"message": "Requests rate limit exceeded"}),
    Case("Groq 413", 413, Outcome.BAD_REQUEST, openai("too large"), host="api.groq.com"),
    Case("Groq 424", 424, Outcome.SERVER_ERROR, openai(), host="api.groq.com"),
    Case("Groq 424: not of others", 424, Outcome.BAD_REQUEST, openai()),
    Case("Groq 498", 498, Outcome.OVERLOADED, openai(code="capacity_exceeded"),
         host="api.groq.com"),
    Case("DeepSeek 402", 402, Outcome.QUOTA_EXHAUSTED, openai("Insufficient Balance")),
    Case("DeepSeek 422", 422, Outcome.BAD_REQUEST, openai("Invalid Parameters")),
    Case("DeepSeek 503", 503, Outcome.OVERLOADED, openai("Server overloaded")),
    Case("Together 402", 402, Outcome.QUOTA_EXHAUSTED, openai("spend limit")),
    Case("Together 403", 403, Outcome.CONTEXT_LENGTH, openai("Input is too long")),
    Case("Together 503", 503, Outcome.OVERLOADED, openai("overloaded")),
    Case("Cohere 400", 400, Outcome.CONTEXT_LENGTH, {"message": "too many tokens"}, COHERE),
    Case("Azure OpenAI 400 content_filter", 400, Outcome.CONTENT_FILTER,
         openai(code="content_filter")),
    Case("Azure OpenAI 400 ResponsibleAIPolicyViolation", 400, Outcome.CONTENT_FILTER,
         openai(innererror={"code": "ResponsibleAIPolicyViolation"})),
    Case("Azure OpenAI 404", 404, Outcome.MODEL_NOT_FOUND, openai(code="DeploymentNotFound")),
    Case("Ollama 404", 404, Outcome.MODEL_NOT_FOUND,
         {"error": 'model "m-1" not found, try pulling it first'}, OLLAMA),
    Case("Ollama 503", 503, Outcome.OVERLOADED, {"error": "server busy, please try again"}, OLLAMA),
    Case("Ollama 500", 500, Outcome.SERVER_ERROR, {"error": "out of memory"}, OLLAMA),
    Case("llama.cpp 400", 400, Outcome.CONTEXT_LENGTH,
         {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}}),
    Case("llama.cpp 503", 503, Outcome.OVERLOADED,
         {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
    Case("vLLM 400", 400, Outcome.CONTEXT_LENGTH,
         openai("This model's maximum context length is 8 tokens", type="BadRequestError",
                code=400)),
    Case("vLLM 404", 404, Outcome.MODEL_NOT_FOUND,
         openai("The model `x` does not exist.", type="NotFoundError", code=404)),
    Case("vLLM 503, decided: like any other", 503, Outcome.OVERLOADED, ""),
    *[Case(f"LiteLLM proxy {status}", status, Outcome.QUOTA_EXHAUSTED,
           openai(type="budget_exceeded")) for status in (422, 429, 400)],
    Case("LiteLLM proxy 401", 401, Outcome.AUTH, openai("Invalid proxy server token passed")),
    Case("any 200 text/html", 200, Outcome.MALFORMED, HTML,
         headers={"content-type": "text/html"}),
    Case("any 200 first byte <", 200, Outcome.MALFORMED, "\n <?xml version='1.0'?>"),
]  # fmt: skip

BY_PROVIDER = [*BY_OPENAI, *BY_ANTHROPIC, *BY_GEMINI, *BY_OPENROUTER, *BY_OTHERS]
#: What stands in no row of the table, and was met in references.
BEYOND = [
    Case("Cohere 498", 498, Outcome.AUTH, {"message": "no"}, COHERE, "api.cohere.com"),
    Case("OpenAI 200 thinking limit", 200, Outcome.BAD_REQUEST, thought("length", 16)),
]


@pytest.mark.parametrize(
    "case", [*params(3, BY_STATUS), *params(4, BY_PROVIDER), *params(0, BEYOND)]
)
def test_an_answer_has_its_class(case: Case) -> None:
    assert reply_to(case).outcome is case.outcome


@pytest.mark.parametrize("row", PROVIDER_ROWS)
def test_each_row_of_a_provider_decides_a_case(row: Row) -> None:
    cases = [*BY_STATUS, *BY_PROVIDER, *BEYOND]
    found = [
        next((r for r in PROVIDER_ROWS if r.holds(c.status, complaint_in(c.sent), c.host)), None)
        for c in cases
    ]

    assert row in found


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        pytest.param(row.outcome, word, id=f"5 {place}. {row.outcome}: {word}")
        for place, row in enumerate(TEXT_ROWS, 1)
        for word in row.words
    ],
)
def test_a_message_is_known_by_its_words(outcome: Result, word: str) -> None:
    assert classify_status(400, {}, f"So: {word.upper()}!".encode()).outcome is outcome
    assert classify_answer(complaint_in(word.encode()), {}).outcome is outcome


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(a, b, id=f"5 {a.outcome} before {b.outcome}")
        for place, a in enumerate(TEXT_ROWS)
        for b in TEXT_ROWS[place + 1 :]
    ],
)
def test_the_earlier_words_decide(earlier: Row, later: Row) -> None:
    text = f"{later.words[0]} {earlier.words[0]}"

    assert classify_status(400, {}, text.encode()).outcome is earlier.outcome


@pytest.mark.parametrize(
    "case",
    [
        Case("status", 418, Outcome.UNKNOWN, f"novel {CANARY} sk-0123456789abcdef"),
        Case("status in JSON", 600, Outcome.UNKNOWN, {"error": f"novel {CANARY}"}),
        Case("finish reason", 200, Outcome.UNKNOWN, chat(f"novel {CANARY}")),
    ],
    ids=lambda case: case.row,
)
def test_what_is_unknown_says_what_came_without_keys(case: Case) -> None:
    reply = reply_to(case)

    assert reply.outcome is Outcome.UNKNOWN
    assert "novel" in (reply.detail.excerpt or "")
    assert CANARY not in repr(reply)
    assert "sk-0123" not in repr(reply)


def test_what_is_unknown_and_says_nothing_is_named_by_its_status() -> None:
    assert classify_status(418, {}, b"").excerpt == "HTTP 418, which means nothing that we know"


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case("edge block", 403, Outcome.PERMISSION, HTML), "edge_block"),
        (Case("Gemini key", 400, Outcome.AUTH, google(400, "X", "no", KEY_INVALID)),
         "api_key_invalid"),
        (Case("Gemini quota", 429, Outcome.RATE_LIMITED,
              google(429, "RESOURCE_EXHAUSTED", "no", PER_DAY)), "resource_exhausted"),
        (Case("Anthropic detail", 400, Outcome.PERMISSION,
              anthropic("invalid_request_error", code="organization_on_hold")),
         "organization_on_hold"),
    ],
    ids=lambda it: it.row if isinstance(it, Case) else it,
)  # fmt: skip
def test_the_most_telling_code_is_kept(case: Case, code: str) -> None:
    assert reply_to(case).detail.provider_code == code


NOT_OK_STATUSES = st.integers(100, 999).filter(lambda status: not 200 <= status < 300)
BODIES = (
    st.binary()
    | st.text()
    | st.sampled_from([case.sent for case in (*BY_STATUS, *BY_PROVIDER)])
    | st.builds(lambda cut, case: case.sent[:cut], st.integers(0, 80), st.sampled_from(BY_PROVIDER))
)


@settings(deadline=None)
@given(NOT_OK_STATUSES, BODIES, st.sampled_from(sorted(ANSWERS)))
def test_no_status_but_a_2xx_is_ever_ok(status: int, body: str | bytes, flavour: Flavour) -> None:
    assert reply_to(Case("any", status, Outcome.UNKNOWN, body, flavour)).outcome is not Outcome.OK


@settings(deadline=None)
@given(st.integers(200, 299), BODIES, st.sampled_from(sorted(ANSWERS)))
def test_no_2xx_is_ok_without_an_answer_that_says_something(
    status: int, body: str | bytes, flavour: Flavour
) -> None:
    reply = reply_to(Case("any", status, Outcome.UNKNOWN, body, flavour))

    assert reply.outcome is not Outcome.OK or reply.text or reply.arguments
