"""What teams tell of calls, in every flavour: leaves that sum, quarantine, and finish reasons."""

import json
from typing import Any

import pytest

from monitor.domain.calls import Origin
from monitor.domain.endpoints import Flavour
from monitor.domain.events import Addressee, Event
from monitor.domain.outcomes import RULINGS, Group, Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.services.tellings import Teller, Told, read
from monitor.storage.endpoints import Place
from monitor.wire.usages import USAGES
from tests.making import MONDAY_MS

F = Flavour
CHAT_PART = {"prompt_tokens_details": {"cached_tokens": 900}}
#: Of each flavour one usage with parts, the leaves that it comes to, and their reported sum.
SUMS: dict[Flavour, tuple[dict[str, Any], Usage, int]] = {
    F.OPENAI_CHAT: (
        {
            "prompt_tokens": 1_000,
            "completion_tokens": 100,
            **CHAT_PART,
            "completion_tokens_details": {"reasoning_tokens": 60},
        },
        Usage(input=100, cache_read=900, output=40, reasoning=60),
        1_100,
    ),
    F.OPENROUTER: (
        {"prompt_tokens": 1_000, "completion_tokens": 100, **CHAT_PART},
        Usage(input=100, cache_read=900, output=100),
        1_100,
    ),
    F.OPENAI_RESPONSES: (
        {
            "input_tokens": 1_000,
            "output_tokens": 100,
            "input_tokens_details": {"cached_tokens": 900},
            "output_tokens_details": {"reasoning_tokens": 60},
        },
        Usage(input=100, cache_read=900, output=40, reasoning=60),
        1_100,
    ),
    F.OPENAI_EMBEDDINGS: ({"prompt_tokens": 8, "total_tokens": 8}, Usage(input=8), 8),
    F.ANTHROPIC: (
        {
            "input_tokens": 100,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 50,
            "output_tokens": 100,
        },
        Usage(input=100, cache_read=900, cache_write_5m=50, output=100),
        1_150,
    ),
    F.GEMINI: (
        {
            "promptTokenCount": 1_000,
            "cachedContentTokenCount": 900,
            "candidatesTokenCount": 40,
            "thoughtsTokenCount": 60,
            "totalTokenCount": 1_100,
        },
        Usage(input=100, cache_read=900, output=40, reasoning=60),
        1_100,
    ),
    F.OLLAMA: ({"prompt_eval_count": 26, "eval_count": 7}, Usage(input=26, output=7), 33),
    F.COHERE: (
        {"billed_units": {"input_tokens": 5, "output_tokens": 9, "search_units": 1}},
        Usage(input=5, output=9, searches=1),
        14,
    ),
}
#: Of each flavour counts that cannot be true.
CONTRADICTIONS: dict[Flavour, dict[str, Any]] = {
    F.OPENAI_CHAT: {"prompt_tokens": 10, "completion_tokens": 1, **CHAT_PART},
    F.OPENROUTER: {"prompt_tokens": 10, "completion_tokens": -1},
    F.OPENAI_RESPONSES: {
        "input_tokens": 10,
        "output_tokens": 1,
        "output_tokens_details": {"reasoning_tokens": 2},
    },
    F.OPENAI_EMBEDDINGS: {"prompt_tokens": 8, "total_tokens": 9},
    F.ANTHROPIC: {"input_tokens": -3, "output_tokens": 1},
    F.GEMINI: {
        "promptTokenCount": 10,
        "cachedContentTokenCount": 11,
        "candidatesTokenCount": 1,
        "totalTokenCount": 11,
    },
    F.OLLAMA: {"prompt_eval_count": -26, "eval_count": 7},
    F.COHERE: {"billed_units": {"input_tokens": -5, "output_tokens": 9}},
}


def tell(flavour: Flavour, **said: Any) -> Told:
    """What becomes of an event of a flavour."""
    place = Place(
        1,
        "p/m",
        "p",
        "m",
        "https://api.example.com/v1",
        flavour,
        "k",
        is_watched=True,
        is_met=False,
    )
    event = Event(Addressee(model="m"), MONDAY_MS, MONDAY_MS + 1, http_status=200, **said)
    return read(event, place, Teller(Origin.API, "ci", b"k" * 16), MONDAY_MS + 2)


def test_every_flavour_has_a_row_in_both_tables() -> None:
    assert set(SUMS) == set(CONTRADICTIONS) == set(USAGES) == set(Flavour)


@pytest.mark.parametrize("flavour", SUMS)
def test_leaves_sum_to_what_was_reported(flavour: Flavour) -> None:
    reported, leaves, total = SUMS[flavour]
    told = tell(flavour, usage_reported=reported)

    assert (told.call.usage, told.call.usage_state) == (leaves, UsageState.MEASURED)
    assert leaves.input_total + leaves.output_total == total
    assert told.aside is None


@pytest.mark.parametrize("flavour", CONTRADICTIONS)
def test_what_contradicts_itself_goes_aside_with_its_reason_and_as_it_came(
    flavour: Flavour,
) -> None:
    reported = CONTRADICTIONS[flavour]
    told = tell(flavour, usage_reported=reported)

    assert (told.call.usage, told.call.usage_state) == (None, UsageState.MISSING)
    assert told.aside is not None
    assert json.loads(told.aside.usage) == reported
    assert told.aside.reason.startswith(f"usage of a call of {MONDAY_MS} at p/m: ")


@pytest.mark.parametrize(
    ("flavour", "reason", "outcome"),
    [
        (F.OPENAI_CHAT, "content_filter", Outcome.CONTENT_FILTER),
        (F.OPENROUTER, "content_filter", Outcome.CONTENT_FILTER),
        (F.OPENAI_RESPONSES, "content_filter", Outcome.CONTENT_FILTER),
        (F.ANTHROPIC, "refusal", Outcome.CONTENT_FILTER),
        (F.GEMINI, "SAFETY", Outcome.CONTENT_FILTER),
        (F.OPENROUTER, "error", Outcome.SERVER_ERROR),
        (F.OPENAI_CHAT, "stop", Outcome.OK),
        (F.OPENAI_CHAT, "length", Outcome.OK),
        (F.OPENAI_CHAT, "a word of their own", Outcome.OK),
        (F.OPENAI_EMBEDDINGS, None, Outcome.OK),
    ],
)
def test_a_finish_reason_says_of_a_200_what_it_would_say_of_a_probe(
    flavour: Flavour, reason: str | None, outcome: Outcome
) -> None:
    assert tell(flavour, finish_reason=reason).call.outcome is outcome


def test_a_filter_is_charged_to_nobody_s_provider() -> None:
    assert RULINGS[Outcome.CONTENT_FILTER].group is Group.EXCLUDED


def test_a_sender_who_says_the_outcome_is_believed() -> None:
    told = tell(F.OPENAI_CHAT, finish_reason="content_filter", outcome=Outcome.OK)

    assert told.call.outcome is Outcome.OK
