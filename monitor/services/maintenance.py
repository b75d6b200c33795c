"""Maintenance: declare windows, and keep the sums by state true to them.

Milliseconds in and out of maintenance are made from slices and windows and nothing else. When a
window is declared, changed or dropped after time in it was settled, that time moves between the
two in the same transaction; slices and incidents stay as they are.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from monitor.domain.maintenance import Maintenance, amend, subtract
from monitor.domain.windows import Window
from monitor.storage import facts, maintenance, rollups
from monitor.storage.engine import Session

#: Who declares: the settings file, or somebody by page, command or API.
SETTINGS, PEOPLE = "settings", "people"
#: Every instant that a row can hold.
_ALWAYS = Window(0, 2**62)


class UnknownWindow(LookupError):
    """No window has that number."""


class FileOwned(LookupError):
    """A window that stands in the settings, where it has to be changed."""


def declare(session: Session, source: str, declared: Iterable[Maintenance], now_ms: int) -> None:
    """Let a source say which windows there are (`monitor.domain.maintenance.amend`).

    A window that stays as it was keeps the instant of its declaration. Raises UnknownScope where
    an endpoint is not known; endpoints are registered before.
    """
    standing = {each.name: each for each in maintenance.declared(session, source)}
    after = {each.name: each for each in amend(standing.values(), declared, now_ms)}
    changed = [each for name, each in after.items() if standing.get(name) != each]
    gone = standing.keys() - after.keys()
    for name, each in after.items():
        if each not in changed and standing[name].line != each.line:
            maintenance.move_line(session, source, name, each.line)
    if changed or gone:
        with kept_true(session):
            maintenance.put(session, source, changed, now_ms)
            maintenance.remove(session, source, gone)


def add(session: Session, declared: Maintenance, now_ms: int) -> None:
    """Let a person declare a window, in the place of one of the same name. Raises UnknownScope."""
    with kept_true(session):
        maintenance.put(session, PEOPLE, [declared], now_ms)


def end(session: Session, number: int, now_ms: int) -> None:
    """End a window that a person declared; one to come is gone, one that is over stays.

    Raises UnknownWindow and FileOwned.
    """
    found = maintenance.find(session, number)
    if found is None:
        raise UnknownWindow(
            f"no window has the number {number}; `inferwatch maintenance list` lists"
        )
    source, declared = found
    if source != PEOPLE:
        line = "" if declared.line is None else f", line {declared.line}"
        raise FileOwned(f"window {number} stands in the settings{line}; remove it there")
    left = amend([declared], (), now_ms)
    with kept_true(session):
        if not left:
            maintenance.remove(session, PEOPLE, [declared.name])
        elif left[0] != declared:
            maintenance.put(session, PEOPLE, left, now_ms)


@contextmanager
def kept_true(session: Session) -> Iterator[None]:
    """Whatever changes in here the windows of endpoints moves settled time with it."""
    before = maintenance.held(session, _ALWAYS)
    yield
    after = maintenance.held(session, _ALWAYS)
    zone = facts.home_zone(session)
    for endpoint_id in before.keys() | after.keys():
        old, new = before.get(endpoint_id, ()), after.get(endpoint_id, ())
        if old != new:
            rollups.move_held(session, endpoint_id, subtract(new, old), zone, is_held=True)
            rollups.move_held(session, endpoint_id, subtract(old, new), zone, is_held=False)
