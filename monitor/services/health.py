"""Health: let calls just written move states, slices and incidents, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from operator import attrgetter, itemgetter
from typing import assert_never

from monitor.domain import accounts, course
from monitor.domain.calls import Call, Kind
from monitor.domain.health import (
    Closed,
    Health,
    Opened,
    Policy,
    Tick,
    Transition,
    Unobserved,
    verdict,
)
from monitor.domain.outcomes import RULINGS, Blame, Group
from monitor.services.reference import Reference
from monitor.storage import health, incidents
from monitor.storage.calls import Written
from monitor.storage.engine import Session
from monitor.storage.health import Settled, Track
from monitor.storage.incidents import IncidentKind, Opening

#: The classes that can open an incident of a kind.
_BLAMED = {
    IncidentKind.AVAILABILITY: {r for r, ruling in RULINGS.items() if ruling.is_charged},
    IncidentKind.ACCOUNT: {r for r, ruling in RULINGS.items() if ruling.blame is Blame.ACCOUNT},
}


@dataclass(frozen=True, slots=True)
class Failing:
    """An endpoint whose failure is under confirmation, with the failing ticks so far."""

    endpoint: str
    failures: int


Heard = dict[int, list[Written]]


#: What a call says of the provider, and of our use of it. What is said of the provider is said of
#: our use too (a property of the table of rulings, tested with it).
_VERDICTS = {
    (outcome, kind): (
        verdict(outcome, kind, Policy.PROVIDER),
        verdict(outcome, kind, Policy.USABLE),
    )
    for outcome, kind in product(RULINGS, Kind)
}

#: Looking a member up in its enum costs more than all else that is done with it here.
_REQUEST, _REACH = Kind.REQUEST, Kind.REACH
_row = itemgetter(0)
_GOOD = frozenset(r for r, ruling in RULINGS.items() if ruling.group is Group.GOOD)


def advance(
    session: Session, written: Iterable[Written], reference: Reference
) -> dict[int, tuple[Failing, ...]]:
    """Move the endpoints that live calls speak of.

    Returns who is under confirmation afterwards, by the number that the calls name: the endpoint
    itself, or for a target all endpoints behind it.
    """
    heard = _heard_by_endpoint(written, reference)
    before = health.load(session, heard)
    ticks = {number: _ticks_by_policy(calls) for number, calls in heard.items()}
    after: dict[Track, Health] = {}
    settled: list[Settled] = []
    for track, row in before.items():
        moved = course.advance(row, ticks[track.endpoint_id][track.policy], reference.rule)
        health.settle(session, track, row, moved.spans)
        settled.extend(Settled(track, span) for span in moved.spans)
        after[track] = moved.health
        if track.policy is Policy.PROVIDER:
            desk = _Desk(session, track.endpoint_id, heard[track.endpoint_id], reference)
            for transition in moved.transitions:
                desk.tell(transition)
    health.save(session, {track: row for track, row in after.items() if row != before[track]})
    health.add(session, settled, reference.home_zone)
    _advance_accounts(session, heard, reference)
    return _failing(heard, after, reference)


def _heard_by_endpoint(written: Iterable[Written], reference: Reference) -> Heard:
    named: defaultdict[int, list[Written]] = defaultdict(list)
    for w in written:
        entry = w[1]
        if entry.is_live:
            named[entry.endpoint_id].append(w)
    heard: Heard = {}
    for number, calls in named.items():
        for endpoint_id in reference.behind.get(number, (number,)):
            both = endpoint_id in heard
            heard[endpoint_id] = sorted(heard[endpoint_id] + calls, key=_row) if both else calls
    return heard


def _ticks_by_policy(calls: Sequence[Written]) -> dict[Policy, list[Tick]]:
    provider: list[Tick] = []
    usable: list[Tick] = []
    for _, entry in calls:
        call = entry.call
        of_provider, of_us = _VERDICTS[call.outcome, call.kind]
        if of_us is None:
            continue
        is_probe = call.kind is not _REQUEST
        tick = Tick(call.started_ms, call.ended_ms, of_us, is_probe, entry.gap_ms)
        usable.append(tick)
        if of_provider is of_us:
            provider.append(tick)
    return {Policy.PROVIDER: provider, Policy.USABLE: usable}


def _advance_accounts(session: Session, heard: Heard, reference: Reference) -> None:
    before = health.load_accounts(session, heard)
    after: dict[int, accounts.Account] = {}
    for endpoint_id, row in before.items():
        moved = accounts.advance(row, _answers(row, heard[endpoint_id]))
        after[endpoint_id] = moved.account
        for transition in moved.transitions:
            desk = _Desk(session, endpoint_id, heard[endpoint_id], reference)
            desk.tell_of_account(transition)
    health.save_accounts(session, {n: row for n, row in after.items() if row != before[n]})


def _answers(row: accounts.Account, calls: Sequence[Written]) -> list[accounts.Answer]:
    told = [entry.call for _, entry in calls]
    if not row.failures and not any(call.outcome in _BLAMED[IncidentKind.ACCOUNT] for call in told):
        # Nothing to heal and nothing refused: of good answers only how far they reach matters.
        told = _last_good(told)
    return [accounts.Answer(c.started_ms, c.ended_ms, c.outcome, c.kind) for c in told]


def _last_good(told: Iterable[Call]) -> list[Call]:
    good = [call for call in told if call.outcome in _GOOD and call.kind is not _REACH]
    return [max(good, key=attrgetter("ended_ms"))] if good else []


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the transitions of one endpoint become incidents."""

    session: Session
    endpoint_id: int
    calls: Sequence[Written]
    reference: Reference

    def tell(self, transition: Transition) -> None:
        match transition:
            case Opened():
                self._open(
                    IncidentKind.AVAILABILITY, transition.started_ms, transition.confirmed_ms
                )
            case Closed():
                self._close(IncidentKind.AVAILABILITY, transition)
            case Unobserved():
                incidents.mark_unobserved(self.session, self.endpoint_id, transition.since_ms)
            case _:
                assert_never(transition)

    def tell_of_account(self, transition: accounts.Refused | Closed) -> None:
        match transition:
            case accounts.Refused():
                self._open(IncidentKind.ACCOUNT, transition.started_ms, transition.confirmed_ms)
            case Closed():
                self._close(IncidentKind.ACCOUNT, transition)
            case _:
                assert_never(transition)

    def _open(self, kind: IncidentKind, started_ms: int, confirmed_ms: int) -> None:
        call_id, entry = self._confirming(kind, confirmed_ms)
        opening = Opening(
            self.endpoint_id,
            kind,
            entry.call.outcome,
            started_ms,
            confirmed_ms,
            rule_version=self.reference.rule.version,
            call_id=call_id,
        )
        incidents.open_incident(self.session, opening)

    def _close(self, kind: IncidentKind, closing: Closed) -> None:
        incidents.close_incident(self.session, self.endpoint_id, kind, closing)

    def _confirming(self, kind: IncidentKind, confirmed_ms: int) -> Written:
        blamed = _BLAMED[kind]
        return next(
            written
            for written in self.calls
            if written[1].call.ended_ms == confirmed_ms and written[1].call.outcome in blamed
        )


def _failing(
    heard: Heard, after: dict[Track, Health], reference: Reference
) -> dict[int, tuple[Failing, ...]]:
    slugs = reference.slugs
    found: defaultdict[int, list[Failing]] = defaultdict(list)
    for endpoint_id, calls in heard.items():
        row = after.get(Track(endpoint_id, Policy.PROVIDER))
        if row is None or row.first_failed_ms is None:
            continue
        for named in {entry.endpoint_id for _, entry in calls}:
            found[named].append(Failing(slugs[endpoint_id], row.failures))
    return {named: tuple(failing) for named, failing in found.items()}
