"""Rules: the look at the rules of alerts, and what it finds put into the ledger."""

from monitor.runtime.ledger import Ledger
from monitor.services.rule_watch import Watch
from monitor.storage.engine import Database


class Rules:
    """The rules of alerts at work. Only one thread at a time may call it."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger
        self._watch = Watch()

    def judge(self, now_ms: int) -> None:
        """Open and close what the rules find; they wait while calls are on the spool.

        Raises DatabaseRefused; then the next look finds the same.
        """
        if self._ledger.status().spooled:
            return
        try:
            with self._database.reading() as session:
                found = self._watch.look(session, now_ms)
            if self._watch.has_news(found):
                self._ledger.write(lambda session: self._watch.tell(session, found)).result()
        except BaseException:
            self._watch.forget()
            raise
