"""Repeats: what a call told again adds to the ledger; what contradicts it is put aside."""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.domain import wording
from monitor.domain.prices import Cost, CostState, cost
from monitor.domain.repeats import Contradiction, merge
from monitor.domain.verdicts import Verdict
from monitor.services import budgets
from monitor.services.reference import Reference
from monitor.storage import (
    attributions,
    calls,
    failures,
    history,
    latency,
    people,
    quarantine,
    usage,
)
from monitor.storage import repeats as rows
from monitor.storage.calls import Entry, Written
from monitor.storage.engine import Session


class Settled(NamedTuple):
    """What became of a repeat, and why it is in quarantine where it is."""

    verdict: Verdict
    reason: str | None = None


_REPEATED, _FILLED = Settled(Verdict.REPEATED), Settled(Verdict.FILLED)


def settle(session: Session, repeats: Sequence[Entry], reference: Reference) -> dict[int, Settled]:
    """What became of calls that are known already, each by its `id`.

    They move no state and no incident: those went by what was known in time.
    """
    alike = rows.alike(session, repeats)
    return {
        id(entry): _REPEATED if id(entry) in alike else _settle(session, entry, reference)
        for entry in repeats
    }


def _settle(session: Session, told: Entry, reference: Reference) -> Settled:
    key = told.call.dedupe_key
    standing = None if key is None else history.by_key(session, key)
    if standing is None:
        return _REPEATED
    try:
        known = _merge(session, standing, told, reference)
    except Contradiction as error:
        reason = f"call {standing[0]} is told otherwise: {error}"
        quarantine.add(session, told.recorded_ms, reason, wording.write(told.call))
        return Settled(Verdict.QUARANTINED, reason)
    if calls.row_of(known) == calls.row_of(standing):
        return _REPEATED
    _replace(session, standing, known, reference, told.recorded_ms)
    return _FILLED


def _merge(session: Session, standing: Written, told: Entry, reference: Reference) -> Written:
    number, entry = standing
    if told.endpoint_id != entry.endpoint_id:
        raise Contradiction(f"it went to {entry.call.endpoint}, not to {told.call.endpoint}")
    call = merge(entry.call, told.call)
    if call.cost_nano_usd is not None:
        price = Cost(CostState.REPORTED, call.cost_nano_usd)
    elif (call.usage, call.service_tier) == (entry.call.usage, entry.call.service_tier):
        price = entry.cost  # by the rate that was in force then
    else:
        price = cost(
            call.usage,
            reference.tariff(call.endpoint).prices,
            call.started_ms,
            call.service_tier,
        )
    return number, entry._replace(
        call=call,
        # An outcome that was not known in time moves no state, in no replay either.
        is_live=entry.is_live and call.outcome is entry.call.outcome,
        attribution_id=attributions.intern(session, [call.attribution])[call.attribution],
        cost=price,
        ttft_us=calls.micros(call.timings.ttft_s),
        total_us=calls.micros(call.timings.total_s),
    )


def _replace(
    session: Session, gone: Written, come: Written, reference: Reference, now_ms: int
) -> None:
    rows.change(session, come)
    before, after = calls.place([gone]), calls.place([come])
    changed = usage.exchange(session, before, after, reference.home_zone)
    people.exchange(session, before, after, reference.home_zone)
    latency.exchange(session, before, after, reference.home_zone)
    failures.exchange(session, before, after)
    budgets.charge(session, changed, reference.budgets, now_ms, now_ms)
