"""Usage as Gemini reports it, as disjoint leaves.

The prompt holds what was cached. Thoughts stand beside the candidates, and what tools said beside
the prompt, as input. A count of zero is left out of the JSON.
"""

from collections.abc import Mapping
from typing import Any

from monitor.domain.usage import Usage
from monitor.wire.answers import objects
from monitor.wire.counts import check_total, count, rest

_SUMS = (
    "promptTokenCount",
    "toolUsePromptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
)


def usage(reported: Mapping[str, Any]) -> Usage | None:
    """The leaves of a `usageMetadata` object; `None` where it counts nothing.

    Raises ContradictoryUsage where a part is larger than its whole, where the total is not their
    sum, or where something is no count.
    """
    if all(count(reported, name) is None for name in _SUMS):
        return None
    prompt, tools, said, thought = (count(reported, name) or 0 for name in _SUMS)
    check_total("totalTokenCount", count(reported, "totalTokenCount"), prompt, tools, said, thought)
    cached = count(reported, "cachedContentTokenCount") or 0
    rest("promptTokenCount", prompt, cached)
    read = _modalities(reported, "cacheTokensDetails", cached)
    heard, seen = _told_apart(reported, prompt, tools, cached, read)
    spoken, drawn = _pick(_modalities(reported, "candidatesTokensDetails", said))
    return Usage(
        input=rest("promptTokenCount", prompt + tools, cached, heard, seen),
        cache_read=rest("cachedContentTokenCount", cached, read.get("AUDIO", 0)),
        cache_read_audio=read.get("AUDIO", 0),
        input_audio=heard,
        input_image=seen,
        output=rest("candidatesTokenCount", said, spoken, drawn),
        output_audio=spoken,
        output_image=drawn,
        reasoning=thought,
    )


def _told_apart(
    reported: Mapping[str, Any], prompt: int, tools: int, cached: int, read: Mapping[str, int]
) -> tuple[int, int]:
    """The audio and image tokens that no cache had; a prompt's only where it is told which had."""
    told = _modalities(reported, "promptTokensDetails", prompt)
    brought = _pick(_modalities(reported, "toolUsePromptTokensDetails", tools))
    if not told or (cached and not read):
        return brought
    heard, seen = (
        rest("promptTokensDetails", whole, part) + more
        for whole, part, more in zip(_pick(told), _pick(read), brought, strict=True)
    )
    return heard, seen


def _pick(modalities: Mapping[str, int]) -> tuple[int, int]:
    """Those that have prices of their own: audio and images."""
    return modalities.get("AUDIO", 0), modalities.get("IMAGE", 0)


def _modalities(reported: Mapping[str, Any], name: str, whole: int) -> dict[str, int]:
    """The tokens by modality. Raises ContradictoryUsage where they are more than the whole."""
    counts: dict[str, int] = {}
    for detail in objects(reported.get(name)):
        modality = str(detail.get("modality"))
        counts[modality] = counts.get(modality, 0) + (count(detail, "tokenCount") or 0)
    rest(name.replace("TokensDetails", "TokenCount"), whole, *counts.values())
    return counts
