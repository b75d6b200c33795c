import pytest

from monitor.domain.ailments import (
    DiskLimit,
    Judged,
    Runs,
    RunsLimit,
    Volume,
    above,
    is_lossy,
    is_scarce,
    judge,
)
from monitor.domain.windows import MINUTE_MS
from tests.domain.looks import look

GIB = 1024**3


def judged(lags_s: list[float | None], *, is_firing: bool = False) -> Judged | None:
    """What becomes of a limit of 1 s over five minutes, by a look a minute."""
    looks = [look((n + 1) * MINUTE_MS, lag_s=lag_s) for n, lag_s in enumerate(lags_s)]
    late = above(looks, lambda each: each.lag_s, 1.0)
    return judge(late, 5, len(lags_s) * MINUTE_MS, is_firing=is_firing)


def test_what_was_bad_for_a_while_is_told_with_its_beginning() -> None:
    assert judged([0.0, 1.0, 1.5, 9.0, 1.2, 1.1]) == Judged(is_firing=True, since_ms=2 * MINUTE_MS)


@pytest.mark.parametrize(
    "lags_s",
    [[1.0, 1.0, 0.9, 1.0, 1.0], [2.0, 2.0], [], [None] * 5],
    ids=["one look was good", "too few looks", "no look", "looks that do not know"],
)
def test_what_may_pass_opens_nothing(lags_s: list[float | None]) -> None:
    assert judged(lags_s) is None


def test_it_is_over_when_all_was_well_for_as_long() -> None:
    assert judged([3.0, 0.1, 0.2, 0.1, 0.0, 0.79], is_firing=True) == Judged(
        is_firing=False, since_ms=2 * MINUTE_MS
    )


def test_a_little_below_the_limit_is_not_over() -> None:
    assert judged([0.1, 0.1, 0.8, 0.1, 0.1], is_firing=True) is None


def test_what_is_open_is_not_opened_again() -> None:
    assert judged([2.0] * 6, is_firing=True) is None


@pytest.mark.parametrize(
    ("free", "total", "was", "scarce"),
    [
        (GIB, 10 * GIB, False, False),
        (GIB - 1, 10 * GIB, False, True),
        (2 * GIB, 41 * GIB, False, True),  # 4.9 %
        (2 * GIB, 40 * GIB, False, False),  # 5 %
        (GIB, 10 * GIB, True, True),  # a fifth more than the limit is wanted then
        (GIB * 6 // 5 + 1, 10 * GIB, True, False),
        (0, 0, False, True),
    ],
)
def test_a_volume_has_too_little_room_below_either_limit(
    free: int,
    total: int,
    was: bool,  # noqa: FBT001
    scarce: bool,  # noqa: FBT001
) -> None:
    assert is_scarce(Volume("database", free, total), DiskLimit(), is_firing=was) is scarce


@pytest.mark.parametrize(
    ("runs", "was", "lossy"),
    [
        (Runs(91, 9), False, False),
        (Runs(90, 10), False, True),
        (Runs(92, 8), True, True),
        (Runs(93, 7), True, False),
        (Runs(0, 9), False, False),  # of nine runs no share is told
        (Runs(0, 0), True, True),
    ],
)
def test_a_share_of_the_runs_may_be_missed(
    runs: Runs,
    was: bool,  # noqa: FBT001
    lossy: bool,  # noqa: FBT001
) -> None:
    assert is_lossy(runs, RunsLimit(), is_firing=was) is lossy
