"""The invariants of docs/semantics.md, 3, for any calls in any order."""

from collections.abc import Sequence
from itertools import accumulate, pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.availability import judge, sum_by_state
from monitor.domain.course import advance
from monitor.domain.health import (
    Closed,
    Health,
    Opened,
    Rule,
    Span,
    State,
    Tick,
    Transition,
    Unobserved,
    Verdict,
)
from monitor.domain.windows import Window

NEW = Health.new(1000)
RULES = st.builds(
    Rule,
    failures_to_open=st.integers(1, 4),
    passes_to_close=st.integers(1, 3),
    window_failures=st.sampled_from([0, 2, 3]),
    window_probes=st.integers(3, 6),
    share_points=st.sampled_from([0, 150, 220]),
)
PAUSES_MS = (0, 10, 40, -8, 1, 200, 201, 201, -60)
LENGTHS_MS = (5, 30, 1, 0)
VERDICTS = (Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.FAIL, Verdict.BLIND)
IS_PROBE = (True, True, True, False)
GAPS_MS = (100, 100, 20)
IS_DEGRADED = (None, True, False)
#: One choice a step: five of their own would take five times as long.
STEPS = st.sampled_from([*product(PAUSES_MS, LENGTHS_MS, VERDICTS, IS_PROBE, GAPS_MS, IS_DEGRADED)])


def walk(steps: Sequence[tuple[int, int, Verdict, bool, int, bool | None]]) -> list[Tick]:
    ticks, now_ms = [], NEW.created_ms
    for pause_ms, length_ms, verdict, is_probe, gap_ms, is_degraded in steps:
        started_ms = now_ms + pause_ms
        span = started_ms, started_ms + length_ms
        ticks.append(Tick(*span, verdict, is_probe, gap_ms, is_degraded))
        now_ms = max(now_ms, started_ms + length_ms)
    return ticks


#: Calls as they are recorded: mostly one after the other, some late, some overlapping.
HISTORIES = st.lists(STEPS, min_size=8, max_size=40).map(walk)


def in_time(ticks: Sequence[Tick]) -> list[Tick]:
    """The ticks that end after all before them."""
    newest = [NEW.created_ms, *accumulate((tick.ended_ms for tick in ticks), max)]
    return [tick for tick, at_ms in zip(ticks, newest, strict=False) if tick.ended_ms > at_ms]


def slices(before: Health, spans: Sequence[Span]) -> list[tuple[int, State]]:
    """The starts of the runs that begin in these spans, as they are stored."""
    goes_on = before.since_ms < before.settled_ms
    begun = spans[1:] if spans and goes_on and spans[0].state is before.state else spans
    return [(span.from_ms, span.state) for span in begun]


def replay(
    batches: Sequence[Sequence[Tick]], rule: Rule
) -> tuple[Health, list[tuple[int, State]], list[Transition]]:
    health, begun, transitions = NEW, list[tuple[int, State]](), list[Transition]()
    for batch in batches:
        before = health
        health, spans, happened = advance(before, batch, rule)
        begun.extend(slices(before, spans))
        transitions.extend(happened)
    return health, begun, transitions


def incidents(transitions: Sequence[Transition], until_ms: int) -> list[tuple[int, int]]:
    """From when to when each was, the open one until then."""
    edges = [t[0] for t in transitions if not isinstance(t, Unobserved)]
    edges += [until_ms] * (len(edges) % 2)
    return list(zip(edges[::2], edges[1::2], strict=True))


@given(HISTORIES, RULES)
def test_settled_spans_tile_the_time_from_creation_on(ticks: list[Tick], rule: Rule) -> None:
    health, spans = NEW, list[Span]()
    for tick in ticks:
        health, settled, _ = advance(health, [tick], rule)
        spans.extend(settled)

    edges = [NEW.created_ms, *(span.to_ms for span in spans)]
    assert [(span.from_ms, span.to_ms) for span in spans] == list(pairwise(edges))
    assert edges[-1] == health.settled_ms


@given(HISTORIES, RULES)
def test_no_settled_span_is_empty(ticks: list[Tick], rule: Rule) -> None:
    assert all(span.from_ms < span.to_ms for span in advance(NEW, ticks, rule).spans)


@given(HISTORIES, RULES)
def test_all_is_settled_but_what_awaits_confirmation(ticks: list[Tick], rule: Rule) -> None:
    health = advance(NEW, ticks, rule).health

    is_pending = health.failures > 0 or health.passes > 1
    assert is_pending or health.settled_ms == (health.last_tick_ms or NEW.created_ms)


@given(HISTORIES, st.integers(1, 3))
def test_the_row_says_since_when_its_state_is_settled(ticks: list[Tick], failures: int) -> None:
    health, spans, _ = advance(NEW, ticks, Rule(failures))

    own = Span(health.since_ms, health.settled_ms, health.state)
    assert spans[-1:] in ((), (own,))


@given(HISTORIES, RULES, st.data())
def test_a_replay_in_any_batches_gives_the_same(
    ticks: list[Tick], rule: Rule, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(ticks)), max_size=4)))
    batches = [ticks[a:b] for a, b in pairwise([0, *cuts, len(ticks)])]

    assert replay(batches, rule) == replay([[tick] for tick in ticks], rule)


