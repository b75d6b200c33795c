"""Evidence: what a rule of alerts finds in the ledger, now or in hindsight.

Both go this way, so that a replay finds what was found: states that are settled and minutes that
are over stay as they are.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from monitor.domain import rule_burns, rule_slowness
from monitor.domain.health import Policy, Span
from monitor.domain.rule_burns import History
from monitor.domain.rule_parameters import Burn, Share, Slow
from monitor.domain.rule_shares import Explained
from monitor.domain.rules import AlertRule, Finding, RuleName, Ruleset
from monitor.domain.windows import MINUTE_MS, Window
from monitor.storage import maintenance
from monitor.storage.engine import Session
from monitor.storage.queries import rule_evidence, slices
from monitor.storage.queries.rule_evidence import Watched

SHARES = (RuleName.ERRORS, RuleName.RATE_LIMITS)
SPANS = (RuleName.DEGRADED, RuleName.FAST_BURN, RuleName.BURN, RuleName.SLOW_BURN)

#: Which rule is the stronger one: what it tells of is counted in no share.
STRONGER: Mapping[RuleName, RuleName] = {
    RuleName.ERRORS: RuleName.DOWN,
    RuleName.RATE_LIMITS: RuleName.ACCOUNT,
}


class Ask(NamedTuple):
    """At which endpoint a rule is to be judged, from when on, and whether it is open there."""

    endpoint: Watched
    from_ms: int
    is_open: bool


def reach_ms(rule: AlertRule[Any]) -> int:
    """So much of the past decides what a rule finds at an instant."""
    match rule.parameters:
        case Burn() as burn:
            return burn.long_min * MINUTE_MS
        case Slow() as slow:
            return max(slow.hold_min, slow.close_min) * MINUTE_MS
        case Share() as share:
            return share.window_min * MINUTE_MS
        case _:
            return 0


def step_ms(rule: AlertRule[Any]) -> int:
    """How far apart the instants are at which a rule looks at settled spans."""
    return rule.parameters.step_ms if isinstance(rule.parameters, Burn) else 1


def judge_spans(
    session: Session, rule: AlertRule[Any], asks: Sequence[Ask], rules: Ruleset
) -> list[tuple[int, Finding]]:
    """What a rule of settled spans finds at endpoints, up to where they are settled."""
    if not asks:
        return []
    from_ms = min(ask.from_ms for ask in asks) - reach_ms(rule)
    window = Window(from_ms, max(ask.endpoint.settled_ms for ask in asks))
    held = maintenance.held(session, window) if isinstance(rule.parameters, Burn) else {}
    spans = _spans(session, window, [ask.endpoint.id for ask in asks])
    return [
        (ask.endpoint.id, finding)
        for ask in asks
        for finding in _judge(
            rule, ask, spans.get(ask.endpoint.id, []), held.get(ask.endpoint.id, ()), rules
        )
    ]


def _judge(
    rule: AlertRule[Any],
    ask: Ask,
    spans: list[Span],
    held: Sequence[Window],
    rules: Ruleset,
) -> list[Finding]:
    subject, endpoint = str(ask.endpoint.id), ask.endpoint
    if isinstance(rule.parameters, Slow):
        found = rule_slowness.judge(rule, subject, spans, is_open=ask.is_open, from_ms=ask.from_ms)
    else:
        found = rule_burns.judge(
            rule,
            subject,
            History.of(spans, held),
            is_open=ask.is_open,
            from_ms=ask.from_ms,
            outages_are_told=rules[RuleName.DOWN].tells_of(endpoint.provider, endpoint.slug),
        )
    return list(found)


def _spans(
    session: Session, window: Window, endpoint_ids: Collection[int]
) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for each in slices.between(session, window, Policy.PROVIDER, endpoint_ids):
        span = Span(each.from_ms, each.to_ms, each.state)
        found.setdefault(each.endpoint_id, []).append(span)
    return found


def explained(
    session: Session, rule: AlertRule[Any], since_ms: int, rules: Ruleset, known: Sequence[Watched]
) -> dict[int, list[Explained]]:
    """What the stronger rule tells of at these endpoints, from an instant on."""
    stronger = rules[STRONGER[rule.name]]
    told = {each.id for each in known if stronger.tells_of(each.provider, each.slug)}
    found = rule_evidence.explained(session, stronger.name, since_ms - reach_ms(rule))
    return {number: each for number, each in found.items() if number in told}
