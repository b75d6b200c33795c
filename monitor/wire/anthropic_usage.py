"""Usage as Anthropic reports it, as disjoint leaves.

`input_tokens` is what no cache had a part in: what was read from it and written to it stand
beside. `output_tokens` holds the thinking.
"""

from collections.abc import Mapping
from typing import Any

from monitor.domain.usage import Usage
from monitor.wire.counts import count, object_in, rest


def usage(reported: Mapping[str, Any]) -> Usage | None:
    """The leaves of a `usage` object; `None` where it counts no input or no output.

    Raises ContradictoryUsage where a part is larger than its whole, or is no count.
    """
    told, said = count(reported, "input_tokens"), count(reported, "output_tokens")
    if told is None or said is None:
        return None
    brief, lasting, other = _written(reported)
    thought = count(object_in(reported, "output_tokens_details"), "thinking_tokens") or 0
    return Usage(
        input=told,
        cache_read=count(reported, "cache_read_input_tokens") or 0,
        cache_write_5m=brief,
        cache_write_1h=lasting,
        cache_write=other,
        output=rest("output_tokens", said, thought),
        reasoning=thought,
        searches=count(object_in(reported, "server_tool_use"), "web_search_requests") or 0,
    )


def _written(reported: Mapping[str, Any]) -> tuple[int, int, int]:
    """What was written to the cache for 5 minutes, for an hour, and for a life not told.

    Without lives all of it is for 5 minutes, which is what is meant where none is asked for.
    """
    whole = count(reported, "cache_creation_input_tokens")
    lives = object_in(reported, "cache_creation")
    brief, lasting = (count(lives, f"ephemeral_{life}_input_tokens") for life in ("5m", "1h"))
    if brief is None and lasting is None:
        return whole or 0, 0, 0
    brief, lasting = brief or 0, lasting or 0
    other = 0 if whole is None else rest("cache_creation_input_tokens", whole, brief, lasting)
    return brief, lasting, other
