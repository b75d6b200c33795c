"""Build: shapes to settings, with the rules that look at more than one value."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import tzlocal

from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import EMBEDDING, Endpoint, Flavour, Pins, Target
from monitor.domain.money import nano_from_usd
from monitor.domain.prices import PriceList  # noqa: TC001 -- one place for names
from monitor.domain.roster import dialect_at, flavour_at
from monitor.settings import alerts, apps, budgets
from monitor.settings.bills import build_billers
from monitor.settings.database import read_database
from monitor.settings.document import Document
from monitor.settings.feeds import build_feeds
from monitor.settings.former import FormerIds
from monitor.settings.heartbeat import build_heartbeat
from monitor.settings.maintenance import Planner
from monitor.settings.model import DEFAULT_WITNESSES, Retention, Settings
from monitor.settings.prices import build_price
from monitor.settings.problems import KeyPath, Problem
from monitor.settings.rules import build_rules
from monitor.settings.shape import FileShape, ModelShape, ProviderShape
from monitor.settings.values import spell_id

MIN_INTERVAL_S = 15.0
_MAX_INTERVAL_S = 7 * 86_400.0
_MIN_LONG_INTERVAL_S = 300.0
_TIMEOUTS_S = (1.0, 600.0)


class _Builder:
    """Collects endpoints and what is wrong with them, place by place."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems
        self.targets: dict[tuple[object, ...], Target] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.prices: dict[str, PriceList | None] = {}
        self.former = FormerIds()
        self.budgets: dict[str, int] = {}

    def blame(self, path: KeyPath, text: str) -> None:
        self.problems.append(self.document.problem(path, text))

    def add_provider(self, name: str, shape: ProviderShape) -> None:
        path: KeyPath = ("providers", name)
        target = _target(name, shape)
        twin = self.targets.setdefault((target.base_url, target.key, target.flavour), target)
        if twin is not target:
            self.blame(
                (*path, "base_url"),
                f"provider {twin.provider!r} has the same base URL, key and flavour; put the "
                "models of both under one",
            )
        if shape.reach_interval < MIN_INTERVAL_S:
            self.blame(
                (*path, "reach_interval"),
                f"provider {name!r}: {shape.reach_interval:g} s is below the minimum of "
                f"{MIN_INTERVAL_S:g} s; raise it",
            )
        if shape.was is not None:
            self.former.add(target.id, f"{shape.was}@{shape.key_alias}", (*path, "was"))
        if shape.probe_budget_usd_per_day is not None:
            self.budgets[name] = nano_from_usd(shape.probe_budget_usd_per_day)
        for number, model in enumerate(shape.models):
            self.add_model(target, model, (*path, "models", number), shape.was)

    def add_model(
        self, target: Target, shape: ModelShape, path: KeyPath, former_provider: str | None
    ) -> None:
        endpoint = _endpoint(target, shape)
        if shape.was is not None:
            self.former.add(endpoint.id, shape.was, (*path, "was"))
        elif former_provider is not None and shape.id is None:
            former_id = spell_id(f"{former_provider}/{shape.name}")
            self.former.add(endpoint.id, former_id, (*path[:2], "was"))
        self._check_interval(endpoint, shape, path)
        if endpoint.pins is not None and target.flavour is not Flavour.OPENROUTER:
            self.blame(
                (*path, "provider"),
                f"endpoint {endpoint.id!r}: only OpenRouter picks providers; remove it, or set "
                "flavour: openrouter",
            )
        self._check_long_intervals(endpoint, shape, path)
        self._check_capabilities(endpoint, path)
        least_s, most_s = _TIMEOUTS_S
        if not least_s <= endpoint.timeout_s <= most_s:
            self.blame(
                (*path, "timeout"),
                f"endpoint {endpoint.id!r}: timeout {endpoint.timeout_s:g} s is outside of "
                f"{least_s:g} to {most_s:g} s; change it",
            )
        if endpoint.id in self.endpoints:
            where = (*path, "id" if shape.id else "name")
            self.blame(
                where, f"endpoint {endpoint.id!r} is listed twice; remove one, or give it an id"
            )
        self.endpoints[endpoint.id] = endpoint
        self.prices[endpoint.id] = build_price(shape.price, (*path, "price"), self.blame)

    def check_ports(self, ports: dict[str, int]) -> None:
        for name, port in ports.items():
            sharing = [other for other, taken in ports.items() if taken == port]
            if len(sharing) > 1 and ("ports", name) in self.document.lines:
                self.blame(
                    ("ports", name),
                    f"port {port} is given twice ({', '.join(sharing)}); choose another",
                )

    def _check_interval(self, endpoint: Endpoint, shape: ModelShape, path: KeyPath) -> None:
        where, is_fast = (*path, "interval"), endpoint.interval_s < MIN_INTERVAL_S
        interval = f"endpoint {endpoint.id!r}: interval {endpoint.interval_s:g} s is"
        if is_fast and not shape.allow_fast:
            self.blame(
                where,
                f"{interval} below the minimum of {MIN_INTERVAL_S:g} s; raise it or set "
                "allow_fast: true",
            )
        elif endpoint.interval_s < 1:
            self.blame(where, f"{interval} below 1 s, which nothing allows; raise it")
        elif endpoint.interval_s > _MAX_INTERVAL_S:
            self.blame(where, f"{interval} above the maximum of 7 days; lower it")

    def _check_long_intervals(self, endpoint: Endpoint, shape: ModelShape, path: KeyPath) -> None:
        for key in ("performance_interval", "capability_interval"):
            interval_s = getattr(shape, key)
            if not _MIN_LONG_INTERVAL_S <= interval_s <= _MAX_INTERVAL_S:
                self.blame(
                    (*path, key),
                    f"endpoint {endpoint.id!r}: {key} {interval_s:g} s is outside of "
                    f"{_MIN_LONG_INTERVAL_S:g} s to 7 days; change it",
                )

    def _check_capabilities(self, endpoint: Endpoint, path: KeyPath) -> None:
        flavour, wanted = endpoint.target.flavour, set(endpoint.capabilities or ())
        embeds = {Capability.EMBEDDINGS}
        wrong = wanted - embeds if flavour in EMBEDDING else wanted & embeds
        if wrong:
            self.blame(
                (*path, "capabilities"),
                f"endpoint {endpoint.id!r}: flavour {flavour.value} has no "
                f"{' or '.join(sorted(wrong))}; remove that, or watch it by another flavour",
            )


