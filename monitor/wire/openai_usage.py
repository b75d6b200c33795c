"""Usage as OpenAI Chat and those who copy it report it, as disjoint leaves, and reported cost.

`prompt_tokens` holds the cached, cache-written, audio and image tokens, `completion_tokens` the
reasoning, audio and image ones; xAI alone counts reasoning beside, which `total_tokens` shows.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from monitor.domain.money import nano_from_usd
from monitor.domain.usage import Usage
from monitor.wire.counts import count, object_in, rest

_MAX_COST_USD = 10**6


def usage(reported: Mapping[str, Any]) -> Usage | None:
    """The leaves of a `usage` object; `None` where it counts nothing.

    Raises ContradictoryUsage where a part is larger than its whole, or is no count.
    """
    prompt, completion = _sums(reported)
    if prompt is None or completion is None:
        return None
    inside, outside = _part(reported, "prompt"), _part(reported, "completion")
    cached = count(inside, "cached_tokens")
    if cached is None:
        cached = count(reported, "prompt_cache_hit_tokens") or 0  # DeepSeek
    written, heard, seen = (
        count(inside, key) or 0 for key in ("cache_write_tokens", "audio_tokens", "image_tokens")
    )
    reasoned, spoken, drawn = (
        count(outside, key) or 0 for key in ("reasoning_tokens", "audio_tokens", "image_tokens")
    )
    if reasoned and count(reported, "total_tokens") == prompt + completion + reasoned:
        completion += reasoned  # xAI
    return Usage(
        input=rest("prompt_tokens", prompt, cached, written, heard, seen),
        cache_read=cached,
        cache_write=written,
        input_audio=heard,
        input_image=seen,
        output=rest("completion_tokens", completion, reasoned, spoken, drawn),
        reasoning=reasoned,
        output_audio=spoken,
        output_image=drawn,
        searches=count(object_in(reported, "server_tool_use_details"), "web_search_requests") or 0,
    )


def cost_nano_usd(reported: Mapping[str, Any]) -> int | None:
    """What OpenRouter says the call cost; `None` where it says nothing, or no amount.

    With a key of one's own upstream that is its fee, to which the upstream's charge is added.
    """
    charge = _amount(reported.get("cost"))
    if charge is None:
        return None
    upstream = None
    if reported.get("is_byok") is True:
        upstream = _amount(object_in(reported, "cost_details").get("upstream_inference_cost"))
    return nano_from_usd(charge + (upstream or Decimal(0)))


def _sums(reported: Mapping[str, Any]) -> tuple[int | None, int | None]:
    prompt, completion = (count(reported, key) for key in ("prompt_tokens", "completion_tokens"))
    total = count(reported, "total_tokens")
    if prompt is not None and completion is None and total is not None:
        completion = total - prompt
    return prompt, completion


def _part(reported: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    return object_in(reported, f"{side}_tokens_details")


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value) if 0 <= value <= _MAX_COST_USD else None
