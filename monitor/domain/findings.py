"""Findings: what a rule found, in words, out of the facts that stand in its incident."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from monitor.domain.ailment_words import (
    say_cap,
    say_disk,
    say_feed,
    say_late,
    say_queue,
    say_refusal,
    say_runs,
    say_unpriced,
)
from monitor.domain.outcomes import Result
from monitor.domain.rules import RuleName
from monitor.domain.windows import MINUTE_MS

Facts = Mapping[str, Any]


class Words(NamedTuple):
    """What was found: a few words after the name of whom it is of, and a sentence of figures."""

    cause: str
    figures: str


#: How it is once it is over, as it follows the name of whom it was of.
WELL: Mapping[str, str] = {
    RuleName.UNPRICED: "calls have a price again",
    RuleName.EVENT_LOOP: "in time again",
    RuleName.WRITER_QUEUE: "keeps up again",
    RuleName.DISK: "has room again",
    RuleName.MISSED_RUNS: "are made again",
    RuleName.PROBE_CAP: "paid probes go on",
    RuleName.FEED: "works again",
}
#: What to do while it holds.
ADVICE: Mapping[str, str] = {
    RuleName.UNPRICED: "Set a price: `inferwatch prices unpriced` lists what to type.",
    RuleName.EVENT_LOOP: "The machine is too busy: give the monitor more of it, or probe less.",
    RuleName.WRITER_QUEUE: "The disk or the database is too slow, or too much is told at once.",
    RuleName.DISK: "Make room, or keep calls for less time (`retention`).",
    RuleName.MISSED_RUNS: "The machine slept, or is too busy: probe less, or give it more.",
    RuleName.PROBE_CAP: "Free probes go on; raise probe_budget_usd_per_day, or probe less.",
    RuleName.FEED: "What it told stays. Ask again: `inferwatch prices fetch` or `bills fetch`.",
}


def cause(rule: str, outcome: Result | None, facts: Facts) -> str:
    """What is wrong, in a few words: the class of the call that told it, or what was found."""
    if outcome is not None:
        return outcome.value.replace("_", " ")
    words = WORDS.get(rule)
    return rule.replace("_", " ") if words is None else words(facts).cause


def figures(rule: str, facts: Facts) -> str:
    """How much of it was found, in a sentence; "" where that is not known."""
    words = WORDS.get(rule)
    return "" if words is None else words(facts).figures


def _say_slow(facts: Facts) -> Words:
    return Words("slow or often wrong", f"Degraded for {facts['hold_min']} min without a break.")


def _say_share(what: str, facts: Facts) -> Words:
    percent = 100 * facts["failed"] / facts["calls"]
    classes = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in facts["classes"].items())
    calls = f"{facts['failed']:,} of {facts['calls']:,} calls in {facts['window_min']} min"
    return Words(f"{percent:.3g} % {what}", f"{calls}: {classes}.")


def _say_burn(facts: Facts) -> Words:
    rate, down_min = facts["rate_tenths"] / 10, facts["down_ms"] / MINUTE_MS
    outages = f"{facts['outages']} outage" + ("" if facts["outages"] == 1 else "s")
    down = f"{down_min:.3g} min down in {facts['long_min'] / 60:g} h, {outages}"
    objective = f"the objective is {facts['objective_milli'] / 1000:g} %"
    return Words(f"error budget burns {rate:g}×", f"{down}; {objective}.")


def _say(few: Callable[[Facts], str], facts: Facts) -> Words:
    return Words(few(facts), "")


WORDS: Mapping[str, Callable[[Facts], Words]] = {
    RuleName.DEGRADED: _say_slow,
    RuleName.ERRORS: partial(_say_share, "errors"),
    RuleName.RATE_LIMITS: partial(_say_share, "rate limited"),
    RuleName.FAST_BURN: _say_burn,
    RuleName.BURN: _say_burn,
    RuleName.SLOW_BURN: _say_burn,
    RuleName.UNPRICED: partial(_say, say_unpriced),
    RuleName.EVENT_LOOP: partial(_say, say_late),
    RuleName.WRITER_QUEUE: partial(_say, say_queue),
    RuleName.DISK: partial(_say, say_disk),
    RuleName.MISSED_RUNS: partial(_say, say_runs),
    RuleName.PROBE_CAP: partial(_say, say_cap),
    RuleName.FEED: partial(_say, say_feed),
    RuleName.DATABASE: partial(_say, say_refusal),
}
