"""Saying: what somebody says of an incident, written into the ledger while the monitor runs or not.

It goes into tables of its own, a row a transaction, which the one writer of calls does not mind.
"""

import sys
from collections.abc import Callable
from secrets import token_hex
from typing import TypeVar

from monitor.cli.pausing import user
from monitor.cli.pricing import clock_ms, local
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.notes import Note, NoteKind, Unsayable, read_name, read_text, read_words
from monitor.services import acknowledgements, notes
from monitor.services.acknowledgements import IncidentOver, UnknownIncident
from monitor.services.notes import StillOpen
from monitor.storage.engine import Session

T = TypeVar("T")
_VIA = "command line"
_TO_BE_READ = "-"


def acknowledge(number: int, words: str, by: str) -> str:
    """Who acknowledged it, be it somebody before. Raises Refusal and SettingsError."""

    def say(session: Session) -> str:
        said = Acknowledgement(number, clock_ms(), read_name(by or user()), read_words(words), _VIA)
        done = acknowledgements.acknowledge(session, said)
        at = local(done.holding.at_ms, read_settings().zone)
        if done.is_new:
            return f"Incident {number} is acknowledged by {done.holding.by}"
        return f"Incident {number} was acknowledged by {done.holding.by} at {at} already"

    return _write(say)


def note(number: int, text: str, by: str) -> str:
    """That a note stands now. Raises Refusal and SettingsError."""
    _note(number, NoteKind.NOTE, text, by)
    return f"Noted beside incident {number}"


def post_mortem(number: int, text: str, by: str) -> str:
    """That a post-mortem stands now. Raises Refusal and SettingsError."""
    _note(number, NoteKind.POST_MORTEM, text, by)
    return f"The post-mortem of incident {number} is written"


def _note(number: int, kind: NoteKind, text: str, by: str) -> None:
    given = sys.stdin.read(kind.most + 1) if text == _TO_BE_READ else text

    def write(session: Session) -> bool:
        name, said = read_name(by or user()), read_text(kind, given)
        return notes.write(session, Note(number, kind, clock_ms(), name, said, token_hex(16)))

    _write(write)


def _write(say: Callable[[Session], T]) -> T:
    try:
        with (
            open_ledger(read_settings().database_url) as database,
            database.writing() as session,
        ):
            return say(session)
    except (UnknownIncident, IncidentOver, StillOpen) as error:
        raise Refusal(str(error), 1) from None
    except Unsayable as error:
        raise Refusal(str(error)) from None
