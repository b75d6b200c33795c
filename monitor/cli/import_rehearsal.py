"""Rehearsing an import: what would be recorded of a file, and what not. Nothing is written."""

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from monitor.api.usage import read_event
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.domain.calls import Origin
from monitor.domain.events import Event
from monitor.domain.prices import CostState, cost
from monitor.domain.tokens import IMPORT
from monitor.domain.windows import day_of
from monitor.imports.files import Unreadable
from monitor.imports.mapping import NotMapped
from monitor.imports.reading import Item, Survey, check, reading
from monitor.runtime.intake import date_problem
from monitor.services.directory import Directory
from monitor.services.reference import Reference, load
from monitor.services.tellings import Teller, read
from monitor.settings.model import Settings
from monitor.storage import facts
from monitor.storage.engine import Database

_SHOWN_BAD = 10


@dataclass(slots=True)
class Rehearsed:
    """What is in a file: rows, the first bad ones, calls by model, days, tokens and money.

    `reported` and `computed` are nano-dollars, `unpriced` and `unused` calls that have no price,
    and no usage; `new` are models that no endpoint is known for. `not_mapped` says what is not
    known of its columns, and then nothing was counted.
    """

    survey: Survey
    rows: int = 0
    bad: int = 0
    first_bad: list[tuple[int, str]] = field(default_factory=list)
    models: Counter[str] = field(default_factory=Counter)
    new: set[str] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    from_ms: int | None = None
    to_ms: int | None = None
    tokens: int = 0
    reported_nano_usd: int = 0
    computed_nano_usd: int = 0
    unpriced: int = 0
    without_usage: int = 0
    without_id: int = 0
    stopped: str | None = None
    not_mapped: str | None = None

    def describe(self) -> dict[str, Any]:
        """The same for scripts."""
        found = self.survey
        return {
            "file": str(found.path),
            "format": found.format,
            "columns": {source: name for name, source in found.map.columns},
            "constants": dict(found.map.constants),
            "unused": list(found.unused),
            "zone": found.zone.key,
            "rows": self.rows,
            "bad": self.bad,
            "first_bad": [{"line": line, "reason": reason} for line, reason in self.first_bad],
            "models": dict(self.models),
            "days": len(self.days),
            "from_ms": self.from_ms,
            "to_ms": self.to_ms,
            "tokens": self.tokens,
            "reported_nano_usd": self.reported_nano_usd,
            "computed_nano_usd": self.computed_nano_usd,
            "unpriced": self.unpriced,
            "without_usage": self.without_usage,
            "without_id": self.without_id,
            "stopped": self.stopped,
            "not_mapped": self.not_mapped,
        }


def rehearse(found: Survey, settings: Settings) -> Rehearsed:
    """Read all of a file, and price it by the ledger where there is one."""
    told = Rehearsed(found)
    try:
        check(found)
    except NotMapped as error:
        told.not_mapped = str(error)
        return told
    with ExitStack() as stack, reading(found) as opened:
        try:
            database = stack.enter_context(open_ledger(settings.database_url))
            judge = _Judge(told, settings, database)
        except Refusal:
            judge = _Judge(told, settings, None)
        try:
            for item in opened.items():
                judge.look(item)
        except Unreadable as error:
            told.stopped = f"the file {error}"
    return told


class _Judge:
    """Looks at each row as the ledger would."""

    def __init__(self, told: Rehearsed, settings: Settings, database: Database | None) -> None:
        self._told, self._zone = told, settings.zone
        self._now_ms = time.time_ns() // 1_000_000
        self._teller = Teller(Origin.IMPORT, IMPORT, b"", secrets=settings.secrets)
        self._directory: Directory | None = None
        self._reference: Reference | None = None
        self._from_ms = 0
        if database is not None:
            with database.reading() as session:
                self._directory = Directory(session)
                self._reference = load(session)
                self._from_ms = facts.ledger_from_ms(session)

    def look(self, item: Item) -> None:
        told = self._told
        told.rows += 1
        event = item.reason if item.event is None else read_event(item.event)
        if isinstance(event, Event):
            problem = date_problem(event, self._from_ms, self._now_ms)
            event = event if problem is None else problem
        if isinstance(event, Event):
            told.without_id += "ordinal" in (item.event or {})
            self._count(event)
            return
        told.bad += 1
        if len(told.first_bad) < _SHOWN_BAD:
            told.first_bad.append((item.line, event or ""))

    def _count(self, event: Event) -> None:
        told = self._told
        name = event.to.endpoint or f"{event.to.provider or event.to.url}: {event.to.model}"
        told.models[name] += 1
        told.days.add(day_of(event.started_ms, self._zone))
        told.from_ms = min(event.started_ms, told.from_ms or event.started_ms)
        told.to_ms = max(event.started_ms, told.to_ms or event.started_ms)
        place = None
        if self._directory is not None:
            place = self._directory.find(event.to, event.attribution.key)
        if place is None or self._reference is None:
            told.new.add(name)
            self._count_stranger(event)
            return
        call = read(event, place, self._teller, self._now_ms).call
        if call.usage is None:
            told.without_usage += 1
        else:
            told.tokens += call.usage.input_total + call.usage.output_total
        if call.cost_nano_usd is not None:
            told.reported_nano_usd += call.cost_nano_usd
            return
        prices = self._reference.tariff(call.endpoint).prices
        found = cost(call.usage, prices, call.started_ms, call.service_tier)
        told.computed_nano_usd += found.nano_usd or 0
        told.unpriced += found.state is CostState.UNPRICED

    def _count_stranger(self, event: Event) -> None:
        told = self._told
        if event.usage is not None:
            told.tokens += event.usage.input_total + event.usage.output_total
        told.without_usage += event.usage is None and event.usage_reported is None
        if event.cost_nano_usd is not None:
            told.reported_nano_usd += event.cost_nano_usd
        else:
            told.unpriced += event.usage is not None or event.usage_reported is not None
