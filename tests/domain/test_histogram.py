"""Histograms: exact to merge, bounded in error, small to store."""

from collections import Counter
from math import ceil, inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.histogram import BINS, bin_of, decode, encode, merge, quantile, quantile_s

G = 21 / 19
HISTOGRAMS = st.dictionaries(st.integers(0, BINS - 1), st.integers(1, 2**32 - 1))


@given(st.integers(0, BINS - 2), st.floats(0.001, 0.999))
def test_bin_k_covers_what_lies_between_its_two_powers(k: int, share: float) -> None:
    assert bin_of(G ** (k - 1 + share)) == k


@pytest.mark.parametrize(
    ("units", "k"), [(0, 0), (-5, 0), (1, 0), (1.01, 1), (1e300, BINS - 1), (inf, BINS - 1)]
)
def test_what_lies_outside_is_clipped_into_range(units: float, k: int) -> None:
    assert bin_of(units) == k


@pytest.mark.parametrize("median_ms", [2, 300, 40_000])
@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
def test_a_quantile_is_right_within_four_percent(median_ms: float, q: float) -> None:
    random = Random(7)
    values = sorted(median_ms * 10 * random.lognormvariate(0, 0.5) for _ in range(2000))
    exact = values[ceil(q * len(values)) - 1]

    estimate = quantile(Counter(map(bin_of, values)), q)
    assert estimate == pytest.approx(exact, rel=0.04)


def test_p95_is_right_within_one_percent_on_average() -> None:
    errors = []
    for seed in range(20):
        random = Random(seed)
        values = sorted(random.lognormvariate(8, 0.5) for _ in range(2000))
        estimate = quantile(Counter(map(bin_of, values)), 0.95)
        assert estimate is not None
        errors.append(abs(estimate / values[1899] - 1))

    assert sum(errors) / len(errors) < 0.01


def test_no_values_have_no_quantile() -> None:
    assert quantile({}, 0.5) is None
    assert quantile_s({3: 0}, 0.5) is None


def test_a_quantile_of_durations_is_in_seconds() -> None:
    assert quantile_s({bin_of(10_000): 1}, 1.0) == pytest.approx(1.0, rel=2 / 19)


def test_an_emptied_bin_has_no_say() -> None:
    assert quantile({2: 0, 50: 3, 90: 0}, 0.0) == quantile({50: 3}, 0.0)


@given(HISTOGRAMS.filter(bool), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise_and_stay_within_the_used_bins(
    histogram: dict[int, int], one: float, other: float
) -> None:
    low, high = (quantile(histogram, q) for q in sorted([one, other]))

    assert low is not None
    assert high is not None
    assert G ** (min(histogram) - 1) * 0.999 <= low <= high * 1.000001
    assert high <= G ** max(histogram) * 1.001


@given(st.lists(st.lists(st.floats(0, 1e7))))
def test_merged_parts_are_the_histogram_of_the_whole(parts: list[list[float]]) -> None:
    whole = Counter(bin_of(value) for part in parts for value in part)

    assert merge(Counter(map(bin_of, part)) for part in parts) == whole


@given(HISTOGRAMS)
def test_an_encoding_comes_back_as_it_went(histogram: dict[int, int]) -> None:
    blob = encode(histogram)

    assert decode(blob) == histogram
    assert len(blob) == 5 * len(histogram)
