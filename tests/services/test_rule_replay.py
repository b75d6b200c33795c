"""A replay finds what was found, and what would have been."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Call
from monitor.domain.health import Rule
from monitor.domain.outcomes import Outcome
from monitor.domain.rule_parameters import Burn, Share, Slow
from monitor.domain.rules import DEFAULTS, AlertRule, RuleName, Ruleset
from monitor.domain.windows import DAY_MS, Window
from monitor.services.rule_replay import REPLAYABLE, CannotReplay, Replay, Replayed
from monitor.services.rule_watch import Watch
from monitor.storage import rules as rows
from monitor.storage.engine import Database
from monitor.storage.queries import incidents
from tests.alerting import outage, recovery
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record, request

ALL = Window(MONDAY_MS, MONDAY_MS + DAY_MS)
#: Quicker to open and to close than any that somebody would want.
EAGER = Ruleset.of(
    (
        replace(DEFAULTS[RuleName.ERRORS], parameters=Share(10, 5, 5, 4)),
        replace(DEFAULTS[RuleName.RATE_LIMITS], parameters=Share(20, 10, 3, 3)),
        replace(DEFAULTS[RuleName.DEGRADED], parameters=Slow(2, 2)),
        replace(DEFAULTS[RuleName.FAST_BURN], parameters=Burn(3, 180, 20, 99_000, 20)),
    )
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def look(database: Database, watch: Watch, at_s: float) -> None:
    with database.reading() as session:
        found = watch.look(session, MONDAY_MS + round(at_s * 1000))
    with database.writing() as session:
        watch.tell(session, found)


def replay(database: Database, rule: AlertRule[object], window: Window = ALL) -> Replayed:
    return Replay(database, rule, window, EAGER).run()


def opened(database: Database, rule: RuleName) -> list[tuple[object, ...]]:
    with database.reading() as session:
        found = incidents.recent(session, ALL, limit=1000)
    return sorted(
        (each.endpoint_id, each.confirmed_ms, each.started_ms, each.ended_ms, each.closed_ms)
        for each in found
        if each.rule == rule
    )


def would(replayed: Replayed) -> list[tuple[object, ...]]:
    return sorted(
        (each.endpoint_id, each.confirmed_ms, each.started_ms, each.ended_ms, each.closed_ms)
        for each in replayed.incidents
    )


#: What happens, where, how long after the one before, and how many calls it is of.
Episode = tuple[str, str, float, int]
EPISODES = st.lists(
    st.tuples(
        st.sampled_from(["good", "good", "errors", "limits", "outage", "wrong"]),
        st.sampled_from([ENDPOINT.id, OTHER.id]),
        st.sampled_from([20.0, 60.0, 400.0, 2000.0]),
        st.integers(2, 14),
    ),
    min_size=8,
    max_size=24,
)
FAILING = {"errors": Outcome.OVERLOADED, "limits": Outcome.RATE_LIMITED, "good": Outcome.OK}


def play(episodes: list[Episode]) -> Iterator[list[Call]]:
    """The calls of each episode, in order; good probes go on between them."""
    at_s = 0.0
    for what, endpoint, gap_s, n in episodes:
        at_s += gap_s
        calls = [probe(at_s - 10, endpoint=endpoint, gap_s=120.0)]
        if what == "outage":
            calls += [*outage(at_s + 30, endpoint), *recovery(at_s + 90 + 10 * n, endpoint)]
        elif what == "wrong":
            times = [at_s + 30 * k for k in range(2 * n)]
            calls += [probe(t, Outcome.WRONG_ANSWER, endpoint=endpoint, gap_s=60.0) for t in times]
        else:
            times = [at_s + 7 * k for k in range(n)]
            odd = [FAILING[what] if k % 2 else Outcome.OK for k in range(n)]
            calls += [request(t, o, endpoint=endpoint) for t, o in zip(times, odd, strict=True)]
        at_s = (calls[-1].ended_ms - MONDAY_MS) / 1000
        yield calls


@given(EPISODES, st.sets(st.integers(0, 24), max_size=6))
@settings(max_examples=6, deadline=None, phases=(Phase.generate,))
def test_a_replay_with_the_same_parameters_finds_exactly_what_was_found(
    episodes: list[Episode], restarts: set[int]
) -> None:
    with TemporaryDirectory() as folder, closing(open_database(Path(folder))) as database:
        with database.writing() as session:
            rows.install(session, list(EAGER.rules.values()), MONDAY_MS - DAY_MS)
        watch = Watch()
        for n, calls in enumerate(play(episodes)):
            record(database, calls)
            watch = Watch() if n in restarts else watch
            look(database, watch, (calls[-1].ended_ms - MONDAY_MS) / 1000)
        look(database, watch, DAY_MS / 1000)

        for name in REPLAYABLE:
            assert would(replay(database, EAGER[name])) == opened(database, name), name


def test_other_parameters_find_other_incidents(database: Database) -> None:
    calls = [request(10 * n, Outcome.OVERLOADED if n % 8 == 0 else Outcome.OK) for n in range(300)]
    record(database, calls)
    errors = DEFAULTS[RuleName.ERRORS]
    strict = replace(errors, parameters=replace(errors.parameters, percent=20))

    assert replay(database, errors).count == 1
    assert replay(database, strict).count == 0


def test_fewer_failures_in_a_row_would_have_opened_more_outages(database: Database) -> None:
    for start_s in (100, 1000):
        record(database, outage(start_s)[:-1])
        record(database, recovery(start_s + 40))
    record(database, outage(3000))
    down = DEFAULTS[RuleName.DOWN]
    quick = Rule(failures_to_open=2, least_span_ms=0, window_failures=0, share_points=0)

    assert replay(database, down).count == 1
    assert Replay(database, down, ALL, health=quick).run().count == 3


def test_only_what_opens_in_the_window_counts(database: Database) -> None:
    record(database, outage(100))
    record(database, recovery(300))
    record(database, outage(DAY_MS / 1000))
    both = Window(MONDAY_MS, MONDAY_MS + 2 * DAY_MS)
    later = Window(MONDAY_MS + DAY_MS // 2, both.to_ms)

    assert replay(database, DEFAULTS[RuleName.DOWN], later).count == 1
    assert replay(database, DEFAULTS[RuleName.DOWN], both).count == 2


def test_a_replay_says_how_far_it_is_and_may_be_broken_off(database: Database) -> None:
    record(database, outage(100))
    heard: list[tuple[int, int]] = []
    errors = DEFAULTS[RuleName.ERRORS]
    Replay(
        database, errors, Window(MONDAY_MS, MONDAY_MS + DAY_MS), progress=lambda *p: heard.append(p)
    ).run()

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    assert heard == [(n, 4) for n in range(1, 5)]
    with pytest.raises(KeyboardInterrupt):
        Replay(database, errors, ALL, progress=stop).run()


def test_what_is_not_stored_cannot_be_replayed(database: Database) -> None:
    with pytest.raises(CannotReplay, match="network"):
        replay(database, DEFAULTS[RuleName.NETWORK])
