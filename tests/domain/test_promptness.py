import pytest

from monitor.domain.promptness import Promptness, Took, rank, sum_up


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([7], 50, 7), ([1, 2], 50, 1), ([1, 2, 3], 50, 2), (list(range(1, 101)), 95, 95)],
)
def test_percentiles_are_nearest_rank(values: list[int], percent: int, found: int) -> None:
    assert rank(values, percent) == found


def test_what_was_held_is_told_apart() -> None:
    arrived = [Took("ops", 0, own_ms, held_ms) for own_ms, held_ms in ((900, 1_500), (300, 0))]

    assert sum_up(arrived) == Promptness(2, 300, 900, 900, 1_500)


def test_nothing_that_arrived_is_no_promptness() -> None:
    assert sum_up([]) is None
