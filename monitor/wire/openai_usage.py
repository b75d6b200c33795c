"""Usage as OpenAI Chat and those who copy it report it, as disjoint leaves, and reported cost.

`prompt_tokens` holds the cached, cache-written, audio and image tokens, `completion_tokens` the
reasoning, audio and image ones; xAI alone counts reasoning beside, which `total_tokens` shows.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from monitor.domain.money import nano_from_usd
from monitor.domain.usage import ContradictoryUsage, Usage

_MAX_COUNT = 10**12
_MAX_COST_USD = 10**6


def usage(reported: Mapping[str, Any]) -> Usage | None:
    """The leaves of a `usage` object; `None` where it counts nothing.

    Raises ContradictoryUsage where a part is larger than its whole, or is no count.
    """
    prompt, completion = _sums(reported)
    if prompt is None or completion is None:
        return None
    inside, outside = _part(reported, "prompt"), _part(reported, "completion")
    cached = _count(inside, "cached_tokens")
    if cached is None:
        cached = _count(reported, "prompt_cache_hit_tokens") or 0  # DeepSeek
    written, heard, seen = (
        _count(inside, key) or 0 for key in ("cache_write_tokens", "audio_tokens", "image_tokens")
    )
    reasoned, spoken, drawn = (
        _count(outside, key) or 0 for key in ("reasoning_tokens", "audio_tokens", "image_tokens")
    )
    if reasoned and _count(reported, "total_tokens") == prompt + completion + reasoned:
        completion += reasoned  # xAI
    return Usage(
        input=_rest("prompt_tokens", prompt, cached, written, heard, seen),
        cache_read=cached,
        cache_write=written,
        input_audio=heard,
        input_image=seen,
        output=_rest("completion_tokens", completion, reasoned, spoken, drawn),
        reasoning=reasoned,
        output_audio=spoken,
        output_image=drawn,
        searches=_count(_object(reported, "server_tool_use_details"), "web_search_requests") or 0,
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
        upstream = _amount(_object(reported, "cost_details").get("upstream_inference_cost"))
    return nano_from_usd(charge + (upstream or Decimal(0)))


def _sums(reported: Mapping[str, Any]) -> tuple[int | None, int | None]:
    prompt, completion = (_count(reported, key) for key in ("prompt_tokens", "completion_tokens"))
    total = _count(reported, "total_tokens")
    if prompt is not None and completion is None and total is not None:
        completion = total - prompt
    return prompt, completion


def _part(reported: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    return _object(reported, f"{side}_tokens_details")


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _count(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ContradictoryUsage(f"{name} is no number")
    if not 0 <= value <= _MAX_COUNT or value != int(value):
        raise ContradictoryUsage(f"{name} is {value:.6g}, which is no count of tokens")
    return int(value)


def _rest(name: str, whole: int, *parts: int) -> int:
    rest = whole - sum(parts)
    if rest < 0:
        raise ContradictoryUsage(f"{name} is {whole}, less than its parts ({sum(parts)})")
    return rest


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value) if 0 <= value <= _MAX_COST_USD else None
