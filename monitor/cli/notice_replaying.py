"""Replaying notices: what a rule would have told once, spelt for a terminal or as JSON."""

import json
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress

from monitor.cli.alerting import lay_out
from monitor.cli.pricing import local
from monitor.domain.alerts import Severity
from monitor.domain.noticed import Noticed
from monitor.domain.notices import compose_notice
from monitor.domain.rules import Notice
from monitor.domain.windows import Window
from monitor.services.notice_replay import Compared, compare
from monitor.settings.model import Settings
from monitor.settings.trials import Trial, spell
from monitor.storage.engine import Database

_HEADS = ("NOTICED", "WHAT", "REALLY")


def run(
    database: Database, settings: Settings, trial: Trial, window: Window, *, as_json: bool
) -> str:
    """What came of it, as text or JSON."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"Replaying {trial.rule.name}", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        found = compare(database, trial.rule, window, tell)
    if as_json:
        return json.dumps(_describe(trial, window, found), indent=2)
    return "\n".join(_spell(settings, trial, window, found))


def _describe(trial: Trial, window: Window, found: Compared) -> dict[str, object]:
    return {
        "rule": trial.rule.name,
        "parameters": spell(trial),
        "from_ms": window.from_ms,
        "to_ms": window.to_ms,
        "count": len(found.would),
        "would": [
            {
                "subject": each.subject,
                "at_ms": each.at_ms,
                "facts": dict(each.facts),
                "was_told": found.was_told(each),
            }
            for each in found.would
        ],
        "told": len(found.told),
    }


def _spell(settings: Settings, trial: Trial, window: Window, found: Compared) -> Iterator[str]:
    zone = settings.zone
    values = ", ".join(f"{key}={value}" for key, value in spell(trial).items())
    days = f"{local(window.from_ms, zone)} to {local(window.to_ms, zone)} ({zone.key})"
    same = sum(map(found.was_told, found.would))
    yield f"Rule {trial.rule.name} with {values}, {days}"
    yield f"It would have told {len(found.would)}; told were {len(found.told)}, {same} the same."
    if found.would:
        yield from lay_out(_HEADS, [_line(settings, found, each) for each in found.would])


def _line(settings: Settings, found: Compared, notice: Notice) -> tuple[str, ...]:
    whose = notice.rule, notice.subject, notice.provider
    noticed = Noticed(*whose, Severity.WARNING, notice.at_ms, notice.facts)
    title = compose_notice(noticed, "", settings.zone).title
    was_told = "told" if found.was_told(notice) else "not told"
    return local(notice.at_ms, settings.zone), title, was_told
