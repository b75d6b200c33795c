"""Conditions: rules about sums and states, each looked at in turn."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from monitor.domain.ailments import Volume
from monitor.domain.bills import NO_BILLERS, Billers
from monitor.domain.feeds import Feeds
from monitor.domain.rules import AlertRule, Finding, RuleName, Ruleset
from monitor.services import ailments, unpriced
from monitor.services.looks import Examine, Look, Turned
from monitor.storage import incidents
from monitor.storage.engine import Session

#: How each rule is looked at.
EXAMINATIONS: Mapping[RuleName, Examine] = {
    RuleName.UNPRICED: unpriced.examine,
    RuleName.EVENT_LOOP: ailments.lag,
    RuleName.WRITER_QUEUE: ailments.queue,
    RuleName.DISK: ailments.disk,
    RuleName.MISSED_RUNS: ailments.runs,
    RuleName.PROBE_CAP: ailments.cap,
    RuleName.FEED: ailments.failing_feeds,
}


class Found(NamedTuple):
    """What a rule finds, where that is another thing than before."""

    rule: AlertRule[Any]
    finding: Finding


def find(
    session: Session,
    rules: Ruleset,
    volumes: tuple[Volume, ...],
    sources: Feeds,
    now_ms: int,
    billers: Billers = NO_BILLERS,
) -> list[Found]:
    """What is another thing than before; what a rule that is switched off had opened is over."""
    found = []
    for name, examine in EXAMINATIONS.items():
        rule = rules[name]
        look = Look(session, now_ms, volumes, sources, billers, incidents.standing(session, name))
        for subject, judged, facts in examine(rule, look) if rule.is_on else _let_go(look):
            finding = Finding(name, subject, judged.is_firing, judged.since_ms, now_ms, facts)
            found.append(Found(rule, finding))
    return found


def _let_go(look: Look) -> Iterator[Turned]:
    for subject in look.standing:
        yield from look.turn(subject, {}, holds=False)
