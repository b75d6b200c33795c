"""Replaying the ledger reproduces slices, incidents and sums, bit for bit."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from monitor.domain.calls import Call, Detail, Kind, Timings
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.usage import Usage, UsageState
from monitor.services.rebuild import move_home, rebuild
from monitor.storage import history
from monitor.storage.engine import Database
from tests.making import ENDPOINT, OTHER, TARGET, open_database, probe, record, request

#: Each example opens databases: shrinking one would take many minutes.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
MADE = (
    "usage_15m",
    "usage_day",
    "user_day",
    "tag_day",
    "latency_15m",
    "latency_day",
    "health_15m",
    "health_day",
)
#: Incidents of one transaction may be numbered in any order: their numbers are left out.
INCIDENTS = """(SELECT i.endpoint_id, i.kind, i.outcome, i.started_ms, i.confirmed_ms, i.ended_ms,
    i.closed_ms, i.unobserved_ms, i.call_id, o.transition, o.created_ms
    FROM incident i JOIN outbox o ON o.incident_id = i.id) AS told"""
STATES = ("slice", "health", "account", INCIDENTS)
SOMEBODY = Detail(user_hash=b"\x07" * 16, tags=(("ring", "a"), ("release", "9")))
OUTCOMES: st.SearchStrategy[Result] = st.sampled_from(
    [Outcome.OK, Outcome.OK, Outcome.OVERLOADED, Outcome.AUTH, LocalFailure.NETWORK_LOCAL]
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Call]:
    """A few hours of probes, reach checks and requests, in the order of their ends."""
    at_s, made = 0.0, []
    for _ in range(draw(st.integers(1, 30))):
        at_s += draw(st.sampled_from([2, 10, 60, 300, 300, 2_000]))
        made.append(draw(st.sampled_from([_infer, _reach, _request]))(draw, at_s))
    return made


def _infer(draw: st.DrawFn, at_s: float) -> Call:
    tokens = st.integers(0, 9)
    used = draw(st.none() | st.builds(lambda i, o: Usage(input=i, output=o), tokens, tokens))
    return probe(
        at_s,
        draw(OUTCOMES),
        endpoint=draw(st.sampled_from([ENDPOINT.id, OTHER.id])),
        usage=used,
        usage_state=UsageState.MISSING if used is None else UsageState.MEASURED,
        timings=Timings(ttft_s=draw(st.floats(0.01, 3)), total_s=3.5),
    )


def _reach(draw: st.DrawFn, at_s: float) -> Call:
    return probe(at_s, draw(OUTCOMES), endpoint=TARGET.id, kind=Kind.REACH, lasts_s=0.1)


def _request(draw: st.DrawFn, at_s: float) -> Call:
    return request(at_s, draw(OUTCOMES), detail=draw(st.sampled_from([None, SOMEBODY])))


def dump(database: Database, tables: Sequence[str]) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {
            table: sorted(map(repr, session.execute(text(f"SELECT * FROM {table}")).all()))  # noqa: S608
            for table in tables
        }


@settings(max_examples=15, phases=QUICK)
@given(ledgers(), st.integers(1, 30))
def test_replaying_the_ledger_reproduces_everything(calls: list[Call], cut: int) -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        original, copy = open_database(Path(first)), open_database(Path(second))
        for call in calls:
            record(original, [call])
        with original.reading() as session:
            replayed = [e.call for part in history.calls(session) for _, e in part]
        record(copy, replayed[:cut])
        record(copy, replayed[cut:])

        assert dump(copy, [*STATES, *MADE]) == dump(original, [*STATES, *MADE])
        original.close()
        copy.close()


@settings(max_examples=10, phases=QUICK)
@given(ledgers())
def test_rebuilding_changes_nothing(calls: list[Call]) -> None:
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), zone="America/St_Johns")
        record(database, calls)
        before = dump(database, MADE)

        assert rebuild(database) == len(calls)
        assert dump(database, MADE) == before
        database.close()


@settings(max_examples=10, phases=QUICK)
@given(ledgers())
def test_a_new_home_zone_gives_what_it_would_have_given_from_the_start(calls: list[Call]) -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        moved = open_database(Path(first), zone="Pacific/Chatham")
        settled = open_database(Path(second), zone="Asia/Kathmandu")
        record(moved, calls)
        record(settled, calls)

        move_home(moved, ZoneInfo("Asia/Kathmandu"))

        assert dump(moved, MADE) == dump(settled, MADE)
        moved.close()
        settled.close()
