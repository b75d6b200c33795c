"""Ticks: what the calls of a batch say of one endpoint, under each policy."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from monitor.domain import traffic
from monitor.domain.calls import Kind
from monitor.domain.health import Policy, Rule, Tick, Verdict, fails, verdict
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.traffic import Meter, Said
from monitor.storage.calls import Entry, Written

Ticks = dict[Policy, list[Tick]]
Meters = Mapping[Policy, Meter]

#: What a call says of the provider, and of our use of it, by whether the provider is judged
#: strictly. What is said of the provider is said of our use too (a property of the table of
#: rulings, tested with it).
_VERDICTS = {
    is_strict: {
        (outcome, kind): (
            verdict(outcome, kind, Policy.PROVIDER, is_strict=is_strict),
            verdict(outcome, kind, Policy.USABLE),
        )
        for outcome, kind in product(RULINGS, Kind)
    }
    for is_strict in (False, True)
}
_CHARGED = {
    is_strict: frozenset(r for r in RULINGS if fails(r, Policy.PROVIDER, is_strict=is_strict))
    for is_strict in (False, True)
}
_GOOD = frozenset(r for r, ruling in RULINGS.items() if ruling.group is Group.GOOD)

#: Looking a member up in its enum costs more than all else that is done with it here.
_new = tuple.__new__
_REQUEST, _REACH, _INFER, _PASS = Kind.REQUEST, Kind.REACH, Kind.INFER, Verdict.PASS


class Heard(NamedTuple):
    """What calls say of an endpoint, in their order.

    `infers` are its good infer probes, each with its place among the ticks of either policy;
    `complaints` are requests of its users that failed and are charged.
    """

    ticks: Ticks
    infers: list[tuple[Written, int, int]]
    complaints: list[Written]


def hear(calls: Sequence[Written], rule: Rule) -> Heard:
    """The ticks of an endpoint that is probed."""
    verdicts, charged = _VERDICTS[rule.openrouter_strict], _CHARGED[rule.openrouter_strict]
    provider: list[Tick] = []
    usable: list[Tick] = []
    infers: list[tuple[Written, int, int]] = []
    complaints: list[Written] = []
    for written in calls:
        entry = written[1]
        call = entry.call
        of_provider, of_us = verdicts[call.outcome, call.kind]
        if of_us is None:
            if call.kind is _REQUEST and call.outcome in charged:
                complaints.append(written)
            continue
        is_probe = call.kind is not _REQUEST
        if is_probe and of_us is _PASS and call.kind is _INFER:
            infers.append((written, len(provider), len(usable)))
        # half the time of Tick(…), for each call of a batch
        tick = _new(Tick, (call.started_ms, call.ended_ms, of_us, is_probe, entry.gap_ms, None))
        usable.append(tick)
        if of_provider is of_us:
            provider.append(tick)
    if len(provider) == len(usable):
        provider = usable  # one list, so that whoever moves by it need do so but once
    return Heard({Policy.PROVIDER: provider, Policy.USABLE: usable}, infers, complaints)


def mark(heard: Heard, said: Sequence[bool]) -> None:
    """Let the ticks of good infer probes tell what these left the last probes saying."""
    for (_, in_provider, in_usable), is_degraded in zip(heard.infers, said, strict=True):
        for policy, place in ((Policy.PROVIDER, in_provider), (Policy.USABLE, in_usable)):
            ticks = heard.ticks[policy]
            ticks[place] = ticks[place]._replace(is_degraded=is_degraded)


def hear_minutes(
    calls: Sequence[Written], meters: Meters, rule: Rule
) -> tuple[Ticks, dict[Policy, Meter]]:
    """The ticks of an endpoint that nobody probes, by minutes of its traffic; and its meters.

    A check of its target says nothing of it, for no probe would confirm that.
    """
    ticks: Ticks = {}
    moved: dict[Policy, Meter] = {}
    for policy in Policy:
        heard = _said(calls, policy, rule)
        moved[policy], ticks[policy] = traffic.advance(meters[policy], heard, rule)
    return ticks, moved


def _said(calls: Sequence[Written], policy: Policy, rule: Rule) -> Iterator[Said | Tick]:
    charged = frozenset(r for r in RULINGS if fails(r, policy, is_strict=rule.openrouter_strict))
    for _, entry in calls:
        call = entry.call
        if call.kind is not _REQUEST:
            yield from _asked(entry, policy, rule)
        elif call.outcome in _GOOD:
            yield Said(call.started_ms, call.ended_ms, entry.gap_ms, True)  # noqa: FBT003 -- by position, for each call of a batch
        elif call.outcome in charged:
            yield Said(call.started_ms, call.ended_ms, entry.gap_ms, False)  # noqa: FBT003 -- as above


def _asked(entry: Entry, policy: Policy, rule: Rule) -> list[Tick]:
    """What somebody's own check of it says."""
    call = entry.call
    said = verdict(call.outcome, call.kind, policy, is_strict=rule.openrouter_strict)
    if said is None or (call.kind is _REACH and said is Verdict.FAIL):
        return []
    return [Tick(call.started_ms, call.ended_ms, said, is_probe=True, gap_ms=entry.gap_ms)]
