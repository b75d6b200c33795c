"""Silences: make and end them. A silence loses nothing: what it holds is told when it is over."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.domain.endpoints import Endpoint
from monitor.domain.silences import Scope, Silence
from monitor.storage import alerts, endpoints, subjects
from monitor.storage import silences as rows
from monitor.storage.alerts import Standing
from monitor.storage.engine import Session


class UnknownScope(LookupError):
    """Nothing that could be silenced is called so."""


class NotSilenced(LookupError):
    """No silence has that number."""


def demand_known(scope: Scope, watched: Iterable[Endpoint]) -> None:
    """Raise UnknownScope where a scope names an endpoint or provider that is not watched."""
    watched = list(watched)
    for named, known in (
        (scope.endpoint, {each.id for each in watched}),
        (scope.provider, {each.target.provider for each in watched}),
    ):
        if named is not None and named not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise UnknownScope(f"{scope} is not in the settings; these are: {listed}")


def silence(session: Session, made: Silence) -> list[int]:
    """Let a silence hold, in the place of one of the same scope; the numbers of its rows.

    One that has no end holds until what fails now is over: it becomes one for each open alert of
    its scope. Raises UnknownScope.
    """
    number = _endpoint_id(session, made.scope)
    if made.until_ms is None or made.scope.alert is not None:
        scopes = [Scope(alert=each.id) for each in _open_in(session, made.scope)]
        return [_put(session, replace(made, scope=scope), None) for scope in scopes]
    return [_put(session, made, number)]


def unsilence(session: Session, number: int, by: str, now_ms: int) -> None:
    """End a silence; one that is over already stays as it is. Raises NotSilenced."""
    if rows.find(session, number) is None:
        raise NotSilenced(f"no silence has the number {number}; `inferwatch alerts silences` lists")
    rows.end(session, [number], now_ms, by)


def end_due(session: Session, now_ms: int) -> None:
    """End the silences whose time is over, and those whose alert is."""
    open_ids = {each.id for each in alerts.standing(session)}
    for number, each in rows.holding(session).items():
        if each.until_ms is not None and each.until_ms <= now_ms:
            rows.end(session, [number], each.until_ms, None)
        elif each.until_ms is None and each.scope.alert not in open_ids:
            rows.end(session, [number], now_ms, None)


def is_due(session: Session, now_ms: int) -> bool:
    """Whether a silence is to be ended."""
    holding = rows.holding(session).values()
    named = {each.scope.alert for each in holding if each.until_ms is None}
    is_over = bool(named) and bool(named - {each.id for each in alerts.standing(session)})
    return is_over or any(not each.holds(now_ms) for each in holding if each.made_ms <= now_ms)


def _put(session: Session, made: Silence, endpoint_id: int | None) -> int:
    twins = [n for n, each in rows.holding(session).items() if each.scope == made.scope]
    rows.end(session, twins, made.made_ms, made.by)
    return rows.add(session, made, endpoint_id)


def _endpoint_id(session: Session, scope: Scope) -> int | None:
    if scope.endpoint is None:
        return None
    number = endpoints.number_of(session, scope.endpoint)
    if number is None:
        raise UnknownScope(f"{scope} is not in the ledger yet; start the monitor once")
    return number


def _open_in(session: Session, scope: Scope) -> list[Standing]:
    """The open alerts all of whose subjects a scope covers."""
    standing = alerts.standing(session)
    befallen = subjects.of_alerts(session, [each.id for each in standing])
    found = [
        each
        for each in standing
        if all(scope.covers(each.id, subject) for subject in befallen[each.id])
    ]
    if not found:
        known = ", ".join(str(each.id) for each in standing) or "none"
        raise UnknownScope(f"no open alert is of {scope} alone; these are open: {known}")
    return found
