"""Usage: leaves that are counted once."""

import pytest

from monitor.domain.usage import INPUT_LEAVES, LEAVES, ContradictoryUsage, Usage

ALL = {leaf: 2**place for place, leaf in enumerate(LEAVES)}


def test_the_leaves_come_in_the_order_of_their_names() -> None:
    assert dict(zip(LEAVES, Usage(**ALL), strict=True)) == ALL


def test_input_and_output_sum_every_token_once() -> None:
    usage = Usage(**ALL)
    units = {"images", "requests", "searches"}

    assert usage.input_total + usage.output_total == sum(
        n for leaf, n in ALL.items() if leaf not in units
    )
    assert usage.input_total == sum(ALL[leaf] for leaf in INPUT_LEAVES)


def test_cached_and_spoken_input_is_input() -> None:
    usage = Usage(input=1, cache_read=10, cache_write_1h=100, cache_read_audio=1000, output=5)

    assert usage.input_total == 1111


def test_reasoning_is_output() -> None:
    assert Usage(input=7, output=1, reasoning=10, output_audio=100).output_total == 111


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_below_zero_is_a_contradiction(leaf: str) -> None:
    with pytest.raises(ContradictoryUsage, match=f"{leaf}=-1"):
        Usage(**{leaf: -1})
