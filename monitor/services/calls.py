"""Calls: the one way into the ledger.

`record` writes rows, sums, states, incidents and outbox in the caller's transaction. It is
synchronous and free of queues, clocks and network; `runtime.ledger` commits it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.domain.calls import Call, Origin
from monitor.domain.prices import Cost, CostState, cost
from monitor.domain.verdicts import Verdict
from monitor.services import budgets
from monitor.services.health import Aftermath, Failing, advance
from monitor.services.reference import Reference
from monitor.services.repeats import Settled, settle
from monitor.storage import calls, failures, latency, newest, people, repeats, usage
from monitor.storage.calls import Entry, Written
from monitor.storage.engine import Session

#: Looking a member up in its enum costs more than all else that is done with it here.
_PROBE = Origin.PROBE
_MICROS = 1_000_000
_new = tuple.__new__
_RECORDED = Settled(Verdict.RECORDED)


class Receipt(NamedTuple):
    """What became of a call.

    `call_id` is its row, `None` for one that was known or put aside, which `verdict` tells, with
    the `reason` why it is in quarantine; `failing` are the endpoints whose
    failure is under confirmation since. `suspected` are those whose users' calls fail, whichever
    call of the same transaction showed it: they should be probed now.
    """

    call_id: int | None
    failing: tuple[Failing, ...] = ()
    suspected: frozenset[str] = frozenset()
    verdict: Verdict = Verdict.RECORDED
    reason: str | None = None


def price(call: Call, reference: Reference, recorded_ms: int) -> Entry:
    """Look up what a call costs, and whether it is recorded in time to move states.

    A provider's own figure wins. The call's attribution has to be in the reference. Raises
    UnknownEndpoint.
    """
    endpoint_id, probe_gap_ms, traffic_gap_ms, prices = reference.tariff(call.endpoint)
    timings = call.timings
    gap_ms = probe_gap_ms if call.origin is _PROBE else traffic_gap_ms
    if call.gap_s is not None:
        gap_ms = round(call.gap_s * 1000)
    values = (
        call,
        endpoint_id,
        reference.attribution_ids[call.attribution],
        cost(call.usage, prices, call.started_ms, call.service_tier)
        if call.cost_nano_usd is None
        else Cost(call.cost_state or CostState.REPORTED, call.cost_nano_usd),
        recorded_ms,
        call.is_live and recorded_ms - call.ended_ms <= 2 * gap_ms,
        gap_ms,
        None if timings.ttft_s is None else round(timings.ttft_s * _MICROS),
        None if timings.total_s is None else round(timings.total_s * _MICROS),
    )
    return _new(Entry, values)  # half the time of Entry(…), for each call of a batch


def record(session: Session, entries: Sequence[Entry], reference: Reference) -> list[Receipt]:
    """Write calls into the ledger, in this order; a repeat of a known call fills what was unknown.

    What contradicts a known call goes into quarantine.
    """
    if not entries:
        return []
    entries = repeats.rekey(session, entries)
    written = calls.insert(session, entries)
    placed = calls.place(written)
    added = usage.add(session, placed, reference.home_zone)
    people.add(session, placed, reference.home_zone)
    latency.add(session, placed, reference.home_zone)
    failures.add(session, placed)
    newest.note(session, written)
    if reference.budgets.budgets:
        first_ms, last_ms = entries[0].recorded_ms, entries[-1].recorded_ms
        budgets.charge(session, added, reference.budgets, first_ms, last_ms)
    aftermath = advance(session, written, reference)
    settled = _settle(session, entries, written, reference)
    return _receipts(entries, written, aftermath, settled)


def _settle(
    session: Session, entries: Sequence[Entry], written: Sequence[Written], reference: Reference
) -> dict[int, Settled]:
    if len(written) == len(entries):
        return {}
    new = {id(entry) for _, entry in written}
    return settle(session, [entry for entry in entries if id(entry) not in new], reference)


def _receipts(
    entries: Sequence[Entry],
    written: Sequence[Written],
    aftermath: Aftermath,
    settled: dict[int, Settled],
) -> list[Receipt]:
    failing, suspected = aftermath
    if len(written) == len(entries) and not failing and not suspected:
        return [Receipt(number) for number, _ in written]
    rows = {id(entry): number for number, entry in written}
    return [
        Receipt(
            rows.get(id(entry)),
            failing.get(entry.endpoint_id, ()),
            suspected,
            *settled.get(id(entry), _RECORDED),
        )
        for entry in entries
    ]
