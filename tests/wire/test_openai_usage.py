"""The matrix: what each provider counts inside what."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.openai_usage import cost_nano_usd, usage


def reported(prompt: int, completion: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion} | more


def details(prompt: dict[str, Any] | None, completion: dict[str, Any] | None) -> dict[str, Any]:
    return {"prompt_tokens_details": prompt, "completion_tokens_details": completion}


@pytest.mark.parametrize(
    ("counts", "leaves"),
    [
        (reported(13, 2, total_tokens=15), Usage(input=13, output=2)),
        (reported(13, 2, **details(None, None)), Usage(input=13, output=2)),
        (reported(13, 2, **details({"cached_tokens": None}, {})), Usage(input=13, output=2)),
        (reported(0, 0), Usage()),
        (reported(100, 50, **details(
            {"cached_tokens": 60, "cache_write_tokens": 10, "audio_tokens": 5},
            {"reasoning_tokens": 30, "audio_tokens": 4})),
         Usage(input=25, cache_read=60, cache_write=10, input_audio=5,
               output=16, reasoning=30, output_audio=4)),
        (reported(100, 50, **details({"image_tokens": 85, "text_tokens": 15},
                                     {"image_tokens": 40})),
         Usage(input=15, input_image=85, output=10, output_image=40)),
        (reported(10, 9, **details(None, {"accepted_prediction_tokens": 3,
                                          "rejected_prediction_tokens": 4})),
         Usage(input=10, output=9)),
        # DeepSeek
        (reported(100, 9, prompt_cache_hit_tokens=64, prompt_cache_miss_tokens=36),
         Usage(input=36, cache_read=64, output=9)),
        (reported(100, 9, prompt_cache_hit_tokens=64,
                  **details({"cached_tokens": 64}, None)),
         Usage(input=36, cache_read=64, output=9)),
        # xAI counts reasoning beside, as the total shows
        (reported(10, 5, total_tokens=35, **details(None, {"reasoning_tokens": 20})),
         Usage(input=10, output=5, reasoning=20)),
        # Groq, OpenRouter, embeddings
        (reported(13, 2, queue_time=Decimal("0.01")), Usage(input=13, output=2)),
        (reported(13, 2, server_tool_use_details={"web_search_requests": 2}),
         Usage(input=13, output=2, searches=2)),
        ({"prompt_tokens": 8, "total_tokens": 8}, Usage(input=8)),
    ],
)  # fmt: skip
def test_counts_become_disjoint_leaves(counts: dict[str, Any], leaves: Usage) -> None:
    assert usage(counts) == leaves


@pytest.mark.parametrize(
    "counts", [{}, {"total_tokens": 5}, {"prompt_tokens": 5}, {"completion_tokens": 5}]
)
def test_what_is_not_counted_is_not_known(counts: dict[str, Any]) -> None:
    assert usage(counts) is None


@pytest.mark.parametrize(
    "counts",
    [
        reported(13, 2, **details({"cached_tokens": 14}, None)),
        reported(13, 2, **details({"cached_tokens": 10, "cache_write_tokens": 10}, None)),
        reported(13, 2, **details(None, {"reasoning_tokens": 3})),
        reported(-1, 2),
        reported(13, 10**15),
        {"prompt_tokens": 9, "total_tokens": 5},
        {"prompt_tokens": "13", "completion_tokens": 2},
        {"prompt_tokens": True, "completion_tokens": 2},
        {"prompt_tokens": Decimal("1.5"), "completion_tokens": 2},
    ],
)
def test_counts_that_cannot_be_true_are_refused(counts: dict[str, Any]) -> None:
    with pytest.raises(ContradictoryUsage):
        usage(counts)


COUNTS = st.integers(0, 10**6)


@settings(deadline=None)
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_leaves_sum_to_what_was_reported(text: int, cached: int, said: int, thought: int) -> None:
    leaves = usage(
        reported(
            text + cached,
            said + thought,
            **details({"cached_tokens": cached}, {"reasoning_tokens": thought}),
        )
    )

    assert leaves is not None
    assert (leaves.input_total, leaves.output_total) == (text + cached, said + thought)


@pytest.mark.parametrize(
    ("counts", "nano_usd"),
    [
        ({"cost": Decimal("0.0000525")}, 52_500),
        ({"cost": 0}, 0),
        ({"cost": 2}, 2_000_000_000),
        ({"cost": Decimal("0.0000000005")}, 0),
        ({"cost": Decimal("0.001"), "is_byok": True,
          "cost_details": {"upstream_inference_cost": Decimal("0.02")}}, 21_000_000),
        ({"cost": Decimal("0.001"), "is_byok": False,
          "cost_details": {"upstream_inference_cost": Decimal("0.02")}}, 1_000_000),
        ({"cost": Decimal("0.001"), "is_byok": True,
          "cost_details": {"upstream_inference_cost": None}}, 1_000_000),
        ({}, None),
        ({"cost": None}, None),
        ({"cost": {"total_cost": 1}}, None),
        ({"cost": "0.1"}, None),
        ({"cost": True}, None),
        ({"cost": -1}, None),
        ({"cost": Decimal("1e999999")}, None),
    ],
)  # fmt: skip
def test_reported_cost_is_whole_nano_dollars(counts: dict[str, Any], nano_usd: int | None) -> None:
    assert cost_nano_usd(counts) == nano_usd
