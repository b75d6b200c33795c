"""What each flavour says and counts, over a socket: what our probes make of it."""

import json

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.probes import infer
from monitor.simulator import catalogue
from monitor.wire.questions import Question, Schema
from tests.probes.simulated import (
    NONCE,
    SPEAKERS,
    ask_once,
    endpoint_at,
    infer_once,
    list_once,
    reach_once,
)
from tests.simulator.asking import CACHED, paint

#: The simulator counts four characters of a prompt as a token, four tokens more for a message,
#: and five characters of a word that it says. It thinks for so long on this prompt.
PROMPT_TOKENS = 4 + -(-len(infer.ask_for(NONCE)[0]) // 4)
WORD_TOKENS = -(-len(infer.ask_for(NONCE)[1]) // 5)
THOUGHT_TOKENS = 28
CHATTERS = [flavour for flavour in SPEAKERS if flavour is not Flavour.OPENAI_EMBEDDINGS]
TELL_NO_THOUGHTS = {Flavour.OLLAMA, Flavour.COHERE}
#: Anthropic caches only what it is told to, and of Cohere's only all tokens are told, not those
#: billed; a server of one's own has no price for it.
TELL_NO_CACHE = {Flavour.ANTHROPIC, Flavour.COHERE, Flavour.OLLAMA}
TELL_IMAGES = {Flavour.OPENAI_CHAT, Flavour.OPENROUTER, Flavour.GEMINI}
NOTE = Schema(
    "take_note",
    "Notes a word, and how often it was heard.",
    {
        "type": "object",
        "properties": {"word": {"type": "string"}, "count": {"type": "integer"}},
        "required": ["word", "count"],
        "additionalProperties": False,
    },
)
HEARD = "The word lemon was heard 7 times."
NOTED = {"word": "lemon", "count": 7}


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_right_answer_is_an_ok_call_with_its_usage(root_url: str, flavour: Flavour) -> None:
    call = infer_once(endpoint_at(root_url, flavour))

    assert (call.outcome, call.usage_state) == (Outcome.OK, UsageState.MEASURED)
    assert call.usage == Usage(input=PROMPT_TOKENS, output=WORD_TOKENS)
    assert call.timings.ttft_s is not None


@pytest.mark.parametrize("flavour", CHATTERS)
def test_thoughts_are_a_leaf_wherever_they_are_told_apart(root_url: str, flavour: Flavour) -> None:
    call = infer_once(endpoint_at(root_url, flavour, SPEAKERS[flavour].thinker))
    together = Usage(input=PROMPT_TOKENS, output=WORD_TOKENS + THOUGHT_TOKENS)
    apart = Usage(input=PROMPT_TOKENS, output=WORD_TOKENS, reasoning=THOUGHT_TOKENS)

    assert call.outcome is Outcome.OK
    assert call.usage == (together if flavour in TELL_NO_THOUGHTS else apart)


@pytest.mark.parametrize("flavour", CHATTERS)
def test_what_was_read_from_a_cache_is_a_leaf_wherever_it_is_told(
    root_url: str, flavour: Flavour
) -> None:
    reply = ask_once(endpoint_at(root_url, flavour), Question(CACHED, 20))
    whole = Usage(input=2007, output=20)
    told = Usage(input=2007 - 1920, cache_read=1920, output=20)

    assert reply.usage == (whole if flavour in TELL_NO_CACHE else told)


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_picture_is_seen_and_a_leaf_wherever_it_is_told(root_url: str, flavour: Flavour) -> None:
    question = Question("Which colour is this picture?", 20, image=paint((0, 0, 255)))
    reply = ask_once(endpoint_at(root_url, flavour), question)
    parts = {"input": 12, "input_image": 85} if flavour in TELL_IMAGES else {"input": 97}

    assert (reply.outcome, reply.text) == (Outcome.OK, "blue")
    assert reply.usage == Usage(output=1, **parts)


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_schema_is_followed(root_url: str, flavour: Flavour) -> None:
    reply = ask_once(endpoint_at(root_url, flavour), Question(HEARD, 60, answer_schema=NOTE))

    assert reply.outcome is Outcome.OK
    assert json.loads(reply.text) == NOTED


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_tool_is_called(root_url: str, flavour: Flavour) -> None:
    reply = ask_once(endpoint_at(root_url, flavour), Question(HEARD, 60, tool=NOTE))

    assert reply.outcome is Outcome.OK
    assert json.loads(reply.arguments) == NOTED


def test_a_text_is_embedded_and_has_no_output(root_url: str) -> None:
    call = infer_once(endpoint_at(root_url, Flavour.OPENAI_EMBEDDINGS))

    assert (call.outcome, call.usage) == (Outcome.OK, Usage(input=PROMPT_TOKENS - 4))


def test_a_router_tells_what_a_call_cost(root_url: str) -> None:
    call = infer_once(endpoint_at(root_url, Flavour.OPENROUTER))

    assert call.cost_nano_usd == PROMPT_TOKENS * 1_000 + WORD_TOKENS * 4_000
    assert call.cost_state is CostState.REPORTED


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_all_models_of_a_provider_are_listed(root_url: str, flavour: Flavour) -> None:
    reply = list_once(endpoint_at(root_url, flavour).target)
    served = catalogue.list_models(SPEAKERS[flavour].provider)

    assert reply.outcome is Outcome.OK
    assert list(reply.models) == [model.name for model in served]


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_provider_is_reached_for_nothing(root_url: str, flavour: Flavour) -> None:
    call = reach_once(endpoint_at(root_url, flavour).target)

    assert (call.outcome, call.usage, call.cost_nano_usd) == (Outcome.OK, Usage(), 0)
