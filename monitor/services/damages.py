"""Damages: what incidents cost, out of the ledger; of a long one its end."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from monitor.domain.damages import (
    Damage,
    Known,
    ProbeDamage,
    TeamDamage,
    follow_ups,
    usual_pace,
)
from monitor.domain.windows import DAY_MS, Window
from monitor.storage.engine import Session
from monitor.storage.queries import damages, endpoints, spend, usage
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals

#: So many single calls are looked at for retries, and no more.
_MOST = 20_000
_UTC = ZoneInfo("UTC")


def of_incident(session: Session, incident: Incident, now_ms: int) -> Damage | None:
    """What an incident cost so far; `None` for one that befell no endpoint."""
    if incident.endpoint_id is None:
        return None
    end_ms = now_ms if incident.ended_ms is None else incident.ended_ms
    return find(session, Window(incident.started_ms, end_ms), [incident.endpoint_id])


def find(session: Session, window: Window, endpoint_ids: Collection[int]) -> Damage:
    """What failed calls to some endpoints in a time cost their teams, and what it cost us."""
    looked_at = spend.bounded(session, window)
    by_team = damages.by_team(session, looked_at, endpoint_ids)
    teams = [TeamDamage(team, _known(each), each.tokens) for team, each in by_team.items()]
    dearest_first = sorted(teams, key=lambda each: (-each.failed.nano_usd, each.team))
    retries, nobodys = _retries(session, looked_at, endpoint_ids)
    probes = _probes(session, window, endpoint_ids)
    return Damage(looked_at, tuple(dearest_first), retries, nobodys, probes)


def _known(totals: Totals) -> Known:
    return Known(totals.n, totals.n - totals.n_costed, totals.cost_nano_usd)


def _retries(
    session: Session, window: Window, endpoint_ids: Collection[int]
) -> tuple[Known | None, int]:
    """At most so many retries, and of how many failed calls nobody knows whose they were."""
    nobody = damages.nobody(session)
    failed = damages.gone(session, window, endpoint_ids, _MOST + 1)
    own = [each for each in failed if each.whose != nobody]
    made = damages.made_after(session, window, {each.whose for each in own}, _MOST + 1)
    if max(len(failed), len(made)) > _MOST:
        return None, len(failed) - len(own)
    return follow_ups(own, made), len(failed) - len(own)


def _probes(session: Session, window: Window, endpoint_ids: Collection[int]) -> ProbeDamage:
    made = _of_probes(session, window, endpoint_ids)
    before = Window(window.from_ms - DAY_MS, window.from_ms)
    begun_ms = [
        each.created_ms for each in endpoints.every(session) if each.id in set(endpoint_ids)
    ]
    is_known = all(at_ms <= before.from_ms for at_ms in begun_ms)
    usual = _of_probes(session, before, endpoint_ids)
    day_nano_usd = usual.cost_nano_usd if is_known and usual.n == usual.n_costed else None
    return ProbeDamage(_known(made), usual_pace(day_nano_usd, window.length_ms))


def _of_probes(session: Session, window: Window, endpoint_ids: Collection[int]) -> Totals:
    return usage.totals(session, window, _UTC, audience=Audience.PROBES, endpoint_ids=endpoint_ids)[
        ALL
    ]
