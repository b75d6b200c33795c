"""The official `openai` client asks iris over the Responses API, and for embeddings."""

from typing import Any

import openai
import pytest
from openai.types.responses import Response

from tests.simulator.asking import (
    CACHED,
    CANARY,
    COLOUR,
    LONG,
    SCHEMA,
    THOUGHT,
    WORD,
    paint,
    to_text,
)

FORM = {"format": {"type": "json_schema", "name": "report", "schema": SCHEMA}}
TOOL = {"type": "function", "name": "report", "parameters": SCHEMA, "strict": True}
FILLED_TEXT = '{"word": "heliotrope7", "count": 3}'


def ask(client: openai.OpenAI, said: Any = CANARY, fault: str = "none", **more: Any) -> Response:  # noqa: ANN401
    wish = {"model": "iris-mini"} | more
    answer = client.responses.create(input=said, extra_headers={"x-simulate": fault}, **wish)
    assert isinstance(answer, Response)
    return answer


def list_events(
    client: openai.OpenAI,
    said: Any = CANARY,  # noqa: ANN401
    fault: str = "none",
    **more: Any,
) -> list[Any]:
    wish = {"model": "iris-mini"} | more
    with client.responses.create(
        input=said, stream=True, extra_headers={"x-simulate": fault}, **wish
    ) as events:
        return list(events)


def test_a_canary_is_answered_with_its_word(iris: openai.OpenAI) -> None:
    answer = ask(iris)

    assert (answer.output_text, answer.status) == (WORD, "completed")


@pytest.mark.parametrize("model", ["iris-mini", "iris-think"])
@pytest.mark.parametrize("prompt", [CANARY, "Tell me of rivers.", LONG])
def test_a_stream_says_and_counts_what_the_plain_answer_does(
    iris: openai.OpenAI, model: str, prompt: str
) -> None:
    plain, events = ask(iris, prompt, model=model), list_events(iris, prompt, model=model)
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")

    assert text == plain.output_text == events[-1].response.output_text
    assert events[-1].response.usage == plain.usage


def test_a_stream_has_the_events_of_the_reference_in_their_order(iris: openai.OpenAI) -> None:
    events = list_events(iris)

    assert [event.type.removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        *["output_text.delta"] * 3,
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_the_client_puts_the_stream_together(iris: openai.OpenAI) -> None:
    with iris.responses.stream(input=CANARY, model="iris-mini") as events:
        whole = events.get_final_response()

    assert whole.output_text == WORD


def test_thoughts_are_inside_the_output_and_summed_up_for_who_asks(iris: openai.OpenAI) -> None:
    wish: Any = {"model": "iris-think", "reasoning": {"summary": "auto"}}
    hidden, shown = ask(iris, THOUGHT, model="iris-think"), ask(iris, THOUGHT, **wish)
    kinds = {event.type for event in list_events(iris, THOUGHT, **wish)}

    assert hidden.usage is not None
    assert 0 < hidden.usage.output_tokens_details.reasoning_tokens < hidden.usage.output_tokens
    assert [item.type for item in hidden.output] == ["message"]
    assert [item.type for item in shown.output] == ["reasoning", "message"]
    assert "response.reasoning_summary_text.delta" in kinds


def test_cache_reads_are_inside_the_input(iris: openai.OpenAI) -> None:
    usage = ask(iris, CACHED).usage

    assert usage is not None
    assert (usage.input_tokens, usage.input_tokens_details.cached_tokens) == (2007, 1920)


def test_a_forced_tool_is_called_with_arguments_of_its_schema(iris: openai.OpenAI) -> None:
    wish: Any = {"tools": [TOOL], "tool_choice": {"type": "function", "name": "report"}}
    [call] = ask(iris, **wish).output
    events = list_events(iris, **wish)
    deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]

    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("report", FILLED_TEXT)
    assert "".join(deltas) == FILLED_TEXT


def test_an_answer_follows_the_schema_asked_for(iris: openai.OpenAI) -> None:
    assert ask(iris, text=FORM).output_text == FILLED_TEXT


def test_an_image_is_seen(iris: openai.OpenAI) -> None:
    url = f"data:image/png;base64,{to_text(paint((250, 140, 10)))}"
    parts = [{"type": "input_image", "image_url": url}, {"type": "input_text", "text": COLOUR}]
    answer = ask(iris, [{"role": "user", "content": parts}])

    assert answer.output_text == "orange"


def test_an_answer_that_the_limit_ends_is_incomplete(iris: openai.OpenAI) -> None:
    answer = list_events(iris, LONG, max_output_tokens=9)[-1].response

    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.usage.output_tokens == 9


def test_a_filtered_answer_is_incomplete_for_that_reason(iris: openai.OpenAI) -> None:
    answer = ask(iris, fault="filtered")

    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "content_filter"


def test_a_failed_response_has_status_200_and_an_error_in_it(iris: openai.OpenAI) -> None:
    answer = ask(iris, fault="200-error")

    assert (answer.status, answer.output) == ("failed", [])
    assert answer.error is not None
    assert answer.error.code == "server_error"


def test_a_stream_that_goes_wrong_ends_in_an_error_event(iris: openai.OpenAI) -> None:
    *others, last = list_events(iris, fault="200-overloaded")

    assert (last.type, last.code) == ("error", "server_is_overloaded")
    assert last.sequence_number == len(others)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("503", openai.InternalServerError),
        ("429", openai.RateLimitError),
        ("401", openai.AuthenticationError),
        ("403", openai.PermissionDeniedError),
    ],
)
def test_a_refusal_is_the_exception_that_the_official_client_has_for_it(
    iris: openai.OpenAI, fault: str, error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error):
        ask(iris, fault=fault)


@pytest.mark.parametrize("packing", ["float", "base64"])
def test_texts_are_embedded_in_vectors_of_length_one(iris: openai.OpenAI, packing: Any) -> None:  # noqa: ANN401
    made = iris.embeddings.create(
        model="iris-embed", input=["river", "stone"], dimensions=16, encoding_format=packing
    )
    again = iris.embeddings.create(model="iris-embed", input="stone", dimensions=16)
    vector = again.data[0].embedding

    assert sum(x * x for x in vector) == pytest.approx(1, abs=1e-4)
    assert made.usage.prompt_tokens == 4
    assert len(made.data) == 2


def test_packed_vectors_are_the_plain_ones(iris: openai.OpenAI) -> None:
    plain = iris.embeddings.create(model="iris-embed", input="river", encoding_format="float")
    packed = iris.embeddings.create(model="iris-embed", input="river")

    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)


def test_an_embedder_answers_no_chat_and_a_chat_model_embeds_nothing(iris: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        ask(iris, model="iris-embed")
    with pytest.raises(openai.BadRequestError):
        iris.embeddings.create(model="iris-mini", input="river")
