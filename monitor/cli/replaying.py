"""Replaying: a rule of alerts tried over what is stored, spelt for a terminal."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import Progress

from monitor.cli import notice_replaying
from monitor.cli.alerting import lay_out
from monitor.cli.pricing import clock_ms, local
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.findings import cause, figures
from monitor.domain.health import Rule
from monitor.domain.phrases import lasting
from monitor.domain.rules import RuleName
from monitor.domain.windows import Window
from monitor.services.notice_replay import REPLAYABLE
from monitor.services.rule_replay import CannotReplay, Would
from monitor.services.rule_trials import Compared, compare
from monitor.settings.model import Settings
from monitor.settings.trials import Trial, revise, spell
from monitor.settings.values import read_duration_s
from monitor.storage import rules as rows
from monitor.storage.engine import Database
from monitor.storage.queries.incidents import Incident

_HEADS = ("OPENED", "ENDPOINT", "LASTED", "WHAT", "REALLY")


class Asked(NamedTuple):
    """What is tried, over which window, and what it came to."""

    settings: Settings
    trial: Trial
    window: Window
    found: Compared


def run(name: str, given: Sequence[str], since: str, *, as_json: bool) -> str:
    """What came of it, as text or JSON. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    window = Window(now_ms - _read_since_ms(since), now_ms)
    with open_ledger(settings.database_url) as database:
        trial = _read(database, name, given)
        if trial.rule.name in REPLAYABLE:
            return notice_replaying.run(database, settings, trial, window, as_json=as_json)
        found = _try(database, trial, window)
    asked = Asked(settings, trial, window, found)
    return json.dumps(_describe(asked), indent=2) if as_json else "\n".join(_spell(asked))


def _read_since_ms(since: str) -> int:
    try:
        return round(read_duration_s(since) * 1000)
    except ValueError as error:
        raise Refusal(f"--since {since!r} {error}") from None


def _read(database: Database, name: str, given: Sequence[str]) -> Trial:
    if name not in set(RuleName):
        raise Refusal(f"--rule {name!r} is no rule; use one of {', '.join(RuleName)}")
    with database.reading() as session:
        rule = rows.read(session)[RuleName(name)]
    pairs = [each.partition("=") for each in given]
    for key, mark, _ in pairs:
        if not mark:
            raise Refusal(f"--set {key!r} has no value; write it like percent=20")
    try:
        values = {key.strip(): value.strip() for key, _, value in pairs}
        return revise(Trial(replace(rule, is_on=True), Rule()), values)
    except ValueError as error:
        raise Refusal(f"--set {error}") from None


def _try(database: Database, trial: Trial, window: Window) -> Compared:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"Replaying {trial.rule.name}", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        try:
            return compare(database, trial.rule, trial.health, window, tell)
        except CannotReplay as error:
            raise Refusal(str(error)) from None


def _describe(asked: Asked) -> dict[str, Any]:
    found = asked.found
    return {
        "rule": asked.trial.rule.name,
        "parameters": spell(asked.trial),
        "from_ms": asked.window.from_ms,
        "to_ms": asked.window.to_ms,
        "count": found.count,
        "would": [
            {
                **each._asdict(),
                "endpoint_id": found.slugs[each.endpoint_id],
                "opened_as": None if (real := found.match(each)) is None else real.id,
            }
            for each in found.would
        ],
        "really": [_describe_real(each, found) for each in found.really],
    }


def _describe_real(incident: Incident, found: Compared) -> dict[str, Any]:
    return {
        "number": incident.id,
        "endpoint": found.slugs.get(incident.endpoint_id or 0),
        "started_ms": incident.started_ms,
        "confirmed_ms": incident.confirmed_ms,
        "ended_ms": incident.ended_ms,
        "closed_ms": incident.closed_ms,
    }


def _spell(asked: Asked) -> Iterator[str]:
    found, zone, rule = asked.found, asked.settings.zone, asked.trial.rule
    values = ", ".join(f"{key}={value}" for key, value in spell(asked.trial).items())
    days = f"{local(asked.window.from_ms, zone)} to {local(asked.window.to_ms, zone)} ({zone.key})"
    yield f"Rule {rule.name}{f' with {values}' if values else ''}, {days}"
    yield (
        f"It would have opened {found.count}; opened were {len(found.really)}, "
        f"{found.same} of them in both."
    )
    lines = [_line(asked, each) for each in found.would]
    lines += [_missed(asked, each) for each in found.missed]
    if lines:
        yield from lay_out(_HEADS, sorted(lines))


def _line(asked: Asked, would: Would) -> tuple[str, ...]:
    found, rule = asked.found, asked.trial.rule.name
    what = figures(rule, would.facts) or cause(rule, None, would.facts)
    return (
        local(would.confirmed_ms, asked.settings.zone),
        found.slugs[would.endpoint_id],
        _lasted(would.started_ms, would.ended_ms, asked.window.to_ms),
        what,
        "not opened" if (real := found.match(would)) is None else f"opened as {real.id}",
    )


def _missed(asked: Asked, incident: Incident) -> tuple[str, ...]:
    return (
        local(incident.confirmed_ms, asked.settings.zone),
        asked.found.slugs.get(incident.endpoint_id or 0, "an endpoint that is gone"),
        _lasted(incident.started_ms, incident.ended_ms, asked.window.to_ms),
        incident.cause,
        f"opened as {incident.id}; would not be",
    )


def _lasted(started_ms: int, ended_ms: int | None, now_ms: int) -> str:
    return lasting((ended_ms or now_ms) - started_ms) + (" so far" if ended_ms is None else "")
