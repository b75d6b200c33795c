import json
from typing import Any

import pytest

from monitor.wire.complaints import complaint_in


def openai(message: str = "no", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None} | fields}


def encoded(body: object) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (openai(code="model_not_found"), "model_not_found"),
        (openai(), "invalid_request_error"),
        (
            {"error": {"code": 402, "metadata": {"error_type": "payment_required"}}},
            "payment_required",
        ),
        ({"error": "text"}, None),
        ("", None),
    ],
)
def test_the_most_telling_code_is_kept(body: object, code: str | None) -> None:
    assert complaint_in(encoded(body)).name == code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (openai("no such thing"), "no such thing"),
        ({"error": "no such thing"}, "no such thing"),
        ({"error": None, "message": "no such thing"}, "no such thing"),
        ({"detail": "no such thing"}, "no such thing"),
        ("no such thing", "no such thing"),
        ("<p>no such\n thing</p>", "<p>no such thing</p>"),
        ("", ""),
    ],
)
def test_the_message_is_found_in_every_shape(body: object, message: str) -> None:
    assert complaint_in(encoded(body)).message == message


def test_a_long_code_is_kept_whole_until_it_is_redacted() -> None:
    assert complaint_in(encoded(openai(code="x" * 200))).name == "x" * 200