def build(document: Document, shape: FileShape, problems: list[Problem]) -> Settings | None:
    """The settings of a well-formed file; what is wrong is added to `problems`."""
    builder = _Builder(document, problems)
    for name, provider in shape.providers.items():
        builder.add_provider(name, provider)
    builder.check_ports(shape.ports.model_dump())
    if shape.monitor.fault is not None:
        builder.blame(("monitor", "host"), shape.monitor.fault)
    listed = {*builder.endpoints, *(target.id for target in builder.targets.values())}
    for path, text in builder.former.find_faults(listed):
        builder.blame(path, text)
    zone = shape.zone or system_zone()
    planner = Planner(zone, builder.endpoints.values(), builder.blame, document.lines)
    maintenance = tuple(planner.plan(shape.maintenance))
    try:
        database = read_database(shape.database, document.file.resolve().parent)
    except ValueError as error:
        builder.blame(("database",), str(error))
        return None
    keys = (target.key for target in builder.targets.values() if target.key is not None)
    billers = build_billers(shape.bills, shape.providers, builder.blame)
    return Settings(
        path=document.file.resolve(),
        database_url=database.url,
        zone=zone,
        targets=tuple(builder.targets.values()),
        endpoints=tuple(builder.endpoints.values()),
        prices=builder.prices,
        feeds=build_feeds(shape.prices, document.file.resolve().parent, builder.blame),
        billers=billers,
        former_ids=builder.former.ids,
        maintenance=maintenance,
        budgets=tuple(budgets.plan(shape.budgets, zone, builder.blame)),
        apps=tuple(apps.plan(shape.apps, builder.blame)),
        alerts=alerts.connect(shape.alerts, shape.providers, zone, builder.blame),
        rules=build_rules(shape.alerts.rules, shape.providers, builder.endpoints, builder.blame),
        heartbeat=build_heartbeat(shape.heartbeat, builder.blame),
        probe_budget_nano_usd_per_day=nano_from_usd(shape.probe_budget_usd_per_day),
        provider_budgets_nano_usd_per_day=builder.budgets,
        probe_unpriced=shape.probe_unpriced,
        openrouter_strict=shape.openrouter_strict,
        witnesses=DEFAULT_WITNESSES if shape.witnesses is None else shape.witnesses,
        retention=Retention(**shape.retention.model_dump()),
        monitor_port=shape.ports.monitor,
        monitor_host=shape.monitor.host,
        allowed_hosts=frozenset(shape.monitor.allowed_hosts),
        dashboard_port=shape.ports.dashboard,
        simulator_port=shape.ports.simulator,
        is_demo=shape.demo,
        keys=tuple({*keys, *(each.key for each in billers.sources), *database.secrets}),
    )


def system_zone() -> ZoneInfo:
    """The system's time zone; UTC where it cannot be told."""
    try:
        return ZoneInfo(tzlocal.get_localzone_name() or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _target(name: str, shape: ProviderShape) -> Target:
    known = dialect_at(shape.base_url)
    return Target(
        id=f"{name}@{shape.key_alias}",
        provider=name,
        base_url=shape.base_url,
        flavour=shape.flavour or flavour_at(shape.base_url),
        key_alias=shape.key_alias,
        key=shape.key,
        reach_interval_s=shape.reach_interval,
        dialect=replace(known, **shape.dialect.model_dump(exclude_none=True)),
        concurrency=shape.concurrency,
    )


def _endpoint(target: Target, shape: ModelShape) -> Endpoint:
    own_model = shape.name if "/" in shape.name else f"{target.provider}/{shape.name}"
    return Endpoint(
        id=shape.id or spell_id(f"{target.provider}/{shape.name}"),
        target=target,
        model=shape.model or spell_id(own_model),
        model_name=shape.name,
        interval_s=shape.interval,
        output_tokens=0 if target.flavour in EMBEDDING else shape.output_tokens,
        timeout_s=shape.timeout,
        is_probed=shape.probe,
        pins=None if shape.provider is None else Pins(**shape.provider.model_dump()),
        performance_interval_s=shape.performance_interval if shape.performance else None,
        capability_interval_s=shape.capability_interval,
        capabilities=shape.capabilities,
        retires_day=None if shape.retires is None else shape.retires.toordinal(),
    )
