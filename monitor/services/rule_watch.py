"""Watch: what rules of alerts find as time goes by, each thing once.

What was looked at is remembered here, and now and then in the ledger. After a restart a bit of
the past is looked at again, from the last change of each rule on: it finds the same, and what is
open or was opened already stays as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from monitor.domain.rule_shares import GRACE_MS, Judge
from monitor.domain.rules import AlertRule, Finding, RuleName, Ruleset
from monitor.domain.windows import DAY_MS, MINUTE_MS, Window
from monitor.services import rule_evidence
from monitor.services.rule_evidence import SHARES, SPANS, Ask
from monitor.services.rules import report
from monitor.storage import facts
from monitor.storage import rules as rows
from monitor.storage.engine import Session
from monitor.storage.queries import rule_evidence as asked
from monitor.storage.queries.rule_evidence import Stand, Watched

#: A call is written so long after it was recorded, at most; then its minute is counted.
_WRITTEN_MS = 15_000
#: So often it is noted in the ledger up to when minutes were counted.
_NOTED_MS = 5 * MINUTE_MS
#: So much is looked at again at most: of minutes, and of settled states.
_AGAIN_MS = DAY_MS
_NEVER = Stand(is_open=False, changed_ms=-1)


class Found(NamedTuple):
    """What a rule found at an endpoint."""

    rule: AlertRule[Any]
    endpoint_id: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all rules look at: who is watched, what is in force, and how it stands."""

    session: Session
    rules: Ruleset
    known: Sequence[Watched]
    stands: dict[tuple[str, str], Stand]

    def stand(self, rule: AlertRule[Any], endpoint: Watched) -> Stand:
        """How a rule stands at an endpoint."""
        return self.stands.get((rule.name, str(endpoint.id)), _NEVER)

    def told(self, rule: AlertRule[Any]) -> list[Watched]:
        """The endpoints that a rule is for."""
        return [each for each in self.known if rule.tells_of(each.provider, each.slug)]


@dataclass(slots=True)
class Watch:
    """The rules at work. `look` remembers what it found: after a failure to tell it, `forget`."""

    _rules: Ruleset = field(default_factory=Ruleset)
    _judges: dict[tuple[str, int], Judge] = field(default_factory=dict)
    _looked_ms: dict[tuple[str, int], int] = field(default_factory=dict)
    _counted_ms: int | None = None
    _noted_ms: int = 0
    _call_id: int | None = None

    def forget(self) -> None:
        """Look at a bit of the past again."""
        self._judges.clear()
        self._looked_ms.clear()
        self._counted_ms = self._call_id = None

    def look(self, session: Session, now_ms: int) -> list[Found]:
        """What is other than before."""
        rules = rows.read(session)
        if rules != self._rules:
            self.forget()
            self._rules = rules
        stands = asked.stands(session, (*SHARES, *SPANS))
        scene = _Scene(session, rules, asked.watched(session), stands)
        return [
            *_let_go(scene, now_ms),
            *self._look_at_minutes(scene, now_ms),
            *(found for name in SPANS for found in self._look_at_spans(scene, rules[name])),
        ]

    def has_news(self, found: Sequence[Found]) -> bool:
        """Whether something was found, or it is time to note how far it is."""
        return bool(found) or (self._counted_ms or 0) - self._noted_ms >= _NOTED_MS

    def tell(self, session: Session, found: Sequence[Found]) -> None:
        """Open and close what was found, and note up to when it was looked."""
        for rule, endpoint_id, finding in found:
            report(session, rule, finding, endpoint_id)
        if self._counted_ms is not None:
            self._noted_ms = self._counted_ms
            facts.state(session, facts.RULES_COUNTED, str(self._noted_ms))

    def _look_at_spans(self, scene: _Scene, rule: AlertRule[Any]) -> list[Found]:
        step_ms = rule_evidence.step_ms(rule)
        asks = []
        for endpoint in scene.told(rule):
            stand, key = scene.stand(rule, endpoint), (rule.name.value, endpoint.id)
            again_ms = self._looked_ms.get(key, endpoint.settled_ms - _AGAIN_MS)
            from_ms = max(rule.since_ms, stand.changed_ms + 1, again_ms)
            if -(-from_ms // step_ms) * step_ms <= endpoint.settled_ms:
                asks.append(Ask(endpoint, from_ms, stand.is_open))
                self._looked_ms[key] = endpoint.settled_ms + 1
        judged = rule_evidence.judge_spans(scene.session, rule, asks, scene.rules)
        return [Found(rule, number, finding) for number, finding in judged]

    def _look_at_minutes(self, scene: _Scene, now_ms: int) -> Iterator[Found]:
        to_ms = (now_ms - GRACE_MS - _WRITTEN_MS) // MINUTE_MS * MINUTE_MS
        before_ms = self._counted_ms
        if before_ms is None:
            fresh = self._begin(scene, to_ms)
        elif before_ms < to_ms:
            window = Window(before_ms, to_ms)
            fresh = asked.minutes_after(scene.session, window, self._call_id or 0)
        else:
            return
        self._counted_ms = to_ms
        self._call_id = asked.last_before(scene.session, to_ms, self._call_id)
        for name in SHARES:
            yield from self._hear(scene, scene.rules[name], fresh)

    def _begin(self, scene: _Scene, to_ms: int) -> asked.Minutes:
        """The minutes that decide what is found from where counting was noted to stand."""
        noted_ms = int(facts.read(scene.session, facts.RULES_COUNTED) or 0)
        again_ms = min(max(noted_ms, to_ms - _AGAIN_MS), to_ms)
        for rule in (scene.rules[name] for name in SHARES):
            for endpoint in scene.told(rule):
                stand = scene.stand(rule, endpoint)
                from_ms = max(rule.since_ms, stand.changed_ms + 1, again_ms)
                judge = Judge(rule, str(endpoint.id), stand.is_open, from_ms)
                self._judges[rule.name.value, endpoint.id] = judge
        longest_ms = max(rule_evidence.reach_ms(scene.rules[name]) for name in SHARES)
        return asked.minutes(scene.session, Window(again_ms - longest_ms, to_ms))

    def _hear(self, scene: _Scene, rule: AlertRule[Any], fresh: asked.Minutes) -> Iterator[Found]:
        if not fresh or not rule.is_on:
            return
        since_ms = min(each[0].minute for each in fresh.values()) * MINUTE_MS
        told = rule_evidence.explained(scene.session, rule, since_ms, scene.rules, scene.known)
        for endpoint in scene.told(rule):
            fallback = Judge(rule, str(endpoint.id), from_ms=rule.since_ms)
            judge = self._judges.setdefault((rule.name.value, endpoint.id), fallback)
            for finding in judge.hear(fresh.get(endpoint.id, ()), told.get(endpoint.id, ())):
                yield Found(rule, endpoint.id, finding)


def _let_go(scene: _Scene, now_ms: int) -> Iterator[Found]:
    """What is open and looked at no more: the rule is off there, or nobody watches the endpoint."""
    for (name, subject), stand in scene.stands.items():
        rule = scene.rules[RuleName(name)]
        is_told = any(str(each.id) == subject for each in scene.told(rule))
        if stand.is_open and not is_told:
            finding = Finding(rule.name, subject, is_firing=False, since_ms=now_ms, at_ms=now_ms)
            yield Found(rule, int(subject), finding)
