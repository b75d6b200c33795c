"""Pauses: begin and end them. A pause opens and closes no incident: it only stops the asking."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.endpoints import Endpoint
from monitor.domain.pauses import Pause, Scope
from monitor.storage import endpoints
from monitor.storage import pauses as rows
from monitor.storage.engine import Session


class UnknownScope(LookupError):
    """Nothing that is watched is called so."""


class NotPaused(LookupError):
    """There is nothing to resume there, or a wider pause holds it."""


class Paused(LookupError):
    """An endpoint that is not to be probed now."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Who resumes what, and when."""

    scope: Scope
    by: str
    at_ms: int


def demand_known(scope: Scope, watched: Iterable[Endpoint]) -> None:
    """Raise UnknownScope where a scope names none of the endpoints of the settings."""
    watched = list(watched)
    if any(scope.covers(endpoint) for endpoint in watched):
        return
    names = {e.target.provider for e in watched} if scope.provider else {e.id for e in watched}
    known = ", ".join(sorted(names)) or "none"
    raise UnknownScope(f"{scope} is not in the settings; these are: {known}")


def pause(session: Session, pause: Pause) -> None:
    """Let a pause hold, in the place of one of the same scope. Raises UnknownScope."""
    slug = pause.scope.endpoint
    number = None if slug is None else endpoints.number_of(session, slug)
    if slug is not None and number is None:
        raise UnknownScope(f"{pause.scope} is not in the ledger yet; start the monitor once")
    for row, standing in rows.holding(session).items():
        if standing.scope == pause.scope:
            rows.end(session, row, pause.paused_ms, pause.by)
    rows.add(session, pause, number)


def resume(session: Session, resumed: Resumed, watched: Iterable[Endpoint]) -> None:
    """End every pause inside a scope. Raises NotPaused where there is none, or a wider one holds.

    A pause of everything or of a provider has no exceptions.
    """
    holding = rows.holding(session)
    meant = [endpoint for endpoint in watched if resumed.scope.covers(endpoint)]
    inside = {row for row, each in holding.items() if _is_inside(each.scope, resumed.scope, meant)}
    wider = [p.scope for row, p in holding.items() if row not in inside and _meets(p.scope, meant)]
    if wider:
        raise NotPaused(f"{resumed.scope} is paused with {wider[0]}; resume that")
    if not inside:
        raise NotPaused(f"{resumed.scope} is not paused")
    for row in inside:
        rows.end(session, row, resumed.at_ms, resumed.by)


def end_due(session: Session, now_ms: int) -> None:
    """End the pauses whose time is over, as of then."""
    for row, pause in rows.holding(session).items():
        if pause.until_ms is not None and pause.until_ms <= now_ms:
            rows.end(session, row, pause.until_ms, None)


def _is_inside(scope: Scope, outer: Scope, meant: Iterable[Endpoint]) -> bool:
    if outer == Scope() or scope == outer:
        return True
    return scope.endpoint is not None and any(scope.covers(endpoint) for endpoint in meant)


def _meets(scope: Scope, meant: Iterable[Endpoint]) -> bool:
    return any(scope.covers(endpoint) for endpoint in meant)
