"""The watchman: looks at everything that rules say of sums and states, and has it told.

What is found is written in one transaction of the ledger's writer, and found anew where that
fails. Conditions are looked at with every round, notices once in a quarter of an hour.
"""

from typing import Protocol

from monitor.domain.rules import Finding, RuleName, Ruleset
from monitor.domain.windows import bucket_of
from monitor.runtime.ledger import Ledger
from monitor.services import conditions, notices
from monitor.services import rules as reporting
from monitor.services.conditions import Found
from monitor.settings.model import Settings
from monitor.storage import rules
from monitor.storage.engine import Database, Session
from monitor.storage.sizes import volumes


class Around(Protocol):
    """Where a watchman goes his rounds: a running monitor."""

    database: Database
    ledger: Ledger

    @property
    def settings(self) -> Settings:
        """Those in force."""


class Watchman:
    """Goes one round after the other; to be used in one thread at a time."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._last_bucket: int | None = None
        self._refusal: Finding | None = None

    def go_round(self, now_ms: int) -> None:
        """Look, and tell what is other than before. Raises DatabaseRefused."""
        settings, database = self._around.settings, self._around.database
        rooms = volumes(database, settings.home)
        is_quarter = self._last_bucket != bucket_of(now_ms)
        with database.reading() as session:
            ruleset = rules.read(session)
            found = conditions.find(
                session, ruleset, rooms, settings.feeds, now_ms, settings.billers
            )
            noticed = list(notices.find(session, ruleset, now_ms)) if is_quarter else []
        found += self._look_back(ruleset, now_ms)

        def tell(session: Session) -> None:
            for rule, finding in found:
                reporting.report(session, rule, finding)
            for rule, notice in noticed:
                reporting.notice(session, rule, notice)

        if found or noticed:
            self._around.ledger.write(tell).result()
        self._last_bucket = bucket_of(now_ms)
        if self._around.ledger.status().is_writable:
            self._refusal = None

    def _look_back(self, ruleset: Ruleset, now_ms: int) -> list[Found]:
        """That the database refused, once it no longer does: before that nothing can be kept."""
        status, rule = self._around.ledger.status(), ruleset[RuleName.DATABASE]
        if not status.is_writable:
            since_ms = now_ms if self._refusal is None else self._refusal.since_ms
            facts = {"spooled": status.spooled, "lost": status.lost}
            self._refusal = Finding(rule.name, "database", True, since_ms, since_ms, facts)  # noqa: FBT003 -- by position
            return []
        if self._refusal is None or not rule.is_on:
            return []
        over = self._refusal._replace(is_firing=False, since_ms=now_ms, at_ms=now_ms)
        return [Found(rule, self._refusal), Found(rule, over)]
