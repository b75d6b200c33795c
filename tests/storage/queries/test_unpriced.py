"""The queue of unpriced calls is what the ledger itself says, in whatever zone days are counted."""

from collections import defaultdict

from monitor.domain.calls import Origin
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, Usage
from monitor.storage.models.ledger import CallRow, EndpointRow
from monitor.storage.queries import unpriced
from tests.storage.queries.seeds import Seeded


def test_the_queue_is_what_the_ledger_says(seeded: Seeded) -> None:
    with seeded.database.reading() as session:
        names = {row.id: row.slug for row in session.query(EndpointRow)}
        told: defaultdict[str, list[CallRow]] = defaultdict(list)
        for row in session.query(CallRow).where(CallRow.cost_state == CostState.UNPRICED):
            told[names[row.endpoint_id]].append(row)
        expected = {
            slug: (
                len(calls),
                sum(call.origin is Origin.PROBE for call in calls),
                Usage(*(sum(getattr(call, leaf) or 0 for call in calls) for leaf in LEAVES)),
                min(call.started_ms for call in calls),
                max(call.started_ms for call in calls),
            )
            for slug, calls in told.items()
        }
        found = unpriced.queue(session)

    assert expected
    assert {
        each.endpoint: (each.calls, each.of_probes, each.usage, each.first_ms, each.last_ms)
        for each in found
    } == expected
    assert [each.tokens for each in found] == sorted((e.tokens for e in found), reverse=True)
