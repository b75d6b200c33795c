"""What is recorded of calls of every kind, and of none that asks no model."""

import json
from contextlib import suppress
from typing import Any

import httpx
import httpx2
import ollama
import openai
import pytest

from monitor.recorder import flush, record, tagged
from monitor.recorder.attribution import alias_of
from monitor.recorder.courier import Courier
from monitor.simulator.catalogue import KEY, KEY_WITHOUT_CREDIT
from tests.recorder.listener import Listener

CANARY = "Reply with exactly this word and nothing else: heliotrope7"
ASKED: list[Any] = [{"role": "user", "content": CANARY}]
CHAT: Any = {"model": "aurora-large", "messages": ASKED}


def tell(listener: Listener) -> dict[str, Any]:
    """The one event that was told."""
    flush(30)
    [event] = listener.events
    return event


def aurora(root_url: str, **more: Any) -> openai.OpenAI:
    wishes: dict[str, Any] = {"api_key": KEY, "max_retries": 0, **more}
    return record(openai.OpenAI(base_url=f"{root_url}/aurora/v1", **wishes), team="search")


@pytest.mark.parametrize(
    ("flavour", "base", "path", "body"),
    [
        ("openai_responses", "/iris/v1", "/responses", {"model": "iris-mini", "input": CANARY}),
        ("openai_embeddings", "/iris/v1", "/embeddings", {"model": "iris-embed", "input": "a b"}),
        ("openai_chat", "/foehn/api/v1", "/chat/completions",
         {"model": "foehn/warm-1", "messages": ASKED}),
        ("cohere", "/halo", "/v2/chat", {"model": "halo-a", "messages": ASKED}),
        ("ollama", "/gale", "/api/chat", {"model": "gale:8b", "messages": ASKED}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_streamed", [False, True])
def test_each_api_is_read_in_its_own_words(
    root_url: str, listener: Listener, flavour: str, base: str, path: str,
    body: Any,  # noqa: ANN401
    is_streamed: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    wish = body if path == "/embeddings" else body | {"stream": is_streamed}
    with record(httpx2.Client(headers={"authorization": f"Bearer {KEY}"})) as client:
        text = client.post(f"{root_url}{base}{path}", json=wish).text
    event = tell(listener)

    assert (event["flavour"], event["url"], event["model"]) == (
        flavour, f"{root_url}{base}", body["model"],
    )  # fmt: skip
    assert event["usage_reported"] in find_usages(text)


def find_usages(text: str) -> list[Any]:
    """Every usage in a body, wherever it stands."""
    found: list[Any] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        found.extend(value for name, value in pairs if name == "usage")
        counts = {name: told[name] for name in told if name.endswith(("_count", "_duration"))}
        found.append(counts)
        return told

    for line in text.splitlines():
        if line.removeprefix("data: ").startswith("{"):
            json.loads(line.removeprefix("data: "), object_pairs_hook=keep)
    return found


def test_the_client_of_ollama_is_recorded_too(root_url: str, listener: Listener) -> None:
    with ollama.Client(host=f"{root_url}/gale") as client:
        told = list(record(client).chat(model="gale:8b", messages=ASKED, stream=True))[-1]
    event = tell(listener)

    assert event["usage_reported"]["eval_count"] == told.eval_count
    assert event["first_byte_s"] <= event["ttft_s"] <= event["total_s"]


def test_usage_that_the_program_did_not_ask_for_is_missing(
    root_url: str, listener: Listener
) -> None:
    with aurora(root_url) as client:
        list(client.chat.completions.create(**CHAT, stream=True))
    event = tell(listener)

    assert "usage_reported" not in event
    assert (event["finish_reason"], event["http_status"]) == ("stop", 200)


def test_a_stream_that_the_program_gives_up_is_a_call(root_url: str, listener: Listener) -> None:
    with (
        aurora(root_url) as client,
        client.chat.completions.create(
            model="aurora-large", messages=[{"role": "user", "content": "rivers"}], stream=True
        ) as chunks,
    ):
        next(iter(chunks))
    event = tell(listener)

    assert event["outcome"] == "unknown"
    assert "usage_reported" not in event


def test_a_stream_that_breaks_off_is_cut(root_url: str, listener: Listener) -> None:
    with (
        aurora(root_url, default_headers={"x-simulate": "cut"}) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        list(client.chat.completions.create(**CHAT, stream=True))
    event = tell(listener)

    assert (event["http_status"], event["outcome"]) == (200, "stream_cut")


def test_each_retry_of_an_official_client_is_a_call(root_url: str, listener: Listener) -> None:
    refused = {"x-simulate": "503"}
    with (
        aurora(root_url, max_retries=1, default_headers=refused) as client,
        pytest.raises(openai.APIStatusError),
    ):
        client.chat.completions.create(**CHAT)
    flush(30)

    assert [event["http_status"] for event in listener.events] == [503, 503]
    assert len({event["id"] for event in listener.events}) == 2


def test_who_is_not_reached_is_told_of(listener: Listener) -> None:
    with record(httpx.Client()) as client, pytest.raises(httpx.ConnectError):
        client.post("http://127.0.0.1:9/v1/chat/completions", json=CHAT)
    event = tell(listener)

    assert event["outcome"] == "tcp_refused"
    assert event["url"] == "http://127.0.0.1:9/v1"


def test_a_refusal_is_told_as_it_came_but_for_the_key(root_url: str, listener: Listener) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        said = f"Incorrect API key provided: {request.headers['x-api-key']}"
        return httpx.Response(401, json={"error": {"code": "invalid_api_key", "message": said}})

    with record(httpx.Client(transport=httpx.MockTransport(answer))) as client:
        client.post("https://provider.test/v1/messages", headers={"x-api-key": KEY}, json=CHAT)
    event = tell(listener)

    assert "Incorrect API key provided: [key]" in event["error"]
    assert root_url not in event["error"]


def test_an_answer_that_was_withheld_is_no_good_one(root_url: str, listener: Listener) -> None:
    with aurora(root_url, default_headers={"x-simulate": "filtered"}) as client:
        client.chat.completions.create(**CHAT)
    event = tell(listener)

    assert (event["outcome"], event["finish_reason"]) == ("content_filter", "content_filter")
    assert event["usage_reported"]


def test_no_key_leaves_the_program(root_url: str, listener: Listener) -> None:
    for key in (KEY, KEY_WITHOUT_CREDIT):
        with aurora(root_url, api_key=key) as client, suppress(openai.APIStatusError):
            client.chat.completions.create(**CHAT)
    flush(30)

    assert KEY not in json.dumps(listener.events)
    assert [event["key"] for event in listener.events] == [
        alias_of(KEY), alias_of(KEY_WITHOUT_CREDIT),
    ]  # fmt: skip


def test_a_block_speaks_before_headers_and_headers_before_the_client(
    root_url: str, listener: Listener
) -> None:
    headers = {"HTTP-Referer": "https://a.example", "X-Title": "old", "X-OpenRouter-Title": "new"}
    with (
        aurora(root_url, default_headers=headers) as client,
        tagged(project="outer", user=7, batch="nightly"),  # type: ignore[arg-type]
        tagged(team="ours", project="inner"),
    ):
        client.chat.completions.create(**CHAT)
    event = tell(listener)

    assert (event["team"], event["project"], event["user"]) == ("ours", "inner", "7")
    assert (event["app"], event["app_title"]) == ("https://a.example", "new")
    assert event["tags"] == {"batch": "nightly"}


def test_what_asks_no_model_is_no_call(root_url: str, listener: Listener) -> None:
    with aurora(root_url) as client:
        client.models.list()
        client.chat.completions.create(**CHAT)

    assert tell(listener)["model"] == "aurora-large"


def test_a_client_that_is_recorded_twice_tells_once(root_url: str, listener: Listener) -> None:
    with record(aurora(root_url), team="later") as client:
        client.chat.completions.create(**CHAT)

    assert tell(listener)["team"] == "later"


def test_without_a_token_a_client_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INFERWATCH_TOKEN", raising=False)
    with record(httpx.Client()) as client:
        assert "send" not in vars(client)


def test_what_is_no_client_is_given_back_with_a_word(
    own_courier: Courier, caplog: pytest.LogCaptureFixture
) -> None:
    assert own_courier
    assert record(7) == 7
    assert caplog.messages == ["not recorded: int holds no httpx client that can be recorded"]
