"""Degraded: how fast and how rightly the last probes were answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Rule
from monitor.domain.pace import LEAST, RECENT, Pace, Sample, advance, p95, same_hours, usual
from monitor.domain.windows import DAY_MS, HOUR_MS

RULE = Rule(slow_cap_us=1_000)
USUAL_US = 500
LIMIT_US = 1_500  # three times what is usual
EASED_US = 1_000  # twice, and the cap


def walk(ttfts_us: list[int], usual_us: int | None = USUAL_US, *, wrong: int = 0) -> list[Sample]:
    """A probe a second; the last `wrong` of them are answered wrongly."""
    first_wrong = len(ttfts_us) - wrong
    return [
        Sample(1_000 * i, 1_000 * i + 500, 1_000, ttft_us, i >= first_wrong, usual_us)
        for i, ttft_us in enumerate(ttfts_us)
    ]


def ends_degraded(samples: list[Sample], rule: Rule = RULE) -> bool:
    return advance(Pace(), samples, rule)[1][-1]


def test_a_latency_that_equals_its_limit_is_within_it() -> None:
    assert not ends_degraded(walk([LIMIT_US] * RECENT))
    assert ends_degraded(walk([LIMIT_US + 1] * RECENT))


def test_degraded_is_left_at_twice_what_is_usual_and_not_before() -> None:
    slow = [LIMIT_US + 1] * RECENT

    assert ends_degraded(walk([*slow, *[EASED_US + 1] * RECENT]))
    assert not ends_degraded(walk([*slow, *[EASED_US] * RECENT]))


def test_under_the_cap_nothing_is_slow_however_fast_it_usually_is() -> None:
    assert not ends_degraded(walk([1_000] * RECENT, usual_us=1))
    assert ends_degraded(walk([1_001] * RECENT, usual_us=1))


def test_fewer_than_ten_say_nothing() -> None:
    assert not ends_degraded(walk([9_999] * (LEAST - 1), wrong=LEAST - 1))
    assert ends_degraded(walk([9_999] * LEAST))


def test_one_slow_answer_in_twenty_is_no_degradation_and_two_are() -> None:
    assert not ends_degraded(walk([100] * 19 + [9_999]))
    assert ends_degraded(walk([100] * 18 + [9_999] * 2))


def test_where_nothing_is_known_of_the_hour_nothing_is_slow() -> None:
    assert not ends_degraded(walk([9_999_999] * RECENT, usual_us=None))


def test_more_than_half_wrong_is_degraded_until_a_quarter_is() -> None:
    assert not ends_degraded(walk([100] * 20, wrong=10))
    assert ends_degraded(walk([100] * 20, wrong=11))
    # Wrong at first, then right: of the last twenty 6, and then 5 are wrong.
    eased = [s._replace(is_wrong=i < 11) for i, s in enumerate(walk([100] * 26))]
    assert advance(Pace(), eased, RULE)[1][-2:] == [True, False]


def test_answers_of_before_a_gap_say_nothing_of_now() -> None:
    pace, _ = advance(Pace(), walk([9_999] * RECENT), RULE)
    last_ms = pace.last_ms or 0

    for late_ms, kept in ((2_000, RECENT), (2_001, 1)):
        sample = Sample(last_ms + late_ms, last_ms + late_ms + 500, 1_000, 9_999, False, USUAL_US)  # noqa: FBT003
        assert len(advance(pace, [sample], RULE)[0].ttfts_us) == kept


def test_a_probe_that_ends_no_later_than_the_newest_changes_nothing() -> None:
    pace, _ = advance(Pace(), walk([100] * RECENT), RULE)

    assert advance(pace, walk([9_999] * RECENT), RULE) == (pace, [False] * RECENT)


def test_a_probe_without_a_first_token_counts_in_quality_alone() -> None:
    silent = [s._replace(ttft_us=None) for s in walk([0] * RECENT, wrong=RECENT)]
    pace, said = advance(Pace(), silent, RULE)

    assert (pace.ttfts_us, len(pace.wrongs), said[-1]) == ((), RECENT, True)


def test_the_same_hour_is_that_of_the_seven_days_before() -> None:
    hour = 10 * 24 + 5
    windows = same_hours(hour)

    assert [w.from_ms for w in windows] == [hour * HOUR_MS - d * DAY_MS for d in range(7, 0, -1)]
    assert {w.length_ms for w in windows} == {HOUR_MS}


@pytest.mark.parametrize(("values", "expected"), [([5] * 4, None), ([9, 1, 8, 2, 3], 3)])
def test_what_is_usual_is_a_median_of_at_least_five(
    values: list[int], expected: int | None
) -> None:
    assert usual(values) == expected


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40))
def test_p95_is_the_smallest_value_that_95_percent_do_not_exceed(values: list[int]) -> None:
    found = p95(values)

    covered = [v for v in sorted(values) if 100 * sum(x <= v for x in values) >= 95 * len(values)]
    assert found == covered[0]


@given(
    st.lists(st.tuples(st.sampled_from([100, 1_000, 1_501, 9_999]), st.booleans()), max_size=60),
    st.integers(0, 60),
)
def test_a_replay_in_any_batches_says_the_same(drawn: list[tuple[int, bool]], cut: int) -> None:
    samples = [s._replace(is_wrong=w) for s, (_, w) in zip(walk([t for t, _ in drawn]), drawn)]  # noqa: B905 -- of one length
    whole = advance(Pace(), samples, RULE)
    pace, before = advance(Pace(), samples[:cut], RULE)
    pace, after = advance(pace, samples[cut:], RULE)

    assert (pace, before + after) == whole
