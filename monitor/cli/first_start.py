"""First start: look round, write the settings, say what is watched and what it costs a day."""

import asyncio
import time
from pathlib import Path

import typer

from monitor.domain.amounts import dollars
from monitor.domain.hosted_providers import HOSTED
from monitor.domain.plan import Pace, PlannedProbe, ProbePlan
from monitor.domain.roster import PROVIDERS
from monitor.services import catalogue, discovery, first_start
from monitor.services.planning import plan_probes
from monitor.settings.build import system_zone
from monitor.settings.draft import Draft, render
from monitor.settings.environment import environment
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.write import write_new

_WHY = {
    Pace.STRETCHED: "stretched to keep within the budget",
    Pace.UNPRICED: "price unknown: only reachability is checked",
    Pace.NO_BUDGET: "no probe budget: only reachability is checked",
    Pace.OFF: "not probed",
}


def begin(path: Path, *, looks_locally: bool = True) -> Settings:
    """New settings at `path`, printed. Asks nothing; raises SettingsError where a file is."""
    now_ms = time.time_ns() // 1_000_000
    found = asyncio.run(_discover(looks_locally))
    draft = _demo() if not found.found else first_start.draft(found, system_zone().key, now_ms)
    write_new(path, render(draft))
    settings = load(path)
    typer.echo(f"Wrote {path}")
    for remark in (
        *(f"{name}: not watched. {why}" for name, why in found.not_watched),
        *found.notes,
    ):
        typer.echo(f"  {remark}")
    tell(settings, now_ms)
    return settings


def tell(settings: Settings, now_ms: int) -> None:
    """Print what these settings watch, and the day's cost."""
    prices = catalogue.effective_prices(settings.endpoints, settings.prices, now_ms)
    plan = plan_probes(settings, prices, now_ms)
    if settings.is_demo:
        typer.echo("No key and no local server found: this is the demo, on simulated providers.")
    typer.echo("Watching")
    width = max((len(probe.endpoint) for probe in plan.probes), default=0)
    for probe in plan.probes:
        typer.echo(f"  {probe.endpoint:<{width}}  {_spell(probe)}")
    typer.echo(_spell_day(plan, is_demo=settings.is_demo))


async def _discover(looks_locally: bool) -> discovery.Discovery:
    from monitor.cli.fetching import LocalFetch
    from monitor.wire.transport import Transport

    providers = PROVIDERS if looks_locally else HOSTED
    async with Transport() as transport:
        return await discovery.discover(environment(), LocalFetch(transport), providers)


def _demo() -> Draft:
    from monitor.cli.demo import draft

    return draft(system_zone().key)


def _spell(probe: PlannedProbe) -> str:
    why = _WHY.get(probe.pace)
    if probe.interval_s is None:
        return str(why)
    cost = "price unknown" if probe.day_nano_usd is None else f"{dollars(probe.day_nano_usd)} a day"
    pace = f"every {_spell_interval(probe.interval_s)}, {cost}"
    return pace if why is None else f"{pace} ({why})"


def _spell_interval(interval_s: float) -> str:
    minutes, seconds = divmod(round(interval_s), 60)
    parts = (f"{minutes} min" if minutes else "", f"{seconds} s" if seconds else "")
    return " ".join(filter(None, parts))


def _spell_day(plan: ProbePlan, *, is_demo: bool) -> str:
    money = "Simulated money: probes" if is_demo else "Probes"
    day, budget = dollars(plan.day_nano_usd), dollars(plan.budget_nano_usd)
    return f"{money} cost about {day} a day; the budget is {budget} a day."
