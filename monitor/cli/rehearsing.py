"""Rehearsing: options become rules, and a comparison becomes tables."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from monitor.cli.refusal import Refusal
from monitor.rehearsal.alarms import Tally, detected, quantile
from monitor.rehearsal.comparison import (
    MAX_FALSE_PER_YEAR,
    MINUTES,
    Comparison,
    compare,
    curve,
    delay_s,
    detected_share,
)
from monitor.rehearsal.ours import OurRules
from monitor.rehearsal.scenario import Scenario
from monitor.settings.values import read_duration_s

_WINDOW = re.compile(r"(\d{1,2})/(\d{1,2})")
_SHORTEST_S = 15.0
_GRADUAL = 0.5


def read_rules(
    interval: str, reach_interval: str, *, failures: int | None, window: str, span: str
) -> OurRules:
    """Our rules with what the options change. Raises Refusal."""
    rules = OurRules(
        interval_s=_duration_s("--interval", interval),
        reach_interval_s=_duration_s("--reach-interval", reach_interval),
    )
    rule = rules.rule
    if failures is not None:
        rule = replace(rule, failures_to_open=failures)
    if window:
        few, many = _window(window)
        rule = replace(rule, window_failures=few, window_probes=many)
    if span:
        rule = replace(rule, least_span_ms=round(1000 * _duration_s("--span", span, least_s=0)))
    return replace(rules, rule=rule)


def make_scenario(endpoints: int, months: int, *, is_whole_api: bool) -> Scenario:
    """The scenario of this repository, on so many endpoints and months."""
    return Scenario(endpoints=endpoints, months=months, is_whole_api=is_whole_api)


def run(scenario: Scenario, rules: OurRules) -> Comparison:
    """The comparison, with a bar while it runs."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Simulating endpoints", total=scenario.endpoints)
        return compare(scenario, rules, lambda done: bar.update(task, completed=done))


def tell(found: Comparison) -> None:
    """Print the tables that people read."""
    console = Console()
    console.print(_head(found))
    console.print(outages(found))
    console.print(curves(found))
    console.print(others(found))


def tell_json(found: Comparison) -> None:
    """Print one line of JSON."""
    typer.echo(json.dumps(describe(found)))


def outages(found: Comparison) -> Table:
    """How soon outages of each share are seen, by whom."""
    table = Table("calls that fail", "rule", title="Outages of 5 to 240 minutes")
    for name in ("seen", "median", "p95", "false alarms a year"):
        table.add_column(name, justify="right")
    for share in found.shares:
        for n, (name, tally) in enumerate(_contenders(found, share)):
            table.add_row("" if n else f"{share:.0%}", name, *_cells(tally, share))
        table.add_section()
    return table


def curves(found: Comparison) -> Table:
    """How many of the partial outages are seen within so many minutes."""
    table = Table("calls that fail", "rule", title="Seen within … minutes")
    for minutes in MINUTES:
        table.add_column(str(minutes), justify="right")
    for share in (share for share in found.shares if share <= _GRADUAL):
        for n, (name, tally) in enumerate(_contenders(found, share)):
            seen = (f"{each:.0%}" for each in curve(tally, share))
            table.add_row("" if n else f"{share:.0%}", name, *seen)
        table.add_section()
    return table


def others(found: Comparison) -> Table:
    """What is no outage of the provider: alarms it raised, and slow-downs seen."""
    table = Table("trouble", "ours", "plain rules (the best one for hard outages)")
    best, _ = found.best(found.shares[0], 0.5)
    theirs = Tally() if best is None else found.plain[best]
    for trouble in sorted({*found.ours.strange, *theirs.strange}):
        ours, plain = found.ours.strange[trouble], theirs.strange[trouble]
        table.add_row(f"{trouble}: raised as an outage", f"{ours} times", f"{plain} times")
    slow = sorted(found.ours.slow_s)
    seen = f"{detected(slow):.0%} seen as degraded, median {_spell(quantile(slow, 0.5))}"
    table.add_row("slow-downs", seen, "not looked for")
    return table


def describe(found: Comparison) -> dict[str, Any]:
    """All figures by name; `null` for a delay that outlasts the outage."""
    shares = {
        f"{share:g}": {name: _figures(t, share) for name, t in _contenders(found, share)}
        for share in found.shares
    }
    return {
        "endpoint_years": found.ours.watched_ms / (365 * 86_400_000),
        "max_false_alarms_per_year": MAX_FALSE_PER_YEAR,
        "probes_per_day": round(found.ours.probes_per_day, 1),
        "paid_probes_per_day": round(found.ours.paid_per_day, 1),
        "plain_interval_s": round(found.plain_interval_s, 1),
        "outages": shares,
    }


def _contenders(found: Comparison, share: float) -> Iterator[tuple[str, Tally]]:
    yield "ours", found.ours
    for is_row in (True, False):
        rule = found.champion(share, is_row=is_row)
        if rule is not None:
            yield str(rule), found.plain[rule]


def _figures(tally: Tally, share: float) -> dict[str, float | None]:
    median_s, p95_s = (delay_s(tally, share, q) for q in (0.5, 0.95))
    return {
        "detected": round(detected_share(tally, share), 4),
        "median_s": None if median_s == inf else round(median_s, 1),
        "p95_s": None if p95_s == inf else round(p95_s, 1),
        "false_alarms_per_year": round(tally.false_per_year, 2),
    }


def _cells(tally: Tally, share: float) -> Iterator[str]:
    yield f"{detected_share(tally, share):.0%}"
    yield _spell(delay_s(tally, share, 0.5))
    yield _spell(delay_s(tally, share, 0.95))
    yield f"{tally.false_per_year:.2f}"


def _spell(seconds: float) -> str:
    if seconds == inf:
        return "not in time"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _head(found: Comparison) -> str:
    ours, scenario = found.ours, found.scenario
    scope = "of the whole API" if scenario.is_whole_api else "of inference alone"
    return (
        f"{scenario.endpoints} endpoints over {scenario.months} simulated months, outages {scope}. "
        f"Ours: {ours.paid_per_day:.0f} paid and {ours.probes_per_day - ours.paid_per_day:.0f} "
        f"free probes a day. Plain rules: one each {found.plain_interval_s:.0f} s, tuned to at "
        f"most {MAX_FALSE_PER_YEAR:g} false alarm a year; the best of each sort is shown."
    )


def _duration_s(option: str, text: str, least_s: float = _SHORTEST_S) -> float:
    try:
        seconds = read_duration_s(text)
    except ValueError as error:
        raise Refusal(f"{option} {text!r} {error}") from None
    if seconds < least_s:
        raise Refusal(f"{option} {text!r} is below {least_s:g} s; raise it")
    return seconds


def _window(text: str) -> tuple[int, int]:
    if text == "0":
        return 0, 1
    found = _WINDOW.fullmatch(text)
    few, many = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= few <= many:
        raise Refusal(f"--window {text!r} is no window; write it like 3/6, or 0 for none")
    return few, many
