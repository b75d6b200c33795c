"""Plans: what probes are planned, at what cost, and why not more; as lines, a table, or JSON."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import typer
from rich.table import Table

from monitor.cli.refusal import Refusal
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.plan import MONTH_DAYS, Pace, PlannedProbe, ProbePlan
from monitor.services.planning import plan_probes
from monitor.services.prices import effective_at
from monitor.settings.environment import settings_path
from monitor.settings.load import load
from monitor.settings.model import Settings

_WHY = {
    Pace.AS_ASKED: "",
    Pace.STRETCHED: "stretched to keep within the cap",
    Pace.UNPRICED: "price unknown: not sent; `inferwatch prices set` one, or set probe_unpriced",
    Pace.NO_BUDGET: "the cap is 0: not sent",
    Pace.TOO_DEAR: "one alone could cost more than the day's cap: not sent",
    Pace.OFF: "switched off",
}


def show_dry_run(endpoint: str | None, *, as_json: bool) -> None:
    """Print the plan of the settings, or of one endpoint of theirs; nothing is sent."""
    settings = load(settings_path())
    plan = plan_now(settings)
    chosen = [p for p in plan.probes if endpoint in {None, p.endpoint}]
    if endpoint is not None and not chosen:
        known = ", ".join(e.id for e in settings.endpoints) or "none"
        raise Refusal(f"endpoint {endpoint!r} is not in {settings.path}; these are: {known}")
    if as_json:
        typer.echo(json.dumps(describe(plan, chosen), indent=2))
        return
    console = make_console()
    console.print(_table(chosen))
    for line in _sums(plan):
        console.print(line)


def plan_now(settings: Settings) -> ProbePlan:
    """The plan that these settings make now."""
    now_ms = time.time_ns() // 1_000_000
    return plan_probes(settings, effective_at(settings, now_ms), now_ms)


def describe(plan: ProbePlan, chosen: Iterable[PlannedProbe]) -> dict[str, Any]:
    """A plan for scripts. Intervals in seconds, money in nano-dollars; null is not known."""
    days, budgets = plan.day_by_provider, plan.budgets
    return {
        "probes": [_describe(probe) for probe in chosen],
        "day_nano_usd": plan.day_nano_usd,
        "budget_nano_usd": budgets.total,
        "providers": {
            name: {"day_nano_usd": day, "budget_nano_usd": budgets.of(name)}
            for name, day in days.items()
        },
    }


def spell(probe: PlannedProbe) -> str:
    """A planned probe on a line, without its endpoint."""
    why = _WHY[probe.pace]
    if probe.interval_s is None:
        return f"{probe.purpose}: {why}"
    cost = "price unknown" if probe.day_nano_usd is None else f"{dollars(probe.day_nano_usd)} a day"
    said = f"{probe.purpose} every {spell_interval(probe.interval_s)}, {cost}"
    return f"{said} ({why})" if why else said


def spell_interval(interval_s: float) -> str:
    """`1 h 30 min`, of whole seconds."""
    minutes, seconds = divmod(round(interval_s), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _describe(probe: PlannedProbe) -> dict[str, Any]:
    day = probe.day_nano_usd
    return {
        "endpoint": probe.endpoint,
        "provider": probe.provider,
        "kind": probe.purpose.kind.value,
        "capability": probe.purpose.capability,
        "asked_interval_s": probe.asked_interval_s,
        "interval_s": probe.interval_s,
        "cost_nano_usd": probe.cost_nano_usd,
        "most_nano_usd": probe.most_nano_usd,
        "day_nano_usd": day,
        "month_nano_usd": None if day is None else day * MONTH_DAYS,
        "pace": probe.pace.value,
        "why": _WHY[probe.pace] or None,
    }


def _table(probes: Iterable[PlannedProbe]) -> Table:
    table = Table()
    for name in ("endpoint", "probe"):
        table.add_column(name)
    for name in ("asked", "planned", "one costs", "a day", "a month"):
        table.add_column(name, justify="right")
    table.add_column("why")
    for probe in probes:
        day = probe.day_nano_usd
        table.add_row(
            probe.endpoint,
            str(probe.purpose),
            _interval(probe.asked_interval_s),
            _interval(probe.interval_s),
            _amount(probe.cost_nano_usd),
            _amount(day),
            _amount(None if day is None else day * MONTH_DAYS),
            _WHY[probe.pace],
        )
    return table


def _sums(plan: ProbePlan) -> Iterator[str]:
    budgets = plan.budgets
    for name, day in plan.day_by_provider.items():
        own = f" of its {dollars(budgets.of(name))}" if name in budgets.by_provider else ""
        more = _beside(p for p in plan.probes if p.provider == name)
        yield f"{name}: {dollars(day)}{own} a day{more}"
    total = f"{dollars(plan.day_nano_usd)} of {dollars(budgets.total)} a day"
    yield f"All probes: {total}{_beside(plan.probes)}"


def _beside(probes: Iterable[PlannedProbe]) -> str:
    """That a sum is not the whole, where the cost of some that are sent is not known."""
    unknown = sum(probe.day_nano_usd is None for probe in probes)
    return f", and what {unknown} of unknown price cost" if unknown else ""


def _interval(interval_s: float | None) -> str:
    return "–" if interval_s is None else spell_interval(interval_s)


def _amount(nano_usd: int | None) -> str:
    return "not known" if nano_usd is None else dollars(nano_usd)
