"""Usage as OpenAI Responses reports it, as disjoint leaves.

`input_tokens` holds what was read from the cache and written to it, `output_tokens` the reasoning.
"""

from collections.abc import Mapping
from typing import Any

from monitor.domain.usage import Usage
from monitor.wire.counts import check_total, count, object_in, rest

_LIVES = ("ttl_30m_tokens", "ttl_12h_tokens")


def usage(reported: Mapping[str, Any]) -> Usage | None:
    """The leaves of a `usage` object; `None` where it counts no input or no output.

    Raises ContradictoryUsage where a part is larger than its whole, where the total is not their
    sum, or where something is no count.
    """
    told, said = count(reported, "input_tokens"), count(reported, "output_tokens")
    if told is None or said is None:
        return None
    check_total("total_tokens", count(reported, "total_tokens"), told, said)
    inside = object_in(reported, "input_tokens_details")
    cached, written = (count(inside, key) or 0 for key in ("cached_tokens", "cache_write_tokens"))
    lives = object_in(inside, "cache_write_tokens_details")
    rest("cache_write_tokens", written, *(count(lives, life) or 0 for life in _LIVES))
    thought = count(object_in(reported, "output_tokens_details"), "reasoning_tokens") or 0
    return Usage(
        input=rest("input_tokens", told, cached, written),
        cache_read=cached,
        cache_write=written,
        output=rest("output_tokens", said, thought),
        reasoning=thought,
    )
