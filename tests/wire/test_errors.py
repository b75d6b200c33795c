"""What a refusal means: each row of each table is hit by an example, composed by hand."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.wire.complaints import complaint_in, complaint_of
from monitor.wire.errors import (
    PROVIDER_ROWS,
    STATUSES,
    TEXT_ROWS,
    Row,
    classify_answer,
    classify_status,
)


def openai(message: str = "no", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None} | fields}


def router(code: int, **metadata: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "no", "metadata": metadata}}


def routed(code: int, availability: str) -> dict[str, Any]:
    return router(code, error_type="not_found", availability={"code": availability})


REFUSALS: list[tuple[int, object, Result]] = [
    # OpenAI
    (400, openai(code="context_length_exceeded", param="messages"), Outcome.CONTEXT_LENGTH),
    (400, openai(code="content_policy_violation"), Outcome.CONTENT_FILTER),
    (400, openai(code="cyber_policy"), Outcome.CONTENT_FILTER),
    (400, openai("Unsupported parameter: 'max_tokens'"), Outcome.BAD_REQUEST),
    (401, openai("Incorrect API key provided", code="invalid_api_key"), Outcome.AUTH),
    (403, openai(code="unsupported_country_region_territory"), Outcome.PERMISSION),
    (404, openai(code="model_not_found"), Outcome.MODEL_NOT_FOUND),
    (429, openai("Quota", type="insufficient_quota"), Outcome.QUOTA_EXHAUSTED),
    (429, openai(code="credit_balance_exhausted"), Outcome.QUOTA_EXHAUSTED),
    (429, openai(code="project_spend_limit_exceeded"), Outcome.QUOTA_EXHAUSTED),
    (429, openai("Request too large for m", code="rate_limit_exceeded"), Outcome.BAD_REQUEST),
    (429, openai("Limit 3. See https://x.test/account/billing", code="rate_limit_exceeded"),
     Outcome.RATE_LIMITED),
    (429, openai("More at https://x.test/account/billing"), Outcome.RATE_LIMITED),
    (429, openai("You exceeded your current quota"), Outcome.QUOTA_EXHAUSTED),
    (429, openai(code="slow_down", type="rate_limit_error"), Outcome.RATE_LIMITED),
    (500, openai(type="server_error"), Outcome.SERVER_ERROR),
    (500, openai("billing model overloaded"), Outcome.SERVER_ERROR),
    (503, openai(code="server_is_overloaded"), Outcome.OVERLOADED),
    (400, openai("no", code="content_filter",
                 innererror={"code": "ResponsibleAIPolicyViolation"}), Outcome.CONTENT_FILTER),
    (404, openai("gone", code="DeploymentNotFound"), Outcome.MODEL_NOT_FOUND),
    (400, openai("no", type="budget_exceeded"), Outcome.QUOTA_EXHAUSTED),
    # OpenRouter
    (402, router(402, error_type="payment_required", limit_source="openrouter_in_flight_budget"),
     Outcome.RATE_LIMITED),
    (402, router(402, limit_source="openrouter_credits"), Outcome.QUOTA_EXHAUSTED),
    (402, router(402, error_type="payment_required"), Outcome.QUOTA_EXHAUSTED),
    (403, router(403, error_type="permission_denied", limit_source="key_limit"),
     Outcome.QUOTA_EXHAUSTED),
    (403, router(403, reasons=["violence"], flagged_input="…"), Outcome.CONTENT_FILTER),
    (403, router(403, error_type="permission_denied"), Outcome.PERMISSION),
    (503, routed(503, "constraint_filtered"), Outcome.BAD_REQUEST),
    (403, routed(403, "region_restricted"), Outcome.PERMISSION),
    (400, routed(400, "model_not_found"), Outcome.MODEL_NOT_FOUND),
    (503, routed(503, "temporarily_unavailable"), Outcome.OVERLOADED),
    (400, router(400, error_type="token_limit_exceeded"), Outcome.CONTEXT_LENGTH),
    (401, router(401, error_type="authentication"), Outcome.AUTH),
    (429, router(429, error_type="rate_limit_exceeded"), Outcome.RATE_LIMITED),
    (529, router(529, error_type="provider_overloaded"), Outcome.OVERLOADED),
    (502, router(502, error_type="provider_unavailable"), Outcome.SERVER_ERROR),
    (412, router(412, error_type="precondition_failed"), Outcome.BAD_REQUEST),
    (404, router(404, error_type="not_found"), Outcome.MODEL_NOT_FOUND),
    (400, router(400, error_type="refusal"), Outcome.CONTENT_FILTER),
    (504, router(504, error_type="timeout"), Outcome.TIMEOUT_TOTAL),
    # Mistral, flat; its message may be an object
    (401, {"object": "error", "message": "Unauthorized", "type": "authentication_error"},
     Outcome.AUTH),
    (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "n"]}]}, Outcome.BAD_REQUEST),
    (422, {"object": "error", "message": {"detail": []}, "code": None}, Outcome.BAD_REQUEST),
    (429, {"object": "error", "message": "Service tier capacity exceeded for this model."},
     Outcome.OVERLOADED),
    (429, {"message": "Requests rate limit exceeded"}, Outcome.RATE_LIMITED),
    # Groq, DeepSeek
    (498, openai(code="capacity_exceeded"), Outcome.OVERLOADED),
    (413, openai("too large"), Outcome.BAD_REQUEST),
    (424, openai("failed dependency"), Outcome.BAD_REQUEST),
    (402, openai("Insufficient Balance"), Outcome.QUOTA_EXHAUSTED),
    (503, openai("busy"), Outcome.OVERLOADED),
    # Ollama, llama.cpp, vLLM
    (404, {"error": 'model "x" not found, try pulling it first'}, Outcome.MODEL_NOT_FOUND),
    (404, openai("model 'x' not found", type="not_found_error"), Outcome.MODEL_NOT_FOUND),
    (503, {"error": "server busy, please try again"}, Outcome.OVERLOADED),
    (500, {"error": "out of memory"}, Outcome.SERVER_ERROR),
    (400, {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}},
     Outcome.CONTEXT_LENGTH),
    (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
     Outcome.OVERLOADED),
    (400, openai("This model's maximum context length is 8 tokens", type="BadRequestError",
                 code=400), Outcome.CONTEXT_LENGTH),
    (404, openai("The model `x` does not exist.", type="NotFoundError", code=404),
     Outcome.MODEL_NOT_FOUND),
    (401, {"error": "Unauthorized"}, Outcome.AUTH),
    (503, "", Outcome.OVERLOADED),
    # shapes
    (400, [openai("The prompt is too long")], Outcome.CONTEXT_LENGTH),
    (400, "plain text: credit balance too low", Outcome.QUOTA_EXHAUSTED),
    (404, {"detail": "Not Found"}, Outcome.BAD_REQUEST),
    (404, "<html>the model page</html>", Outcome.BAD_REQUEST),
    (403, "<html>Just a moment... flagged</html>", Outcome.PERMISSION),
    (502, "<html>Bad gateway</html>", Outcome.SERVER_ERROR),
    (403, openai("input is too long"), Outcome.CONTEXT_LENGTH),
    (403, openai("capacity"), Outcome.PERMISSION),
    (410, openai("this model was retired"), Outcome.MODEL_NOT_FOUND),
    (410, openai("gone"), Outcome.BAD_REQUEST),
    (302, "", Outcome.BAD_REQUEST),
    (407, "", LocalFailure.NETWORK_LOCAL),
    (418, "teapot", Outcome.UNKNOWN),
    (418, openai("flagged by the safety system"), Outcome.CONTENT_FILTER),
    (999, "", Outcome.UNKNOWN),
    (101, "", Outcome.UNKNOWN),
    (400, openai("Invalid API key"), Outcome.AUTH),
    (400, openai("unknown model m"), Outcome.MODEL_NOT_FOUND),
    (400, openai("The engine is overloaded"), Outcome.OVERLOADED),
    (400, openai("Too many requests"), Outcome.RATE_LIMITED),
]  # fmt: skip


def encoded(body: object) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


@pytest.mark.parametrize(("status", "body", "outcome"), REFUSALS)
def test_a_refusal_has_its_class(status: int, body: object, outcome: Result) -> None:
    assert classify_status(status, {}, encoded(body)).outcome is outcome


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([300, 301, 302, 307, 308], Outcome.BAD_REQUEST),
        ([400, 404, 405, 406, 409, 410, 411, 412, 413, 415, 417, 422, 424, 431],
         Outcome.BAD_REQUEST),
        ([401], Outcome.AUTH),
        ([402], Outcome.QUOTA_EXHAUSTED),
        ([403, 451], Outcome.PERMISSION),
        ([408, 504, 524], Outcome.TIMEOUT_TOTAL),
        ([421, 425, 499, 500, 501, 502, 520, 521, 523, 530, 599], Outcome.SERVER_ERROR),
        ([429], Outcome.RATE_LIMITED),
        ([498, 503, 529], Outcome.OVERLOADED),
        ([522], Outcome.TIMEOUT_CONNECT),
        ([525, 526], Outcome.TLS),
    ],
)  # fmt: skip
def test_a_bare_status_has_its_class(statuses: list[int], outcome: Outcome) -> None:
    assert {classify_status(status, {}, b"").outcome for status in statuses} == {outcome}


def test_groq_calls_a_failed_dependency_its_own() -> None:
    assert classify_status(424, {}, b"{}", "api.groq.com").outcome is Outcome.SERVER_ERROR


def test_cohere_has_a_status_of_its_own_for_a_bad_key() -> None:
    assert classify_status(498, {}, b"{}", "api.cohere.com").outcome is Outcome.AUTH
    assert classify_status(498, {}, b"{}", "api.groq.com").outcome is Outcome.OVERLOADED


def test_no_status_that_is_known_is_ok() -> None:
    assert Outcome.OK not in STATUSES.values()


@pytest.mark.parametrize("row", PROVIDER_ROWS)
def test_each_row_of_a_provider_is_met_by_an_example(row: Row) -> None:
    examples = [(s, b, "") for s, b, _ in REFUSALS]
    examples += [(424, {}, "api.groq.com"), (498, {}, "api.cohere.com")]
    rows = [
        next((r for r in PROVIDER_ROWS if r.holds(s, complaint_in(encoded(b)), host)), None)
        for s, b, host in examples
    ]

    assert row in rows


@pytest.mark.parametrize("row", TEXT_ROWS)
def test_each_text_is_met_in_its_turn(row: Row) -> None:
    found = [classify_status(400, {}, word.upper().encode()).outcome for word in row.words]

    assert found == [row.outcome] * len(row.words)


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (router(502, error_type="provider_unavailable"), Outcome.SERVER_ERROR),
        ({"error": {"code": 502, "message": "upstream"}}, Outcome.SERVER_ERROR),
        ({"error": {"code": 429, "message": "slow"}}, Outcome.RATE_LIMITED),
        ({"error": {"code": "503", "message": "x"}}, Outcome.OVERLOADED),
        ({"error": {"code": 407, "message": "x"}}, Outcome.SERVER_ERROR),
        ({"error": {"code": 7, "message": "x"}}, Outcome.SERVER_ERROR),
        ({"error": {"code": 400, "type": "BadRequestError", "message": "x"}}, Outcome.BAD_REQUEST),
        (openai("boom", type="server_error"), Outcome.SERVER_ERROR),
        (openai("overloaded"), Outcome.OVERLOADED),
        ({"error": "runner crashed"}, Outcome.SERVER_ERROR),
        (openai("no", code="insufficient_quota"), Outcome.QUOTA_EXHAUSTED),
    ],
)
def test_an_error_inside_a_200_has_its_class(document: object, outcome: Outcome) -> None:
    assert classify_answer(complaint_of(document), {}).outcome is outcome


def test_a_cloudflare_challenge_is_told_apart() -> None:
    assert classify_status(403, {}, b"<!doctype html>").provider_code == "edge_block"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "type", "metadata", "availability", "detail"]
            ),
            inner,
        )
    ),
)


@settings(deadline=None)
@given(st.integers(100, 999).filter(lambda s: not 200 <= s < 300), st.binary() | JSON.map(encoded))
def test_no_refusal_is_ok_or_raises(status: int, body: bytes) -> None:
    assert classify_status(status, {}, body).outcome is not Outcome.OK


@settings(deadline=None)
@given(JSON)
def test_no_complaint_inside_an_answer_is_ok_or_ours(document: object) -> None:
    outcome = classify_answer(complaint_of(document), {}).outcome

    assert isinstance(outcome, Outcome)
    assert outcome is not Outcome.OK
