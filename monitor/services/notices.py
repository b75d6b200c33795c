"""Notices: what rules find that is worth telling once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from monitor.domain.rules import AlertRule, Notice, RuleName, Ruleset
from monitor.services import anomalies, endings, price_changes
from monitor.storage.engine import Session

Find = Callable[[Session, AlertRule[Any], int], Iterable[Notice]]

#: How each rule is looked at.
FINDERS: Mapping[RuleName, Find] = {
    RuleName.SPEND_ANOMALY: anomalies.find,
    RuleName.PRICE_CHANGE: price_changes.find,
    RuleName.RETIREMENT: endings.find,
}


class Noticed(NamedTuple):
    """What a rule noticed."""

    rule: AlertRule[Any]
    notice: Notice


def find(session: Session, rules: Ruleset, now_ms: int) -> Iterator[Noticed]:
    """What rules that are on notice now."""
    for name, look in FINDERS.items():
        if rules[name].is_on:
            yield from (Noticed(rules[name], each) for each in look(session, rules[name], now_ms))
