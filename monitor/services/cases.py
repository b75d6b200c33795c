"""Cases: what the ledger knows of an alert when it is told."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain import damage_words
from monitor.domain.messages import Case
from monitor.domain.outcomes import Result
from monitor.domain.silences import HoldKind
from monitor.domain.windows import Window
from monitor.services import damages
from monitor.storage import acknowledgements
from monitor.storage.alerts import Standing
from monitor.storage.engine import Session
from monitor.storage.queries import alerts, failures, owners, usage
from monitor.storage.queries.alerts import Member

_UTC = ZoneInfo("UTC")


class Told(NamedTuple):
    """A case, and the path of the page that shows it."""

    case: Case
    path: str


def build(
    session: Session,
    standing: Standing,
    now_ms: int,
    *,
    told_before: bool,
    hold: HoldKind | None = None,
) -> Told:
    """What is known of an alert now. Its incidents stay for ever, so there always is one."""
    alert, members = standing.alert, alerts.members(session, standing.id)
    first = members[0]
    ends = [each.ended_ms for each in members if each.ended_ms is not None]
    ended_ms = max(ends) if alert.closed_ms is not None and len(ends) == len(members) else None
    at_it = acknowledgements.of_alerts(session, [standing.id]).get(standing.id)
    window = Window(first.started_ms, ended_ms or now_ms)
    failed, calls = _count(session, members, window)
    case = Case(
        number=standing.id,
        kind=alert.root.kind,
        severity=alert.severity,
        provider=alert.root.provider,
        subjects=_slugs(members),
        still=_slugs([each for each in members if each.closed_ms is None]),
        outcome=first.outcome,
        rule=first.rule,
        facts=first.facts,
        started_ms=first.started_ms,
        ended_ms=ended_ms,
        failed=failed,
        calls=calls,
        witness=next((each.witness for each in members if each.witness), None),
        changes=alerts.most_changes(session, members, alert.changed_ms),
        told_before=told_before,
        hold=hold,
        at_it=None if at_it is None else at_it.by,
        lasts_ms=now_ms - first.started_ms,
        cost="" if ended_ms is None else _cost(session, members, window),
    )
    return Told(case, _path(members))


def _count(
    session: Session, members: Sequence[Member], window: Window
) -> tuple[Counter[Result], int]:
    numbers = {each.endpoint_id for each in members if each.endpoint_id is not None}
    if not numbers:
        return Counter(), 0
    counted = failures.counts(session, window, numbers)
    made = usage.totals(session, window, _UTC, endpoint_ids=numbers)[owners.ALL].n
    return sum(counted.values(), Counter()), made


def _cost(session: Session, members: Sequence[Member], window: Window) -> str:
    numbers = {each.endpoint_id for each in members if each.endpoint_id is not None}
    return damage_words.sentence(damages.find(session, window, numbers)) if numbers else ""


def _slugs(members: Sequence[Member]) -> tuple[str, ...]:
    named = (each.slug or each.subject or "our own network" for each in members)
    return tuple(dict.fromkeys(named))


def _path(members: Sequence[Member]) -> str:
    """The page of the incident that began first, which leads to the others."""
    return f"/incidents/{members[0].id}"
