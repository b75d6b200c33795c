from datetime import date

import pytest

from monitor.domain.retirements import SETTINGS, Retirement, holding, spell, step

DAY = date(2027, 1, 14).toordinal()


def test_of_several_sources_the_earliest_day_holds() -> None:
    told = [Retirement(1, DAY, "b"), Retirement(1, DAY - 1, "c"), Retirement(2, DAY, "b")]

    assert holding(told) == {1: told[1], 2: told[2]}


def test_the_settings_are_believed_before_every_source() -> None:
    own = Retirement(1, DAY + 90, SETTINGS)

    assert holding([Retirement(1, DAY, "a"), own]) == {1: own}


@pytest.mark.parametrize(
    ("left", "nearest"),
    [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)
def test_a_day_that_nears_comes_within_one_distance_after_another(
    left: int, nearest: int | None
) -> None:
    assert step(left, (30, 7, 1)) == nearest


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (DAY - 51, "Served until 14 Jan 2027 (UTC), for 51 days more, according to litellm"),
        (DAY - 1, "Served until 14 Jan 2027 (UTC), for its last day, according to litellm"),
        (DAY, "No longer served since 14 Jan 2027 (UTC), according to litellm"),
    ],
)
def test_it_is_told_until_when_a_model_is_served(today: int, said: str) -> None:
    assert spell(Retirement(1, DAY, "litellm"), today) == said
