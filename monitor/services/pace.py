"""Pace: let good infer probes tell whether an endpoint is slow, or often wrong."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.domain import pace as rules
from monitor.domain.health import Rule
from monitor.domain.outcomes import Outcome
from monitor.domain.pace import Pace, Sample
from monitor.storage import pace
from monitor.storage.calls import Written
from monitor.storage.engine import Session


def judge(
    session: Session, probes: Mapping[int, Sequence[Written]], rule: Rule
) -> dict[int, list[bool]]:
    """Whether each endpoint is degraded after each of its good infer probes, in their order."""
    if not probes:
        return {}
    before, after = pace.load(session, probes), dict[int, Pace]()
    said: dict[int, list[bool]] = {}
    for endpoint_id, calls in probes.items():
        row = before.get(endpoint_id, Pace())
        samples = _samples(session, endpoint_id, row, calls)
        after[endpoint_id], said[endpoint_id] = rules.advance(row, samples, rule)
    pace.save(session, after)
    return said


def _samples(
    session: Session, endpoint_id: int, row: Pace, calls: Sequence[Written]
) -> Iterator[Sample]:
    """The probes with what is usual at their hour, which is read with the first of each hour."""
    hour, usual_us, last_ms = row.hour, row.usual_us, row.last_ms or 0
    for number, entry in calls:
        call = entry.call
        own_hour = rules.hour_of(call.started_ms)
        if call.ended_ms > last_ms:
            last_ms = call.ended_ms
            if hour is None or own_hour > hour:
                found = pace.measured(session, endpoint_id, own_hour, number)
                hour, usual_us = own_hour, rules.usual(found)
        is_wrong = call.outcome is Outcome.WRONG_ANSWER
        yield Sample(
            call.started_ms, call.ended_ms, entry.gap_ms, entry.ttft_us, is_wrong, usual_us
        )
