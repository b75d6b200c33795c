from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.rule_parameters import Share
from monitor.domain.rule_shares import Explained, Judge, Minute
from monitor.domain.rules import AlertRule, RuleName
from monitor.domain.windows import MINUTE_MS

SHARE = Share(percent=10, close_percent=5, window_min=5, least_calls=50)
RULE = AlertRule(RuleName.ERRORS, SHARE)
GOOD, BAD = Outcome.OK, Outcome.OVERLOADED


def minute(number: int, good: int, bad: int) -> Minute:
    return Minute(number, {result: n for result, n in ((GOOD, good), (BAD, bad)) if n})


def found(
    *minutes: Minute, rule: AlertRule[Share] = RULE, told: tuple[Explained, ...] = ()
) -> list[tuple[bool, int]]:
    findings = Judge(rule, "1").hear(minutes, told)
    return [(each.is_firing, each.at_ms // MINUTE_MS) for each in findings]


def test_a_tenth_of_fifty_calls_opens_and_less_than_a_twentieth_closes() -> None:
    [opening, closing] = Judge(RULE, "1").hear(
        [minute(7, 20, 0), minute(8, 25, 5), minute(9, 40, 0), minute(13, 100, 4)], ()
    )

    assert (opening.is_firing, opening.since_ms, opening.at_ms) == (True, 480_000, 540_000)
    assert opening.facts == {
        "failed": 5,
        "calls": 50,
        "window_min": 5,
        "classes": {"overloaded": 5},
    }
    assert (closing.is_firing, closing.at_ms) == (False, 840_000)


@pytest.mark.parametrize(
    ("counts", "is_opened"),
    [
        ({GOOD: 44, BAD: 5}, False),  # 49 calls, one too few
        ({GOOD: 46, BAD: 5}, False),  # 5 of 51: 9.8 %
        ({GOOD: 45, BAD: 5}, True),
        ({GOOD: 40, BAD: 5, Outcome.BAD_REQUEST: 5, Outcome.RATE_LIMITED: 9}, False),
        ({GOOD: 45, LocalFailure.NETWORK_LOCAL: 50, LocalFailure.MONITOR_ERROR: 50}, False),
    ],
)
def test_callers_accounts_and_we_ourselves_are_never_counted_as_errors(
    counts: Mapping[Result, int],
    is_opened: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert (found(Minute(1, counts)) == [(True, 2)]) is is_opened


def test_rate_limits_are_a_share_of_all_that_reached_the_provider() -> None:
    rule = AlertRule(RuleName.RATE_LIMITS, SHARE)
    local = {LocalFailure.NETWORK_LOCAL: 900}

    assert found(Minute(1, {GOOD: 40, BAD: 5, Outcome.RATE_LIMITED: 5} | local), rule=rule)
    assert not found(Minute(1, {GOOD: 41, BAD: 5, Outcome.RATE_LIMITED: 5}), rule=rule)


def test_silence_opens_nothing_and_closes_nothing() -> None:
    assert found(minute(1, 0, 60), minute(500, 9, 0)) == [(True, 2)]


def test_what_an_outage_tells_is_counted_in_no_share() -> None:
    outage = Explained(10 * MINUTE_MS, 12 * MINUTE_MS, 10 * MINUTE_MS + 30_000, 12 * MINUTE_MS)
    minutes = [minute(9, 60, 0), minute(10, 0, 60), minute(11, 0, 60), minute(12, 60, 0)]

    assert found(*minutes, told=(outage,)) == []
    assert found(*minutes) == [(True, 11)]


def test_an_outage_is_known_a_minute_after_the_end_of_the_minute_at_the_latest() -> None:
    late = Explained(10 * MINUTE_MS, None, 12 * MINUTE_MS + 1, None)

    assert found(minute(10, 0, 60), told=(late,)) == [(True, 11)]
    assert found(minute(10, 0, 60), told=(late._replace(confirmed_ms=12 * MINUTE_MS),)) == []


MINUTES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 80), st.integers(0, 12)), max_size=40
)


def spread(told: list[tuple[int, int, int]]) -> list[Minute]:
    at, minutes = 0, []
    for gap, good, bad in told:
        at += gap
        minutes.append(minute(at, good, bad))
    return minutes


@given(MINUTES, st.integers(0, 40))
def test_minutes_all_at_once_or_one_by_one_come_to_the_same(
    told: list[tuple[int, int, int]], cut: int
) -> None:
    minutes, judge = spread(told), Judge(RULE, "1")
    parts = [*judge.hear(minutes[:cut], ()), *judge.hear(minutes[cut:], ())]

    assert parts == list(Judge(RULE, "1").hear(minutes, ()))


@given(MINUTES)
def test_openings_and_closings_take_turns(told: list[tuple[int, int, int]]) -> None:
    says = [is_firing for is_firing, _ in found(*spread(told))]

    assert says == [n % 2 == 0 for n in range(len(says))]


@given(st.lists(st.sampled_from([5, 6, 7, 8, 9, 10]), min_size=1, max_size=60))
def test_a_share_between_both_thresholds_never_flaps(percents: list[int]) -> None:
    minutes = [minute(5 * n, 100 - percent, percent) for n, percent in enumerate(percents, 1)]

    assert len(found(*minutes)) <= 1
