"""Health: let calls just written move states, slices and incidents, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import NamedTuple

from monitor.domain import accounts, course
from monitor.domain.calls import Call, Kind
from monitor.domain.health import Advanced, Health, Policy, Rule, Tick
from monitor.domain.outcomes import RULINGS, Blame, Group
from monitor.domain.traffic import Meter
from monitor.services import network, pace, suspicion
from monitor.services.incidents import Desk
from monitor.services.reference import Reference
from monitor.services.ticks import Heard, Ticks, hear, hear_minutes, mark
from monitor.storage import health, traffic
from monitor.storage.calls import Written
from monitor.storage.engine import Session
from monitor.storage.health import Settled, Track

_ACCOUNT = frozenset(r for r, ruling in RULINGS.items() if ruling.blame is Blame.ACCOUNT)
_GOOD = frozenset(r for r, ruling in RULINGS.items() if ruling.group is Group.GOOD)

#: Looking a member up in its enum costs more than all else that is done with it here.
_REACH, _REQUEST = Kind.REACH, Kind.REQUEST
_row = itemgetter(0)

Calls = dict[int, list[Written]]
Move = tuple[Health, list[Tick], Advanced]


@dataclass(frozen=True, slots=True)
class Failing:
    """An endpoint whose failure is under confirmation, with the failing ticks so far."""

    endpoint: str
    failures: int


class Aftermath(NamedTuple):
    """What calls left behind.

    `failing` are those under confirmation, by the number that the calls name: the endpoint itself,
    or for a target all endpoints behind it. `suspected` are endpoints whose users' calls fail, and
    which should be probed now; each is told once a minute at most.
    """

    failing: dict[int, tuple[Failing, ...]]
    suspected: frozenset[str] = frozenset()


def advance(session: Session, written: Iterable[Written], reference: Reference) -> Aftermath:
    """Move the endpoints that live calls speak of."""
    calls, probes = by_endpoint(written, reference)
    heard = {n: hear(each, reference.rule) for n, each in calls.items() if _is_probed(n, reference)}
    ticks = {number: each.ticks for number, each in heard.items()}
    ticks |= _by_minutes(session, calls.keys() - heard.keys(), calls, reference.rule)
    _mark(session, heard, reference.rule)
    after = _move(session, ticks, calls, reference)
    _advance_accounts(session, calls, reference)
    network.watch(session, probes, reference)
    return Aftermath(_failing(calls, after, reference), _suspect(calls, heard, after, reference))


def _is_probed(endpoint_id: int, reference: Reference) -> bool:
    return endpoint_id not in reference.unprobed


def by_endpoint(written: Iterable[Written], reference: Reference) -> tuple[Calls, list[Written]]:
    """The live calls by the endpoint that they speak of, and the probes among them."""
    named: defaultdict[int, list[Written]] = defaultdict(list)
    probes: list[Written] = []
    for w in written:
        entry = w[1]
        if entry.is_live:
            named[entry.endpoint_id].append(w)
            if entry.call.kind is not _REQUEST:
                probes.append(w)
    calls: Calls = {}
    for number, each in named.items():
        for endpoint_id in reference.behind.get(number, (number,)):
            both = endpoint_id in calls
            calls[endpoint_id] = sorted(calls[endpoint_id] + each, key=_row) if both else each
    return calls, probes


def _by_minutes(
    session: Session, unprobed: Iterable[int], calls: Calls, rule: Rule
) -> dict[int, Ticks]:
    """The ticks of endpoints that nobody probes."""
    numbers = list(unprobed)
    if not numbers:
        return {}
    standing, moved = traffic.load(session, numbers), dict[Track, Meter]()
    ticks: dict[int, Ticks] = {}
    for number in numbers:
        meters = {p: standing.get(Track(number, p), Meter()) for p in Policy}
        ticks[number], after = hear_minutes(calls[number], meters, rule)
        moved |= {Track(number, policy): meter for policy, meter in after.items()}
    traffic.save(session, moved)
    return ticks


def _mark(session: Session, heard: Mapping[int, Heard], rule: Rule) -> None:
    probes = {n: [w for w, *_ in each.infers] for n, each in heard.items() if each.infers}
    for number, said in pace.judge(session, probes, rule).items():
        mark(heard[number], said)


def _move(
    session: Session, ticks: Mapping[int, Ticks], calls: Calls, reference: Reference
) -> dict[Track, Health]:
    before = health.load(session, ticks)
    after: dict[Track, Health] = {}
    settled: list[Settled] = []
    moves: dict[int, list[Move]] = {}
    for track, row in before.items():
        number, policy = track
        rule = reference.rule if _is_probed(number, reference) else reference.rule.of_traffic
        moved = _advance(row, ticks[number][policy], rule, moves.setdefault(number, []))
        health.settle(session, track, row, moved.spans)
        settled.extend(Settled(track, span) for span in moved.spans)
        after[track] = moved.health
        if policy is Policy.PROVIDER:
            desk = Desk(session, number, calls[number], reference)
            for transition in moved.transitions:
                desk.tell(transition)
    health.save(session, {track: row for track, row in after.items() if row != before[track]})
    health.add(session, settled, reference.home_zone)
    return after


def _advance(row: Health, ticks: list[Tick], rule: Rule, known: list[Move]) -> Advanced:
    """The same row moved by the very same ticks moves the same: under either policy, mostly."""
    for other, others, moved in known:
        if others is ticks and other == row:
            return moved
    moved = course.advance(row, ticks, rule)
    known.append((row, ticks, moved))
    return moved


def _advance_accounts(session: Session, calls: Calls, reference: Reference) -> None:
    before = health.load_accounts(session, calls)
    after: dict[int, accounts.Account] = {}
    for endpoint_id, row in before.items():
        moved = accounts.advance(row, _answers(row, calls[endpoint_id]))
        after[endpoint_id] = moved.account
        for transition in moved.transitions:
            desk = Desk(session, endpoint_id, calls[endpoint_id], reference)
            desk.tell_of_account(transition)
    health.save_accounts(session, {n: row for n, row in after.items() if row != before[n]})


def _answers(row: accounts.Account, calls: Sequence[Written]) -> list[accounts.Answer]:
    told = [entry.call for _, entry in calls]
    if not row.failures and not any(call.outcome in _ACCOUNT for call in told):
        # Nothing to heal and nothing refused: of good answers only how far they reach matters.
        told = _last_good(told)
    return [accounts.Answer(c.started_ms, c.ended_ms, c.outcome, c.kind) for c in told]


def _last_good(told: Iterable[Call]) -> list[Call]:
    good = [call for call in told if call.outcome in _GOOD and call.kind is not _REACH]
    return [max(good, key=attrgetter("ended_ms"))] if good else []


def _failing(
    calls: Calls, after: Mapping[Track, Health], reference: Reference
) -> dict[int, tuple[Failing, ...]]:
    slugs = reference.slugs
    found: defaultdict[int, list[Failing]] = defaultdict(list)
    for endpoint_id, each in calls.items():
        row = after.get(Track(endpoint_id, Policy.PROVIDER))
        if row is None or row.first_failed_ms is None:
            continue
        for named in {entry.endpoint_id for _, entry in each}:
            found[named].append(Failing(slugs[endpoint_id], row.failures))
    return {named: tuple(failing) for named, failing in found.items()}


def _suspect(
    calls: Calls, heard: Mapping[int, Heard], after: Mapping[Track, Health], reference: Reference
) -> frozenset[str]:
    """Who is probed, seems well, and is complained of."""
    suspected: set[str] = set()
    for number, each in heard.items():
        row = after.get(Track(number, Policy.PROVIDER))
        if row is None or row.has_incident:
            continue
        tally = suspicion.count(reference.tallies.get(number), calls[number], each.complaints)
        if not tally.is_told and tally.is_suspicious(reference.rule):
            tally = tally._replace(is_told=True)
            suspected.add(reference.slugs[number])
        reference.tallies[number] = tally
    return frozenset(suspected)
