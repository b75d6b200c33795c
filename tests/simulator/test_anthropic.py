"""The official `anthropic` client talks to dusk over HTTP."""

from typing import Any

import anthropic
import pytest
from anthropic.types import Message

from monitor.simulator.catalogue import KEY_WITHOUT_CREDIT
from tests.simulator.asking import (
    CACHED,
    CANARY,
    COLOUR,
    FILLED,
    LONG,
    SCHEMA,
    THOUGHT,
    UNCACHED,
    WORD,
    paint,
    to_text,
)

TOOL: Any = {"name": "report", "description": "Reports a word.", "input_schema": SCHEMA}
PROMPTS = [CANARY, "Tell me of rivers.", LONG]


def ask(client: anthropic.Anthropic, content: Any = CANARY, **more: Any) -> Message:  # noqa: ANN401
    wish: dict[str, Any] = {"model": "dusk-opal", "max_tokens": 2000} | more
    answer = client.messages.create(messages=[{"role": "user", "content": content}], **wish)
    assert isinstance(answer, Message)
    return answer


def stream(client: anthropic.Anthropic, content: Any = CANARY, **more: Any) -> Message:  # noqa: ANN401
    """The message that the client puts together from the stream's events."""
    wish: dict[str, Any] = {"model": "dusk-opal", "max_tokens": 2000} | more
    with client.messages.stream(messages=[{"role": "user", "content": content}], **wish) as events:
        return events.get_final_message()


def list_events(client: anthropic.Anthropic, model: str = "dusk-opal") -> list[Any]:
    messages: Any = [{"role": "user", "content": CANARY}]
    with client.messages.create(
        model=model, max_tokens=2000, messages=messages, stream=True
    ) as events:
        return list(events)


def test_a_canary_is_answered_with_its_word(dusk: anthropic.Anthropic) -> None:
    answer = ask(dusk)

    assert [block.text for block in answer.content if block.type == "text"] == [WORD]
    assert answer.stop_reason == "end_turn"


@pytest.mark.parametrize("model", ["dusk-opal", "dusk-onyx"])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_stream_adds_up_to_the_plain_message(
    dusk: anthropic.Anthropic, model: str, prompt: str
) -> None:
    plain, streamed = ask(dusk, prompt, model=model), stream(dusk, prompt, model=model)

    assert streamed.to_dict() | {"id": 0} == plain.to_dict() | {"id": 0}


def test_a_stream_has_the_events_of_the_reference_in_their_order(
    dusk: anthropic.Anthropic,
) -> None:
    kinds = [event.type for event in list_events(dusk)]

    assert kinds == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * 3,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_thoughts_come_first_and_are_inside_the_output(dusk: anthropic.Anthropic) -> None:
    answer = stream(dusk, THOUGHT, model="dusk-onyx")
    details = answer.usage.output_tokens_details

    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert details is not None
    assert 0 < details.thinking_tokens < answer.usage.output_tokens


def test_a_forced_tool_is_called_with_arguments_of_its_schema(dusk: anthropic.Anthropic) -> None:
    choice = {"type": "tool", "name": "report"}
    plain, streamed = (talk(dusk, tools=[TOOL], tool_choice=choice) for talk in (ask, stream))
    calls = [block for block in plain.content if block.type == "tool_use"]

    assert [(call.name, call.input) for call in calls] == [("report", FILLED)]
    assert plain.stop_reason == "tool_use"
    assert [b.input for b in streamed.content if b.type == "tool_use"] == [FILLED]


def test_an_answer_follows_the_schema_asked_for(dusk: anthropic.Anthropic) -> None:
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    answer = ask(dusk, output_config=form)

    assert answer.content[0].type == "text"
    assert answer.content[0].text == '{"word": "heliotrope7", "count": 3}'


def test_an_image_is_seen_and_paid_for(dusk: anthropic.Anthropic) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": to_text(paint((0, 150, 40)))}
    answer = ask(dusk, [{"type": "image", "source": source}, {"type": "text", "text": COLOUR}])

    assert answer.content[0].type == "text"
    assert answer.content[0].text == "green"
    assert answer.usage.input_tokens > 85


def test_the_output_limit_ends_an_answer_as_max_tokens(dusk: anthropic.Anthropic) -> None:
    answer = ask(dusk, LONG, max_tokens=7)

    assert (answer.stop_reason, answer.usage.output_tokens) == ("max_tokens", 7)


