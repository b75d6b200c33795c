"""The matrix, beside OpenAI Chat's: what each flavour counts inside what."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire import anthropic_usage, gemini_usage, responses_usage

Read = Callable[[Mapping[str, Any]], Usage | None]
ANTHROPIC: Read = anthropic_usage.usage
GEMINI: Read = gemini_usage.usage
RESPONSES: Read = responses_usage.usage


def told(read: int, said: int, **more: Any) -> dict[str, Any]:
    """Usage in the names of Anthropic and of OpenAI Responses."""
    return {"input_tokens": read, "output_tokens": said} | more


def modal(**tokens: int) -> list[dict[str, Any]]:
    return [{"modality": name, "tokenCount": count} for name, count in tokens.items()]


def google(prompt: int = 0, said: int = 0, **more: Any) -> dict[str, Any]:
    return {"promptTokenCount": prompt, "candidatesTokenCount": said} | more


LEAVES: list[tuple[Read, dict[str, Any], Usage | None]] = [
    # Anthropic: cache beside input, thinking inside output
    (ANTHROPIC, told(14, 4), Usage(input=14, output=4)),
    (ANTHROPIC, told(0, 0), Usage()),
    (ANTHROPIC, told(3, 4, cache_read_input_tokens=100, cache_creation_input_tokens=None),
     Usage(input=3, cache_read=100, output=4)),
    (ANTHROPIC, told(3, 4, cache_creation_input_tokens=50, cache_creation={
        "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30}),
     Usage(input=3, cache_write_5m=20, cache_write_1h=30, output=4)),
    (ANTHROPIC, told(3, 4, cache_creation_input_tokens=50, cache_creation={
        "ephemeral_1h_input_tokens": 30}),
     Usage(input=3, cache_write=20, cache_write_1h=30, output=4)),
    (ANTHROPIC, told(3, 4, cache_creation={"ephemeral_5m_input_tokens": 20}),
     Usage(input=3, cache_write_5m=20, output=4)),
    (ANTHROPIC, told(3, 4, cache_creation_input_tokens=50, cache_creation=None),
     Usage(input=3, cache_write_5m=50, output=4)),
    (ANTHROPIC, told(3, 40, output_tokens_details={"thinking_tokens": 30}),
     Usage(input=3, output=10, reasoning=30)),
    (ANTHROPIC, told(3, 4, server_tool_use={"web_search_requests": 2, "web_fetch_requests": 9}),
     Usage(input=3, output=4, searches=2)),
    (ANTHROPIC, {"input_tokens": 14}, None),
    (ANTHROPIC, {"output_tokens": 14}, None),
    (ANTHROPIC, {}, None),
    # OpenAI Responses: cache inside input, reasoning inside output
    (RESPONSES, told(13, 2, total_tokens=15), Usage(input=13, output=2)),
    (RESPONSES, told(13, 2, input_tokens_details=None), Usage(input=13, output=2)),
    (RESPONSES, told(100, 50,
                     input_tokens_details={
                         "cached_tokens": 60, "cache_write_tokens": 10,
                         "cache_write_tokens_details": {
                             "ttl_30m_tokens": 4, "ttl_12h_tokens": 6}},
                     output_tokens_details={"reasoning_tokens": 30}),
     Usage(input=30, cache_read=60, cache_write=10, output=20, reasoning=30)),
    (RESPONSES, told(0, 0, total_tokens=0), Usage()),
    (RESPONSES, {"input_tokens": 14, "total_tokens": 14}, None),
    (RESPONSES, {}, None),
    # Gemini: cache inside the prompt; thoughts and what tools brought beside
    (GEMINI, google(7, 1, thoughtsTokenCount=31, totalTokenCount=39),
     Usage(input=7, output=1, reasoning=31)),
    (GEMINI, {"promptTokenCount": 7, "totalTokenCount": 7}, Usage(input=7)),
    (GEMINI, google(7, 1, toolUsePromptTokenCount=20, totalTokenCount=28),
     Usage(input=27, output=1)),
    (GEMINI, google(100, 1, cachedContentTokenCount=60), Usage(input=40, cache_read=60, output=1)),
    (GEMINI, google(100, 9, promptTokensDetails=modal(TEXT=10, IMAGE=60, AUDIO=30),
                    candidatesTokensDetails=modal(TEXT=2, IMAGE=4, AUDIO=3)),
     Usage(input=10, input_image=60, input_audio=30, output=2, output_image=4, output_audio=3)),
    (GEMINI, google(100, 1, cachedContentTokenCount=60,
                    promptTokensDetails=modal(TEXT=20, IMAGE=50, AUDIO=30),
                    cacheTokensDetails=modal(TEXT=5, IMAGE=40, AUDIO=15)),
     Usage(input=15, input_image=10, input_audio=15, cache_read=45, cache_read_audio=15,
           output=1)),
    # which of the image was cached is not told: then neither is what of it was not
    (GEMINI, google(100, 1, cachedContentTokenCount=60,
                    promptTokensDetails=modal(TEXT=20, IMAGE=80)),
     Usage(input=40, cache_read=60, output=1)),
    (GEMINI, google(100, 1, cachedContentTokenCount=60, cacheTokensDetails=modal(AUDIO=60)),
     Usage(input=40, cache_read_audio=60, output=1)),
    (GEMINI, google(10, 1, toolUsePromptTokenCount=50,
                    toolUsePromptTokensDetails=modal(TEXT=20, IMAGE=30)),
     Usage(input=30, input_image=30, output=1)),
    (GEMINI, google(100, 1, promptTokensDetails=modal(VIDEO=80, DOCUMENT=20)),
     Usage(input=100, output=1)),
    (GEMINI, google(0, 0), Usage()),
    (GEMINI, {"totalTokenCount": 7}, None),
    (GEMINI, {"trafficType": "ON_DEMAND"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("read", "counts", "leaves"), LEAVES)
def test_counts_become_disjoint_leaves(
    read: Read, counts: dict[str, Any], leaves: Usage | None
) -> None:
    assert read(counts) == leaves


@pytest.mark.parametrize(
    ("read", "counts"),
    [
        (ANTHROPIC, told(3, 4, output_tokens_details={"thinking_tokens": 5})),
        (ANTHROPIC, told(3, 4, cache_creation_input_tokens=49, cache_creation={
            "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30})),
        (ANTHROPIC, told(-1, 4)),
        (ANTHROPIC, told(3, 4, cache_read_input_tokens="many")),
        (RESPONSES, told(13, 2, input_tokens_details={"cached_tokens": 14})),
        (RESPONSES, told(13, 2, input_tokens_details={
            "cached_tokens": 10, "cache_write_tokens": 4})),
        (RESPONSES, told(13, 2, input_tokens_details={
            "cache_write_tokens": 4, "cache_write_tokens_details": {"ttl_30m_tokens": 5}})),
        (RESPONSES, told(13, 2, output_tokens_details={"reasoning_tokens": 3})),
        (RESPONSES, told(13, 2, total_tokens=16)),
        (RESPONSES, told(13, 10**15)),
        (GEMINI, google(7, 1, cachedContentTokenCount=8)),
        (GEMINI, google(7, 1, cachedContentTokenCount=8, toolUsePromptTokenCount=9)),
        (GEMINI, google(7, 1, promptTokensDetails=modal(TEXT=8))),
        (GEMINI, google(7, 1, candidatesTokensDetails=modal(IMAGE=2))),
        (GEMINI, google(7, 1, cachedContentTokenCount=5, cacheTokensDetails=modal(AUDIO=6))),
        (GEMINI, google(7, 1, cachedContentTokenCount=5, promptTokensDetails=modal(AUDIO=4),
                        cacheTokensDetails=modal(AUDIO=5))),
        (GEMINI, google(7, 1, toolUsePromptTokenCount=2,
                        toolUsePromptTokensDetails=modal(TEXT=3))),
        (GEMINI, google(7, 1, totalTokenCount=7)),
        (GEMINI, google(7, 1, totalTokenCount=9)),
        (GEMINI, {"promptTokenCount": True}),
        (GEMINI, {"promptTokenCount": Decimal("1.5")}),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_true_are_refused(read: Read, counts: dict[str, Any]) -> None:
    with pytest.raises(ContradictoryUsage):
        read(counts)


COUNTS = st.integers(0, 10**6)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_anthropics_leaves_sum_to_what_it_reported(
    plain: int, read: int, brief: int, lasting: int, said: int
) -> None:
    leaves = ANTHROPIC(
        told(
            plain,
            said,
            cache_read_input_tokens=read,
            cache_creation_input_tokens=brief + lasting,
            cache_creation={
                "ephemeral_5m_input_tokens": brief,
                "ephemeral_1h_input_tokens": lasting,
            },
        )
    )

    assert leaves is not None
    assert (leaves.input_total, leaves.output_total) == (plain + read + brief + lasting, said)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_leaves_of_responses_sum_to_the_total(
    plain: int, read: int, written: int, said: int, thought: int
) -> None:
    told_in, told_out = plain + read + written, said + thought
    inside = {"cached_tokens": read, "cache_write_tokens": written}
    outside = {"reasoning_tokens": thought}
    leaves = RESPONSES(
        told(told_in, told_out, input_tokens_details=inside, output_tokens_details=outside)
        | {"total_tokens": told_in + told_out}
    )

    assert leaves is not None
    assert (leaves.input_total, leaves.output_total) == (told_in, told_out)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_geminis_leaves_sum_to_the_total(
    plain: int, cached: int, heard: int, tools: int, said: int, thought: int
) -> None:
    prompt = plain + cached + heard
    leaves = GEMINI(
        google(prompt, said)
        | {
            "cachedContentTokenCount": cached,
            "toolUsePromptTokenCount": tools,
            "thoughtsTokenCount": thought,
            "totalTokenCount": prompt + said + tools + thought,
            "promptTokensDetails": modal(TEXT=plain + cached, AUDIO=heard),
            "cacheTokensDetails": modal(TEXT=cached),
        }
    )

    assert leaves is not None
    assert (leaves.input_total, leaves.output_total) == (prompt + tools, said + thought)
