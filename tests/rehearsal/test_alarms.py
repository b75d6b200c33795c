from math import inf

import pytest

from monitor.rehearsal.alarms import Tally, detected, quantile
from monitor.rehearsal.scenario import YEAR_MS, Event, Trouble

OUTAGE = Event(1_000_000, 2_000_000, Trouble.OUTAGE, 1.0)
STORM = Event(5_000_000, 6_000_000, Trouble.RATE_LIMIT_STORM, 0.5)
BURST = Event(9_000_000, 9_020_000, Trouble.BURST, 1.0)


def judge(*alarms_ms: int) -> Tally:
    tally = Tally(watched_ms=YEAR_MS)
    tally.judge(alarms_ms, [OUTAGE, STORM, BURST])
    return tally


def test_the_delay_runs_from_the_start_of_the_outage_to_its_first_alarm() -> None:
    assert judge(1_030_000, 1_500_000).delays_s == {1.0: [30.0]}


@pytest.mark.parametrize("alarms_ms", [(), (999_999,), (2_000_000,)])
def test_an_outage_without_an_alarm_before_its_end_is_not_detected(
    alarms_ms: tuple[int, ...],
) -> None:
    assert judge(*alarms_ms).delays_s == {1.0: [inf]}


@pytest.mark.parametrize(
    ("at_ms", "false", "strange"),
    [
        (1_500_000, 0, {}),
        (2_500_000, 0, {}),  # late, but it means that outage
        (2_600_000, 1, {}),
        (4_000_000, 1, {}),
        (5_500_000, 0, {Trouble.RATE_LIMIT_STORM: 1}),
        (9_010_000, 1, {}),  # a burst is no outage
    ],
)
def test_an_alarm_means_what_happens_then_or_happened_just_before(
    at_ms: int, false: int, strange: dict[Trouble, int]
) -> None:
    tally = judge(at_ms)

    assert (tally.false, dict(tally.strange)) == (false, strange)


def test_false_alarms_are_told_per_year_of_an_endpoint() -> None:
    assert judge(3_000_000, 4_000_000).false_per_year == 2.0


@pytest.mark.parametrize(
    ("q", "value"), [(0.25, 1.0), (0.5, 2.0), (0.75, 3.0), (0.76, inf), (0.95, inf)]
)
def test_what_was_not_detected_is_longer_than_any_delay(q: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, inf], q) == value


def test_the_detected_share_counts_those_with_a_delay() -> None:
    assert detected([1.0, inf, 2.0, inf]) == 0.5
