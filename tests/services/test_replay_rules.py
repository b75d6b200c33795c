"""What the rules decide over days is reproduced by a replay, however it is cut into batches."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Call, Kind, Timings
from monitor.domain.maintenance import Maintenance
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.windows import Window
from monitor.services.rebuild import rebuild
from monitor.storage import history
from monitor.storage.engine import Database
from tests.making import ENDPOINT, OTHER, open_database, probe, record, request
from tests.services.test_maintenance import REBOOT, say
from tests.services.test_replay import MADE, QUICK, STATES, dump

HOUR_S, DAY_S = 3_600, 86_400
TEN = 10 * HOUR_S
UNPROBED = replace(OTHER, is_probed=False)
TABLES = (*STATES, *MADE, "pace", "meter")


def watch(at_s: float, ttft_s: float, count: int, kind: Kind = Kind.INFER) -> Iterator[Call]:
    """Probes each 150 s that are answered at a pace, some of them wrongly."""
    for i in range(count):
        outcome = Outcome.WRONG_ANSWER if i % 7 == 3 else Outcome.OK
        timings = Timings(ttft_s=ttft_s + i % 5 / 100, total_s=ttft_s + 1)
        yield probe(at_s + 150 * i, outcome, timings=timings, gap_s=150, lasts_s=12, kind=kind)


def fail(at_s: float, pattern: str) -> Iterator[Call]:
    outcomes: dict[str, Result] = {
        "F": Outcome.SERVER_ERROR,
        ".": Outcome.OK,
        "N": LocalFailure.NETWORK_LOCAL,
    }
    for i, each in enumerate(pattern):
        yield probe(at_s + 150 * i, outcomes[each], gap_s=150)


def use(at_s: float, good: int, failed: int) -> Iterator[Call]:
    """A minute of traffic at an endpoint that nobody probes."""
    for i, outcome in enumerate([Outcome.OK] * good + [Outcome.OVERLOADED] * failed):
        yield request(at_s + i, outcome, endpoint=UNPROBED.id, lasts_s=2)


def live_through() -> list[Call]:
    """Usual days, a slow hour, few of many, an outage of our network, traffic that fails."""
    made = [call for day in range(3) for call in watch(day * DAY_S + TEN, 0.9, 10)]
    made += watch(3 * DAY_S + TEN, 9.0, 14)
    made += watch(3 * DAY_S + TEN + 2_100, 0.5, 8, Kind.PERFORMANCE)
    made += watch(3 * DAY_S + TEN + 3_300, 0.9, 22)
    made += fail(4 * DAY_S, "...F.F.FF...NN.FFF....")
    for minute, share in enumerate([(20, 0), (12, 9), (5, 18), (20, 1), (22, 0), (3, 0)]):
        made += use(4 * DAY_S + 60 * minute, *share)
    return sorted(made, key=lambda call: call.ended_ms)


@pytest.fixture(scope="module")
def original() -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), (ENDPOINT, UNPROBED))
        for call in live_through():
            record(database, [call])
        yield database
        database.close()


def test_the_days_have_all_that_the_rules_tell_apart(original: Database) -> None:
    found = dump(original, ["incident", "slice"])

    assert len([row for row in found["incident"] if "'availability'" in row]) == 3
    assert len([row for row in found["incident"] if "'monitor'" in row]) == 1
    states = {row.rsplit(", ", 1)[1].strip(")") for row in found["slice"]}
    assert states == {"1", "2", "3", "4"}


CALLS = len(live_through())


@settings(max_examples=12, phases=QUICK)
@given(st.lists(st.integers(0, CALLS), max_size=6))
def test_any_batches_decide_the_same(original: Database, drawn: list[int]) -> None:
    cuts = [0, *sorted(drawn), CALLS]
    with original.reading() as session:
        told = [e.call for part in history.calls(session) for _, e in part]
    with TemporaryDirectory() as folder:
        copy = open_database(Path(folder), (ENDPOINT, UNPROBED))
        for start, stop in pairwise(cuts):
            record(copy, told[start:stop])

        assert dump(copy, TABLES) == dump(original, TABLES)
        copy.close()


@settings(max_examples=8, phases=QUICK)
@given(st.integers(0, CALLS))
def test_a_window_declared_at_any_moment_gives_the_same_sums(cut: int) -> None:
    """And a rebuild makes them again."""
    made, first = live_through(), Maintenance("first", REBOOT)
    later = Maintenance("later", Window(made[30].ended_ms, made[50].ended_ms))
    sums = []
    for moment in (0, cut):
        with TemporaryDirectory() as folder:
            database = open_database(Path(folder), (ENDPOINT, UNPROBED), zone="America/St_Johns")
            record(database, made[:moment])
            say(database, first, later)
            record(database, made[moment:])
            sums.append(dump(database, MADE))
            rebuild(database)
            assert dump(database, MADE) == sums[-1]
            database.close()

    assert sums[0] == sums[1]