@given(HISTORIES, RULES)
def test_probes_recorded_twice_count_once(ticks: list[Tick], rule: Rule) -> None:
    probes = [t for t in ticks if t.is_probe and t.verdict is not Verdict.BLIND]

    assert advance(NEW, [t for t in probes for _ in range(2)], rule) == advance(NEW, probes, rule)


@given(HISTORIES, RULES)
def test_openings_and_closings_alternate(ticks: list[Tick], rule: Rule) -> None:
    health, _, transitions = advance(NEW, ticks, rule)

    turns = [type(t) for t in transitions if not isinstance(t, Unobserved)]
    assert turns == [(Opened, Closed)[i % 2] for i in range(len(turns))]
    assert health.has_incident is (len(turns) % 2 == 1)


@given(HISTORIES, RULES)
def test_the_instants_of_incidents_are_in_order(ticks: list[Tick], rule: Rule) -> None:
    told = [t for t in advance(NEW, ticks, rule).transitions if not isinstance(t, Unobserved)]

    assert all(t[0] <= t.confirmed_ms for t in told)
    assert all(a[0] <= b[0] and a.confirmed_ms <= b.confirmed_ms for a, b in pairwise(told))


@given(HISTORIES, RULES)
def test_an_endpoint_is_down_in_incidents_only_and_never_up_in_a_confirmed_one(
    ticks: list[Tick], rule: Rule
) -> None:
    health, spans, transitions = advance(NEW, ticks, rule)
    held = incidents(transitions, health.settled_ms)
    confirmed = [t.confirmed_ms for t in transitions if isinstance(t, Opened)]

    down = [span for span in spans if span.state is State.DOWN]
    up = [span for span in spans if span.state is State.UP]
    assert all(any(a <= s.from_ms and s.to_ms <= b for a, b in held) for s in down)
    certain = [(a, b) for a, (_, b) in zip(confirmed, held, strict=True)]
    assert not any(s.from_ms < b and a < s.to_ms for s in up for a, b in certain)


@given(HISTORIES, RULES)
def test_no_state_is_held_over_time_that_nothing_vouches_for(ticks: list[Tick], rule: Rule) -> None:
    probes = [
        tick._replace(is_probe=True, started_ms=min(tick.started_ms, tick.ended_ms - 1))
        for tick in in_time(ticks)
    ]
    seen = [tick for tick in probes if tick.verdict is not Verdict.BLIND]
    unseen = [
        Window(before.ended_ms, after.started_ms)
        for before, after in pairwise(seen)
        if after.started_ms - before.ended_ms > 2 * before.gap_ms
        or Verdict.BLIND in {t.verdict for t in probes[probes.index(before) : probes.index(after)]}
    ]

    known = [s for s in advance(NEW, probes, rule).spans if s.state is not State.UNKNOWN]
    assert not any(gap.clip(s.from_ms, s.to_ms).length_ms for gap in unseen for s in known)


@given(HISTORIES)
def test_blips_never_open(ticks: list[Tick]) -> None:
    blips = [
        tick._replace(is_probe=True, verdict=Verdict.PASS if i % 3 == 2 else Verdict.FAIL)
        for i, tick in enumerate(in_time(ticks))
    ]

    in_a_row = Rule(window_failures=0, share_points=0)
    assert advance(NEW, blips, in_a_row).transitions == ()


@given(HISTORIES, RULES)
def test_traffic_alone_never_opens_an_incident(ticks: list[Tick], rule: Rule) -> None:
    traffic = [tick._replace(is_probe=False) for tick in ticks]

    assert advance(NEW, traffic, rule).transitions == ()


TIMES = st.dictionaries(
    st.tuples(st.sampled_from(State), st.booleans()), st.integers(0, 10**11), max_size=8
)


@given(TIMES, st.integers(1, 10**11))
def test_a_down_slice_never_raises_availability(
    times: dict[tuple[State, bool], int], more_ms: int
) -> None:
    before = judge(times, sum(times.values()))
    worse = times | {(State.DOWN, False): before.down_ms + more_ms}
    after = judge(worse, sum(worse.values()))

    assert after.percent_milli is not None
    assert after.percent_milli <= (before.percent_milli or 0) or before.percent_milli is None
    assert after.percent_milli < 100_000


@given(HISTORIES, st.data())
def test_any_partition_of_a_window_sums_to_it(ticks: list[Tick], data: st.DataObject) -> None:
    health, spans, _ = advance(NEW, ticks, Rule())
    whole = Window(NEW.created_ms, health.settled_ms)
    cut_ms = data.draw(st.integers(whole.from_ms, whole.to_ms))
    parts = [Window(whole.from_ms, cut_ms), Window(cut_ms, whole.to_ms)]

    sums = [sum_by_state(spans, part, [Window(1040, 1100)]) for part in parts]
    added = {key: sum(part.get(key, 0) for part in sums) for key in sums[0] | sums[1]}
    assert added == sum_by_state(spans, whole, [Window(1040, 1100)])
    assert sum(added.values()) == whole.length_ms
