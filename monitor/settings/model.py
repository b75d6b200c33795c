"""Settings: what an installation watches and how, as the rest of the code sees it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.apps import App
from monitor.domain.bills import NO_BILLERS, Billers
from monitor.domain.budgets import Budget
from monitor.domain.channels import secrets_of
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.escalation import Reminders
from monitor.domain.feeds import NO_FEEDS, Feeds
from monitor.domain.heartbeat import Heartbeat
from monitor.domain.money import NANO_PER_USD
from monitor.domain.prices import PriceList
from monitor.domain.recurrence import Planned
from monitor.domain.routes import Alerting
from monitor.domain.rules import DEFAULTS, AlertRule
from monitor.domain.secrets import Secret

#: By name, not by address: with our own name look-up broken, no witness may answer.
DEFAULT_WITNESSES = (("one.one.one.one", 443), ("dns.google", 443))


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what is kept; aggregates stay for ever."""

    calls_days: int = 400
    details_days: int = 90
    latency_days: int = 90


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation, parsed.

    `path` is the settings file, absolute; all other files of the installation lie in `home`
    beside it. `prices` holds the prices that the settings give, by endpoint id, `None` where
    they give none; `provider_budgets_nano_usd_per_day` the budgets of those providers that have
    one of their own. `former_ids` are the old ids of endpoints and targets that were renamed, by
    the new ones. `witnesses` are (host, port) pairs; none at all turns the witness rule off.
    `allowed_hosts` are the names by which other machines may ask the monitor.
    `keys` are those of the providers and of sources of bills, each once, and the database's
    password.
    """

    path: Path
    database_url: str = field(repr=False)
    zone: ZoneInfo
    targets: tuple[Target, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    prices: dict[str, PriceList | None] = field(default_factory=dict)
    former_ids: dict[str, str] = field(default_factory=dict)
    maintenance: tuple[Planned, ...] = ()
    budgets: tuple[Budget, ...] = ()
    apps: tuple[App, ...] = ()
    alerts: Alerting = field(default_factory=lambda: Alerting(reminders=Reminders()))
    rules: tuple[AlertRule[Any], ...] = tuple(DEFAULTS.values())
    heartbeat: Heartbeat | None = None
    probe_budget_nano_usd_per_day: int = NANO_PER_USD
    provider_budgets_nano_usd_per_day: dict[str, int] = field(default_factory=dict)
    probe_unpriced: bool = False
    openrouter_strict: bool = False
    witnesses: tuple[tuple[str, int], ...] = DEFAULT_WITNESSES
    retention: Retention = Retention()
    feeds: Feeds = NO_FEEDS
    billers: Billers = NO_BILLERS
    monitor_port: int = 8051
    monitor_host: str = "127.0.0.1"
    allowed_hosts: frozenset[str] = frozenset()
    dashboard_port: int = 8050
    simulator_port: int = 8052
    is_demo: bool = False
    keys: tuple[Secret, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All values to keep out of logs and texts."""
        beaten = () if self.heartbeat is None else (self.heartbeat.url,)
        return (*self.keys, *beaten, *secrets_of(self.alerts.channels))

    @property
    def link(self) -> str:
        """Where the pages are reached."""
        return self.alerts.link or f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def home(self) -> Path:
        """The folder of the installation."""
        return self.path.parent

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint of that id, if the settings have it."""
        return next((e for e in self.endpoints if e.id == endpoint_id), None)
