"""Apps: how those are called that attributions know by their identity."""

from collections.abc import Mapping

from sqlalchemy import select

from monitor.storage import statements
from monitor.storage.engine import Session
from monitor.storage.models.ledger import AppTitleRow

_PUT = statements.replace("app_title", ("app",), ("title", "told_ms"))


def note(session: Session, titles: Mapping[str, str], now_ms: int) -> None:
    """Apps are called so from now on."""
    for app, title in titles.items():
        statements.run(session, _PUT, (app, title, now_ms))


def titles(session: Session) -> dict[str, str]:
    """The title of each app that told one, by its identity."""
    chosen = select(AppTitleRow.app, AppTitleRow.title)
    return {row[0]: row[1] for row in session.execute(chosen)}
