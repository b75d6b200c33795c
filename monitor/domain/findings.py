"""Findings: what a rule found, in words, out of the facts that stand in its incident."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.outcomes import Result
from monitor.domain.rules import RuleName

Facts = Mapping[str, Any]

#: A few words on what was found, by rule; they follow the name of whom it is of.
WORDS: Mapping[str, Callable[[Facts], str]] = {}


def cause(rule: str, outcome: Result | None, facts: Facts) -> str:
    """What is wrong, in a few words: the class of the call that told it, or what was found."""
    if outcome is not None:
        return outcome.value.replace("_", " ")
    words = WORDS.get(rule)
    return rule.replace("_", " ") if words is None else words(facts)


def is_of_calls(rule: str) -> bool:
    """Whether calls in a row open and close it."""
    return rule in {RuleName.DOWN, RuleName.ACCOUNT, RuleName.NETWORK}
