"""What goes over the wire when a call is spoilt, byte by byte, as the API references say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import httpx
import pytest

from monitor.simulator.catalogue import KEY, list_models
from tests.simulator.asking import CANARY


@contextmanager
def ask(
    root_url: str, fault: str, provider: str = "aurora", **body: object
) -> Iterator[httpx.Response]:
    asked = {
        "model": list_models(provider)[0].name,
        "messages": [{"role": "user", "content": CANARY}],
    }
    with httpx.stream(
        "POST",
        f"{root_url}/{provider}/v1/chat/completions",
        headers={"authorization": f"Bearer {KEY}", "x-simulate": fault},
        json=asked | body,
        timeout=httpx.Timeout(5, read=0.4),
    ) as response:
        yield response


def read(root_url: str, fault: str, provider: str = "aurora", **body: object) -> httpx.Response:
    with ask(root_url, fault, provider, **body) as response:
        response.read()
    return response


def read_events(root_url: str, fault: str, provider: str = "aurora") -> list[str]:
    options = {"include_usage": True}
    text = read(root_url, fault, provider, stream=True, stream_options=options).text
    return [event.removeprefix("data: ") for event in text.split("\n\n") if event]


def parse_deltas(events: list[str]) -> list[dict[str, Any]]:
    chunks = [json.loads(event) for event in events if event.startswith("{")]
    return [c["choices"][0]["delta"] for c in chunks if c.get("choices")]


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ("503", 503, ("service_unavailable_error", "server_is_overloaded")),
        ("500", 500, ("server_error", None)),
        ("429", 429, ("requests", "rate_limit_exceeded")),
        ("no-credit", 429, ("insufficient_quota", "insufficient_quota")),
        ("401", 401, ("invalid_request_error", "invalid_api_key")),
    ],
)
def test_a_refusal_has_the_envelope_of_the_reference(
    root_url: str, fault: str, status: int, error: tuple[str, str | None]
) -> None:
    answer = read(root_url, fault)

    assert answer.status_code == status
    assert (answer.json()["error"]["type"], answer.json()["error"]["code"]) == error
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


def test_cirrus_gives_the_status_as_a_number_for_a_code(root_url: str) -> None:
    answer = read(root_url, "503", "cirrus")

    assert answer.json()["error"]["code"] == 503


@pytest.mark.parametrize(("fault", "status"), [("html", 200), ("502", 502)])
def test_a_page_of_somebody_else_is_html(root_url: str, fault: str, status: int) -> None:
    answer = read(root_url, fault)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<")


def test_a_whole_stream_ends_with_finish_usage_and_the_end_marker(root_url: str) -> None:
    *_, finish, usage, end = read_events(root_url, "none")

    assert json.loads(finish)["choices"][0]["finish_reason"] == "stop"
    assert json.loads(usage)["usage"]["total_tokens"] > 0
    assert end == "[DONE]"


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_cut_answer_ends_before_its_end_by_closing_the_connection(
    root_url: str, *, is_streamed: bool
) -> None:
    received: list[str] = []
    with (
        pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
        ask(root_url, "cut", stream=is_streamed) as answer,
    ):
        received.extend(answer.iter_text())

    assert answer.status_code == 200
    assert received
    assert "[DONE]" not in "".join(received)


@pytest.mark.parametrize("is_streamed", [True, False])
def test_garbage_is_no_json(root_url: str, *, is_streamed: bool) -> None:
    last = read(root_url, "garbage", stream=is_streamed).text.strip().rpartition("\n")[2]

    with pytest.raises(json.JSONDecodeError):
        json.loads(last.removeprefix("data: "))


@pytest.mark.parametrize("is_streamed", [True, False])
def test_an_error_can_come_with_status_200(root_url: str, *, is_streamed: bool) -> None:
    answer = read(root_url, "200-error", stream=is_streamed)
    last = answer.text.strip().rpartition("\n")[2]

    assert answer.status_code == 200
    assert json.loads(last.removeprefix("data: "))["error"]["type"] == "server_error"


def test_usage_may_never_come_though_asked_for(root_url: str) -> None:
    events = read_events(root_url, "no-usage")

    assert events[-1] == "[DONE]"
    assert not any("usage" in event for event in events)


def test_a_plain_answer_may_lack_usage_too(root_url: str) -> None:
    answer = read(root_url, "no-usage")

    assert "usage" not in answer.json()


def test_an_empty_answer_is_finished_and_has_no_content(root_url: str) -> None:
    answer = read(root_url, "empty").json()["choices"][0]

    assert (answer["finish_reason"], answer["message"]["content"]) == ("stop", "")


def test_a_wrong_answer_is_whole_and_lacks_the_word(root_url: str) -> None:
    answer = read(root_url, "wrong").json()["choices"][0]

    assert answer["finish_reason"] == "stop"
    assert "heliotrope7" not in answer["message"]["content"]


@pytest.mark.parametrize("is_streamed", [True, False])
def test_an_endless_answer_goes_on_until_the_client_leaves(
    root_url: str, *, is_streamed: bool
) -> None:
    with ask(root_url, "endless", stream=is_streamed) as answer:
        received = sum(len(part) for part in islice(answer.iter_raw(), 200))

    assert received > 10_000


def test_a_hanging_call_gets_no_status_line(root_url: str) -> None:
    with pytest.raises(httpx.ReadTimeout), ask(root_url, "hang"):
        pass


def test_a_slow_answer_is_the_answer(root_url: str) -> None:
    assert read_events(root_url, "slow")[1:3] != []
    assert parse_deltas(read_events(root_url, "slow")) == parse_deltas(
        read_events(root_url, "none")
    )


@pytest.mark.parametrize(
    ("provider", "mark"), [("aurora", '"obfuscation"'), ("borealis", ": BOREALIS PROCESSING")]
)
def test_each_provider_has_a_habit_that_parsers_must_ignore(
    root_url: str, provider: str, mark: str
) -> None:
    assert any(mark in event for event in read_events(root_url, "none", provider))


@pytest.mark.parametrize(("provider", "least"), [("aurora", 3), ("cirrus", 1)])
def test_a_chunk_is_not_a_token(root_url: str, provider: str, least: int) -> None:
    deltas = parse_deltas(read_events(root_url, "none", provider))

    assert len([d for d in deltas if d.get("content")]) == least


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", None),
        (b"[]", None),
        (b'{"model": "aurora-large", "messages": [{}]}', None),
        (b'{"model": "aurora-vast", "messages": []}', "model_not_found"),
    ],
)
def test_a_body_that_is_no_chat_is_refused_with_the_envelope(
    root_url: str, body: bytes, code: str | None
) -> None:
    answer = httpx.post(
        f"{root_url}/aurora/v1/chat/completions",
        headers={"authorization": f"Bearer {KEY}"},
        content=body,
    )

    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["code"] == code


def test_a_request_without_a_key_is_refused(root_url: str) -> None:
    answer = httpx.get(f"{root_url}/aurora/v1/models")

    assert answer.status_code == 401


def test_an_unknown_provider_is_refused_by_name(root_url: str) -> None:
    answer = httpx.get(f"{root_url}/zenith/v1/models")

    assert answer.status_code == 400
    assert "zenith" in answer.json()["error"]["message"]
