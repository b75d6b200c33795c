from pathlib import Path

import pytest

from monitor.domain.calls import Kind, Timings
from monitor.domain.outcomes import Outcome
from monitor.domain.pace import hour_of
from monitor.storage import pace, statements
from tests.making import MONDAY_MS, open_database, probe, record

#: The same hour of Tuesday.
HOUR = hour_of(MONDAY_MS) + 24


@pytest.mark.parametrize(("before_id", "expected"), [(9, [1_000, 2_000, 3_000]), (3, [1_000])])
def test_what_is_usual_is_read_from_good_live_infer_probes_recorded_before(
    tmp_path: Path, before_id: int, expected: list[int]
) -> None:
    database = open_database(tmp_path)
    timings = [Timings(ttft_s=i / 1_000, total_s=1) for i in range(1, 8)]
    record(
        database,
        [
            probe(0, timings=timings[0]),
            probe(10, timings=timings[4], is_live=False),
            probe(20, Outcome.WRONG_ANSWER, timings=timings[1]),
            probe(30, Outcome.OVERLOADED, timings=timings[5]),
            probe(40, timings=timings[6], kind=Kind.PERFORMANCE),
            probe(50, timings=timings[2]),
            probe(60),
            probe(3_600, timings=timings[3]),
        ],
    )

    with database.reading() as session:
        assert pace.measured(session, 2, HOUR, before_id) == expected
    database.close()


def test_the_question_is_answered_from_infer_probes_alone(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.reading() as session:
        how = "EXPLAIN" if database.path is None else "EXPLAIN QUERY PLAN"
        plan = statements.fetch_all(session, f"{how} {pace._AT_HOUR}", (1, 0, 9, 9))
        assert "call_infer" in str(plan)
    database.close()
