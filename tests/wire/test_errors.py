"""What a refusal means, in whatever shape it comes; the rows are in `test_taxonomy.py`."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.outcomes import Outcome, Result
from monitor.wire.complaints import complaint_of
from monitor.wire.errors import (
    STATUSES,
    classify_answer,
    classify_status,
)


def openai(message: str = "no", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None} | fields}


REFUSALS: list[tuple[int, object, Result]] = [
    (400, [openai("The prompt is too long")], Outcome.CONTEXT_LENGTH),
    (400, "plain text: credit balance too low", Outcome.QUOTA_EXHAUSTED),
    (400, {"error": None, "message": "flagged"}, Outcome.CONTENT_FILTER),
    (401, {"error": "Unauthorized"}, Outcome.AUTH),
    (404, "<html>the model page</html>", Outcome.BAD_REQUEST),
    (502, "<html>Bad gateway</html>", Outcome.SERVER_ERROR),
    (429, openai("More at https://x.test/account/billing"), Outcome.RATE_LIMITED),
    (400, openai("Invalid API key"), Outcome.AUTH),
    (500, {"error": {"details": [None, {"violations": [{"quotaId": 7}, 1]}]}},
     Outcome.SERVER_ERROR),
]  # fmt: skip


def encoded(body: object) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


@pytest.mark.parametrize(("status", "body", "outcome"), REFUSALS)
def test_a_refusal_has_its_class(status: int, body: object, outcome: Result) -> None:
    assert classify_status(status, {}, encoded(body)).outcome is outcome


def test_no_status_that_is_known_is_ok() -> None:
    assert Outcome.OK not in STATUSES.values()


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
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


def test_a_limit_is_what_makes_its_reset_a_hint() -> None:
    """OpenAI tells it with every answer; an outage must not wait for it to be confirmed."""
    headers = {"x-ratelimit-reset-tokens": "50s", "x-ratelimit-remaining-tokens": "7"}

    assert classify_status(429, headers, b"").retry_after_s == 50
    assert classify_status(500, headers, b"").retry_after_s is None


def test_a_cloudflare_challenge_is_told_apart() -> None:
    assert classify_status(403, {}, b"<!doctype html>").provider_code == "edge_block"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "error",
                    "message",
                    "code",
                    "type",
                    "status",
                    "metadata",
                    "availability",
                    "details",
                    "violations",
                    "quotaId",
                    "retryDelay",
                    "innererror",
                ]
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
