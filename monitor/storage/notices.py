"""Notices: what whoever edits the settings has to be told, wherever he looks."""

import json
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from monitor.storage import facts

_NAME = "settings_notice"


@dataclass(frozen=True, slots=True)
class Notice:
    """About the settings file as it was found at an instant.

    `problems` are why it was refused: then the settings before it hold. `restarts` are changes in
    it that wait for the next start. All text is free of secrets.
    """

    at_ms: int
    problems: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()


def put(session: Session, notice: Notice | None) -> None:
    """Tell this, or nothing, in the place of what was told before."""
    if notice is None:
        facts.forget(session, _NAME)
    else:
        facts.state(session, _NAME, json.dumps(asdict(notice)))


def read(session: Session) -> Notice | None:
    """What is to be told; `None` while the file holds as it stands."""
    text = facts.read(session, _NAME)
    if text is None:
        return None
    found = json.loads(text)
    return Notice(found["at_ms"], tuple(found["problems"]), tuple(found["restarts"]))
