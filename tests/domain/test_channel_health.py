from functools import reduce

import pytest

from monitor.domain.channel_health import FOR_GOOD, REFUSALS, ChannelHealth, after_try
from monitor.domain.deliveries import Refused
from monitor.domain.windows import DAY_MS, HOUR_MS

BUSY = Refused("answered HTTP 503")
GONE = Refused("answered HTTP 404", is_permanent=True)
OURS = Refused("the database is locked", is_permanent=True, is_ours=True)


def fare(*tries: tuple[Refused | None, int]) -> ChannelHealth:
    return reduce(lambda health, each: after_try(health, *each), tries, ChannelHealth())


def test_three_refusals_for_good_switch_a_channel_off() -> None:
    health = fare(*[(GONE, n) for n in range(FOR_GOOD)])

    assert (health.off_ms, health.off_reason) == (FOR_GOOD - 1, "answered HTTP 404")
    assert not fare(*[(GONE, n) for n in range(FOR_GOOD - 1)]).is_off


def test_a_message_that_is_taken_is_a_new_beginning() -> None:
    assert fare((GONE, 0), (GONE, 1), (None, 2)) == ChannelHealth()
    assert not fare((GONE, 0), (GONE, 1), (None, 2), (GONE, 3)).is_off


@pytest.mark.parametrize(
    ("times", "span_ms", "is_off"),
    [
        (REFUSALS, DAY_MS, True),
        (REFUSALS - 1, DAY_MS, False),
        (REFUSALS, DAY_MS - HOUR_MS, False),
    ],
)
def test_a_day_of_refusals_switches_a_channel_off(
    times: int, span_ms: int, *, is_off: bool
) -> None:
    early = [(BUSY, 0)] * (times - 1)

    assert fare(*early, (BUSY, span_ms)).is_off is is_off


def test_what_failed_on_our_side_says_nothing_of_a_channel() -> None:
    assert fare(*[(OURS, n) for n in range(5)]) == ChannelHealth()


def test_when_it_was_switched_off_stays() -> None:
    assert fare(*[(GONE, n) for n in range(9)]).off_ms == FOR_GOOD - 1
