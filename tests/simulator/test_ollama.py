"""The official `ollama` client talks to gale over HTTP."""

from typing import Any

import httpx
import ollama
import pytest

from tests.simulator.asking import CANARY, COLOUR, FILLED, LONG, SCHEMA, THOUGHT, WORD, paint

TOOL: Any = {"type": "function", "function": {"name": "report", "parameters": dict(SCHEMA)}}


def say(text: str, images: list[bytes] | None = None) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} | ({"images": images} if images else {})]


def ask(client: ollama.Client, text: str = CANARY, model: str = "gale:8b", **more: Any) -> Any:  # noqa: ANN401
    return client.chat(model=model, messages=say(text, more.pop("images", None)), **more)


def spoil(root_url: str, fault: str) -> ollama.Client:
    return ollama.Client(host=f"{root_url}/gale", headers={"x-simulate": fault})


def test_a_canary_is_answered_with_its_word(gale: ollama.Client) -> None:
    answer = ask(gale)

    assert (answer.message.content, answer.done_reason) == (WORD, "stop")


@pytest.mark.parametrize("model", ["gale:8b", "gale-think:8b"])
@pytest.mark.parametrize("prompt", [CANARY, LONG])
def test_a_stream_says_and_counts_what_the_plain_answer_does(
    gale: ollama.Client, model: str, prompt: str
) -> None:
    plain, lines = ask(gale, prompt, model), list(ask(gale, prompt, model, stream=True))

    assert "".join(line.message.content for line in lines) == plain.message.content
    assert lines[-1].eval_count == plain.eval_count
    assert [line.done for line in lines] == [*[False] * (len(lines) - 1), True]


def test_times_are_in_nanoseconds_and_give_the_pace_of_the_catalogue(gale: ollama.Client) -> None:
    answer = ask(gale, LONG)

    assert 10 < answer.eval_count / answer.eval_duration * 1e9 < 100
    assert answer.total_duration > answer.eval_duration + answer.prompt_eval_duration


def test_thoughts_have_a_field_of_their_own_and_can_be_turned_off(gale: ollama.Client) -> None:
    deep, quick = (ask(gale, THOUGHT, "gale-think:8b", think=think) for think in (True, False))

    assert deep.message.thinking
    assert quick.message.thinking is None
    assert deep.eval_count > quick.eval_count


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_tool_is_called_with_arguments_of_its_schema(
    gale: ollama.Client, *, is_streamed: bool
) -> None:
    answer = ask(gale, tools=[TOOL], stream=is_streamed)
    lines = list(answer) if is_streamed else [answer]
    calls = [call for line in lines for call in line.message.tool_calls or []]

    # The client sends no more of a tool's fields than their types: the least count is lost.
    expected = ("report", FILLED | {"count": 1})
    assert [(call.function.name, call.function.arguments) for call in calls] == [expected]


def test_an_answer_follows_the_schema_asked_for(gale: ollama.Client) -> None:
    answer = ask(gale, format=SCHEMA)

    assert answer.message.content == '{"word": "heliotrope7", "count": 3}'


def test_an_image_is_seen(gale: ollama.Client) -> None:
    assert ask(gale, COLOUR, images=[paint((220, 20, 20))]).message.content == "red"


def test_the_output_limit_ends_an_answer_as_length(gale: ollama.Client) -> None:
    answer = ask(gale, LONG, options={"num_predict": 6})

    assert (answer.done_reason, answer.eval_count) == ("length", 6)


def test_a_prompt_that_is_too_long_is_cut_and_nothing_tells_of_it(gale: ollama.Client) -> None:
    answer = ask(gale, "x" * 60_000)

    assert (answer.done_reason, answer.prompt_eval_count) == ("stop", 8_192)


def test_texts_are_embedded(gale: ollama.Client) -> None:
    made = gale.embed(model="gale-embed:latest", input=["river", "stone"], dimensions=16)

    assert [len(vector) for vector in made.embeddings] == [16, 16]
    assert made.prompt_eval_count == 4


def test_the_models_are_listed(gale: ollama.Client) -> None:
    listed = [model.model for model in gale.list().models]

    assert listed == ["gale:8b", "gale-think:8b", "gale-embed:latest"]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [("503", 503, "server busy"), ("500", 500, "runner"), ("429", 429, "too many requests")],
)
def test_a_refusal_is_a_flat_text(root_url: str, fault: str, status: int, words: str) -> None:
    with spoil(root_url, fault) as client, pytest.raises(ollama.ResponseError) as raised:
        ask(client)

    assert raised.value.status_code == status
    assert words in raised.value.error


def test_a_model_that_is_not_there_is_to_be_pulled(gale: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="try pulling it first"):
        ask(gale, model="breeze")


def test_an_error_in_the_stream_is_a_line(root_url: str) -> None:
    with (
        spoil(root_url, "200-error") as client,
        pytest.raises(ollama.ResponseError, match="unexpectedly stopped"),
    ):
        list(ask(client, LONG, stream=True))


@pytest.mark.parametrize("fault", ["no-credit", "401", "403", "filtered"])
def test_what_a_server_of_ones_own_never_does_cannot_be_wished_for(
    root_url: str, fault: str
) -> None:
    with spoil(root_url, fault) as client, pytest.raises(ollama.ResponseError, match="never fails"):
        ask(client)


def test_the_server_tells_its_version(root_url: str) -> None:
    assert httpx.get(f"{root_url}/gale/api/version").json() == {"version": "0.9.0"}


def test_it_streams_unless_told_otherwise(root_url: str) -> None:
    answer = httpx.post(
        f"{root_url}/gale/api/chat", json={"model": "gale:8b", "messages": say(CANARY)}
    )

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.count("\n") == 4
