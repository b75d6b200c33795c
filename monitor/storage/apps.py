"""Apps: how those are called that attributions know by their identity, and which are one."""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from monitor.domain.apps import App, Apps
from monitor.storage import facts, statements
from monitor.storage.engine import Session
from monitor.storage.models.ledger import AppTitleRow

#: The apps of the settings in force, as JSON.
_LISTED = "apps"
_PUT = statements.replace("app_title", ("app",), ("title", "told_ms"))


def note(session: Session, titles: Mapping[str, str], now_ms: int) -> None:
    """Apps are called so from now on."""
    for app, title in titles.items():
        statements.run(session, _PUT, (app, title, now_ms))


def titles(session: Session) -> dict[str, str]:
    """The title of each app that told one, by its identity."""
    chosen = select(AppTitleRow.app, AppTitleRow.title)
    return {row[0]: row[1] for row in session.execute(chosen)}


def declare(session: Session, listed: Iterable[App]) -> None:
    """The settings list these apps, and no others."""
    told = json.dumps([[each.app, each.title, list(each.aliases)] for each in listed])
    if told != (facts.read(session, _LISTED) or "[]"):
        facts.state(session, _LISTED, told)


def known(session: Session) -> Apps:
    """All that is known of apps."""
    return Apps.of(_listed(session), titles(session))


def identities(session: Session, app: str) -> tuple[str, ...]:
    """All identities of the app that this one is of."""
    return Apps.of(_listed(session), {}).identities(app)


def _listed(session: Session) -> list[App]:
    told = json.loads(facts.read(session, _LISTED) or "[]")
    return [App(app, title, tuple(aliases)) for app, title, aliases in told]