@pytest.mark.parametrize("life", ["5m", "1h"])
def test_the_cache_stands_beside_the_input_and_is_used_only_when_asked(
    dusk: anthropic.Anthropic, life: str
) -> None:
    def count(text: str, **more: object) -> tuple[int, int | None, int | None]:
        usage = ask(dusk, [{"type": "text", "text": text} | more]).usage
        return (
            usage.input_tokens,
            usage.cache_read_input_tokens,
            usage.cache_creation_input_tokens,
        )

    keep = {"cache_control": {"type": "ephemeral", "ttl": life}}

    assert count(CACHED) == (2007, 0, 0)
    assert count(CACHED, **keep) == (2007 - 1920, 1920, 0)
    assert count(UNCACHED, **keep) == (2007 - 1920, 0, 1920)


def test_what_is_written_to_the_cache_is_told_by_its_life(dusk: anthropic.Anthropic) -> None:
    keep = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    written = ask(dusk, [{"type": "text", "text": UNCACHED} | keep]).usage.cache_creation

    assert written is not None
    assert (written.ephemeral_5m_input_tokens, written.ephemeral_1h_input_tokens) == (0, 1920)


def test_the_models_are_listed(dusk: anthropic.Anthropic) -> None:
    assert [model.id for model in dusk.models.list()] == ["dusk-opal", "dusk-onyx"]
    assert dusk.models.retrieve("dusk-onyx").lifecycle == "active"


def test_the_list_comes_in_pages_of_the_size_asked_for(dusk: anthropic.Anthropic) -> None:
    pages = list(dusk.models.list(limit=1).iter_pages())

    assert [[model.id for model in page.data] for page in pages] == [["dusk-opal"], ["dusk-onyx"]]


@pytest.mark.parametrize(
    ("fault", "error", "kind"),
    [
        ("503", anthropic.OverloadedError, "overloaded_error"),
        ("500", anthropic.InternalServerError, "api_error"),
        ("502", anthropic.InternalServerError, None),
        ("429", anthropic.RateLimitError, "rate_limit_error"),
        ("no-credit", anthropic.BadRequestError, "invalid_request_error"),
        ("401", anthropic.AuthenticationError, "authentication_error"),
        ("403", anthropic.PermissionDeniedError, "permission_error"),
    ],
)
@pytest.mark.parametrize("talk", [ask, stream])
def test_a_refusal_is_the_exception_that_the_official_client_has_for_it(
    dusk: anthropic.Anthropic,
    talk: Any,  # noqa: ANN401
    fault: str,
    error: type[anthropic.APIStatusError],
    kind: str | None,
) -> None:
    with pytest.raises(error) as raised:
        talk(dusk, extra_headers={"x-simulate": fault})

    assert raised.value.type == kind
    assert (raised.value.request_id or "").startswith("req_")


def test_a_rate_limit_says_when_to_come_back(dusk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.RateLimitError) as raised:
        ask(dusk, extra_headers={"x-simulate": "429"})

    assert raised.value.response.headers["retry-after"] == "20"


@pytest.mark.parametrize(
    ("fault", "kind"), [("200-error", "api_error"), ("200-overloaded", "overloaded_error")]
)
def test_an_error_event_in_the_stream_raises_too(
    dusk: anthropic.Anthropic, fault: str, kind: str
) -> None:
    with pytest.raises(anthropic.APIStatusError) as raised:
        stream(dusk, extra_headers={"x-simulate": fault})

    assert raised.value.status_code == 200
    assert raised.value.type == kind


def test_a_refusal_to_speak_is_a_stop_reason(dusk: anthropic.Anthropic) -> None:
    answer = stream(dusk, extra_headers={"x-simulate": "filtered"})

    assert (answer.stop_reason, answer.content) == ("refusal", [])


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"model": "dusk-ruby"}, anthropic.NotFoundError),
        ({"max_tokens": 0}, anthropic.BadRequestError),
        ({"content": "x" * 900_000}, anthropic.BadRequestError),
        ({"extra_body": {"temperature": 1}}, anthropic.BadRequestError),
        (
            {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "x"}},
            anthropic.BadRequestError,
        ),
        ({"extra_headers": {"anthropic-version": ""}}, anthropic.BadRequestError),
    ],
)
def test_a_request_that_is_wrong_is_the_callers_fault(
    dusk: anthropic.Anthropic, wish: dict[str, Any], error: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(error):
        ask(dusk, **wish)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk-ant-nobody-1234", "invalid x-api-key"),
        (KEY_WITHOUT_CREDIT, "credit balance is too low"),
    ],
)
def test_a_key_that_is_not_good_is_refused(dusk: anthropic.Anthropic, key: str, words: str) -> None:
    with pytest.raises(anthropic.APIStatusError, match=words):
        ask(dusk.with_options(api_key=key))
