"""Arrangements: what settings come to, stored in the ledger and ready for a prober."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from monitor.domain.endpoints import Endpoint
from monitor.domain.pauses import Pause
from monitor.domain.plan import ProbePlan
from monitor.domain.prices import PriceList
from monitor.domain.recurrence import expand
from monitor.services import (
    budgets,
    endpoints,
    maintenance,
    pauses,
    planning,
    prices,
    recall,
    reference,
    retirements,
)
from monitor.services.pauses import Paused
from monitor.services.recall import Memory
from monitor.services.rounds import pace, settle_probing
from monitor.settings.model import Settings
from monitor.storage import apps, channels, facts, probe_caps, rollups, rules
from monitor.storage import pauses as pause_rows
from monitor.storage.engine import Database, Session

log = logging.getLogger(__name__)

Change = Callable[[Session], None]


class Fitted(NamedTuple):
    """The prices of endpoints at an instant, and the plan of probes that they allow.

    `published` is what the catalogue says of all times.
    """

    prices: dict[str, PriceList]
    plan: ProbePlan
    published: prices.Dated


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Settings, their plan, the rows of endpoints and targets by id, and what is remembered.

    `pauses` are those that hold.
    """

    settings: Settings
    pauses: tuple[Pause, ...]
    plan: ProbePlan
    numbers: Mapping[str, int]
    memory: Memory

    @property
    def probed(self) -> Settings:
        """The settings without the endpoints that are paused."""
        asked = tuple(e for e in self.settings.endpoints if self.pause_of(e) is None)
        return replace(self.settings, endpoints=asked)

    def pause_of(self, endpoint: Endpoint) -> Pause | None:
        """The first pause that holds an endpoint."""
        return next((p for p in self.pauses if p.scope.covers(endpoint)), None)

    def demand_unpaused(self, endpoint_id: str) -> None:
        """Raise Paused where a pause holds an endpoint."""
        endpoint = self.settings.endpoint(endpoint_id)
        pause = None if endpoint is None else self.pause_of(endpoint)
        if pause is not None:
            raise Paused(
                f"endpoint {endpoint_id!r} is paused by {pause.by} (with {pause.scope}); "
                "run `inferwatch resume` for that first"
            )


def fit(database: Database, settings: Settings, now_ms: int) -> Fitted:
    """What settings come to; half a second where the catalogue was not asked before.

    Raises DatabaseRefused.
    """
    with database.reading() as session:
        known = prices.effective(session, settings, now_ms)
        published = prices.published(session, settings)
    return Fitted(known, planning.plan_probes(settings, known, now_ms), published)


def arrange(session: Session, settings: Settings, fitted: Fitted, now_ms: int) -> Arrangement:
    """Make the ledger know what the settings watch, and read how that stands."""
    install(session, settings, fitted.plan, fitted.prices, now_ms)
    prices.install_dated(session, fitted.published, now_ms)
    declare_maintenance(session, settings, now_ms)
    pauses.end_due(session, now_ms)
    holding = tuple(pause_rows.holding(session).values())
    known = reference.load(session)
    numbers = known.endpoint_ids
    memory = recall.remember(session, settings.endpoints, numbers, known.rule, now_ms)
    return Arrangement(settings, holding, fitted.plan, numbers, memory)


def install(
    session: Session,
    settings: Settings,
    plan: ProbePlan,
    known: dict[str, PriceList],
    now_ms: int,
) -> None:
    """Make the ledger know what the settings watch, at which intervals and prices."""
    home = facts.read(session, facts.HOME_ZONE)
    if home is None:
        facts.state(session, facts.HOME_ZONE, settings.zone.key)
    elif home != settings.zone.key:
        log.info("making day rows again in %s, they were in %s", settings.zone.key, home)
        rollups.move_home(session, settings.zone)
    if settings.openrouter_strict:
        facts.state(session, facts.OPENROUTER_STRICT, "true")
    else:
        facts.forget(session, facts.OPENROUTER_STRICT)
    channels.state(session, settings.alerts.channels)
    facts.ensure_key(session, facts.LINK_KEY)
    facts.state(session, facts.PAGES_LINK, settings.alerts.link)
    watched = settle_probing(pace(settings.endpoints, plan), plan)
    endpoints.register(session, watched, now_ms, settings.former_ids)
    apps.declare(session, settings.apps)
    prices.install(session, known, now_ms)
    retirements.install(session, settings, now_ms)
    budgets.install(session, settings.budgets, now_ms)
    rules.install(session, settings.rules, now_ms)
    probe_caps.state(session, probe_caps.Caps(plan.budgets.total, plan.budgets.by_provider))


def declare_maintenance(session: Session, settings: Settings, now_ms: int) -> None:
    """Write down the windows of the settings that come, as far ahead as the horizon."""
    maintenance.declare(session, maintenance.SETTINGS, expand(settings.maintenance, now_ms), now_ms)
