"""First start: look round, write the settings, say what is watched and what it costs a day."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import typer

from monitor.cli.plans import plan_now, spell
from monitor.domain.amounts import dollars
from monitor.domain.plan import ProbePlan
from monitor.domain.roster import HOSTED, PROVIDERS
from monitor.services import discovery, first_start
from monitor.settings.build import system_zone
from monitor.settings.draft import Draft, render
from monitor.settings.environment import environment
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.write import write_new


def begin(path: Path, *, looks_locally: bool = True) -> Settings:
    """New settings at `path`, printed. Asks nothing; raises SettingsError where a file is."""
    now_ms = time.time_ns() // 1_000_000
    found = asyncio.run(_discover(looks_locally))
    draft = _demo() if not found.found else first_start.draft(found, system_zone().key, now_ms)
    write_new(path, render(draft))
    settings = load(path)
    typer.echo(f"Wrote {path}")
    for remark in _remarks(found):
        typer.echo(f"  {remark}")
    tell(settings)
    return settings


def _remarks(found: discovery.Discovery) -> Iterator[str]:
    yield from (f"{name}: not watched. {why}" for name, why in found.not_watched)
    unnamed = (each.provider for each in found.found if each.suggests_only)
    yield from (f"{provider}: list your deployments under models" for provider in unnamed)
    yield from found.notes


def tell(settings: Settings) -> None:
    """Print what these settings watch, and the day's cost."""
    plan = plan_now(settings)
    if settings.is_demo:
        typer.echo("No key and no local server found: this is the demo, on simulated providers.")
    typer.echo("Watching")
    width = max((len(probe.endpoint) for probe in plan.probes), default=0)
    told = None
    for probe in plan.probes:
        name = "" if probe.endpoint == told else probe.endpoint
        typer.echo(f"  {name:<{width}}  {spell(probe)}")
        told = probe.endpoint
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


def _spell_day(plan: ProbePlan, *, is_demo: bool) -> str:
    money = "Simulated money: probes" if is_demo else "Probes"
    day, cap = dollars(plan.day_nano_usd), dollars(plan.budgets.total)
    return f"{money} cost about {day} a day; the cap is {cap} a day."
