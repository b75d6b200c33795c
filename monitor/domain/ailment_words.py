"""Ailment words: what is said of the monitor itself, and of calls without a price."""

from collections.abc import Mapping
from typing import Any

from monitor.domain.amounts import dollars

_LONGEST_ERROR = 120
_UNITS = ((1024**4, "TiB"), (1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))

Facts = Mapping[str, Any]


def say_late(facts: Facts) -> str:
    """`up to 1.2 s late for 5 min`."""
    return f"up to {facts['worst_ms'] / 1000:.1f} s late for {facts['minutes']} min"


def say_queue(facts: Facts) -> str:
    """`up to 12,000 calls waited for 5 min`."""
    return f"up to {facts['most']:,} calls waited for {facts['minutes']} min"


def say_disk(facts: Facts) -> str:
    """`812 MiB free of 40 GiB`."""
    return f"{_size(facts['free_bytes'])} free of {_size(facts['total_bytes'])}"


def say_runs(facts: Facts) -> str:
    """`12 of 100 not made in 15 min`."""
    due = facts["made"] + facts["lost"]
    return f"{facts['lost']} of {due} not made in {facts['minutes']} min"


def say_cap(facts: Facts) -> str:
    """`$0.99 of $1.00 spent, 3 endpoints wait`."""
    spent, cap = dollars(facts["spent_nano_usd"]), dollars(facts["cap_nano_usd"])
    waiting = f"{facts['count']} endpoint{'s wait' if facts['count'] != 1 else ' waits'}"
    return f"{spent} of {cap} spent, {waiting}"


def say_feed(facts: Facts) -> str:
    """`fails: answers with status 500`."""
    error = " ".join(str(facts["error"]).split())
    return f"fails: {error[:_LONGEST_ERROR]}"


def say_unpriced(facts: Facts) -> str:
    """`120 calls without a price in a day (1,200 tokens)`."""
    least = "at least " if facts["is_at_least"] else ""
    calls, tokens = facts["calls"], f"{least}{facts['tokens']:,} tokens"
    return f"{calls:,} call{'' if calls == 1 else 's'} without a price in a day ({tokens})"


def say_refusal(facts: Facts) -> str:
    """`took no writes, 120 probes waited in the spool`."""
    lost = f", {facts['lost']} were lost for want of room" if facts["lost"] else ""
    return f"took no writes, {facts['spooled']} probes waited in the spool{lost}"


def _size(number_of_bytes: int) -> str:
    for unit, name in _UNITS:
        if number_of_bytes >= unit:
            shown = number_of_bytes / unit
            return f"{shown:.0f} {name}" if shown >= 10 else f"{shown:.1f} {name}"  # noqa: PLR2004 -- two digits
    return f"{number_of_bytes} B"
