"""A real model really answers, and the relay sees its tokens go by."""

import httpx
import pytest

from tests.reliability.model_server import MODEL, ModelServer, run_model_server
from tests.reliability.relay import Exchange, run_relay

pytestmark = pytest.mark.model

MAX_TOKENS = 8
QUESTION = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Say hello."}],
    "max_tokens": MAX_TOKENS,
    "stream": True,
    "stream_options": {"include_usage": True},
}


def chat_through_relay(server: ModelServer) -> tuple[list[str], Exchange]:
    """The event payloads that the client read, and what the relay noted."""
    with run_relay(server.port) as relay:
        url = f"{relay.base_url}/chat/completions"
        with httpx.stream("POST", url, json=QUESTION, timeout=60) as answer:
            lines = [line for line in answer.iter_lines() if line.startswith("data:")]
        [exchange] = relay.list_exchanges()
    return [line.removeprefix("data:").strip() for line in lines], exchange


def test_the_relay_sees_the_events_that_the_client_sees(model_server: ModelServer) -> None:
    payloads, exchange = chat_through_relay(model_server)

    assert payloads[-1] == "[DONE]"
    assert [event.data for event in exchange.list_events()] == payloads


def test_tokens_pass_one_after_the_other(model_server: ModelServer) -> None:
    _, exchange = chat_through_relay(model_server)

    instants = [event.at_s for event in exchange.list_events()]
    assert instants == sorted(instants)
    assert exchange.response[0].at_s <= instants[0] < instants[-1]


def test_the_server_counts_each_answer(model_server: ModelServer) -> None:
    before = model_server.count_tokens()
    chat_through_relay(model_server)
    after = model_server.count_tokens()

    assert after.prompt_tokens > before.prompt_tokens
    assert 1 <= after.predicted_tokens - before.predicted_tokens <= MAX_TOKENS


@pytest.mark.slow
def test_a_stopped_server_refuses_and_comes_back_on_its_port() -> None:
    with run_model_server() as server:
        server.stop()
        with pytest.raises(httpx.ConnectError):
            server.count_tokens()
        server.start()

        assert server.count_tokens().predicted_tokens == 0
