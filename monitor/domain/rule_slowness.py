"""Slowness: an endpoint that is degraded for a while, by what was settled of it.

`domain.pace` says when it is degraded, with thresholds of its own to enter and to leave. Here it
has to stay so. What is unknown or down says nothing of speed: it opens nothing, closes nothing.
"""

from collections.abc import Iterable, Iterator

from monitor.domain.health import Span, State
from monitor.domain.rule_parameters import Slow
from monitor.domain.rules import AlertRule, Finding
from monitor.domain.windows import MINUTE_MS


def judge(
    rule: AlertRule[Slow],
    subject: str,
    spans: Iterable[Span],
    *,
    is_open: bool = False,
    from_ms: int = 0,
) -> Iterator[Finding]:
    """What settled spans, in order, come to from an instant on."""
    slow = rule.parameters
    holds_ms = {State.DEGRADED: slow.hold_min * MINUTE_MS, State.UP: slow.close_min * MINUTE_MS}
    for span in spans:
        hold_ms = holds_ms.get(span.state)
        is_firing = span.state is State.DEGRADED
        if hold_ms is None or is_firing is is_open:
            continue
        at_ms = max(span.from_ms + hold_ms, from_ms)
        if at_ms <= span.to_ms:
            is_open = is_firing
            facts = {"hold_min": slow.hold_min} if is_firing else {}
            yield Finding(rule.name, subject, is_firing, at_ms - hold_ms, at_ms, facts)
