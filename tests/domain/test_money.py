"""Money: whole nano-dollars, rounded once, half-even."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.money import (
    nano_from_pico,
    nano_from_usd,
    pico_from_usd_per_million,
    usd_from_nano,
)


@given(st.integers(-(10**15), 10**15))
def test_pico_dollars_are_rounded_half_even(pico: int) -> None:
    assert nano_from_pico(pico) == round(Fraction(pico, 1000))


@pytest.mark.parametrize(("pico", "nano"), [(500, 0), (1500, 2), (2500, 2), (501, 1), (499, 0)])
def test_a_half_goes_to_the_even_nano_dollar(pico: int, nano: int) -> None:
    assert nano_from_pico(pico) == nano


@given(st.integers(-(10**18), 10**18))
def test_dollars_and_nano_dollars_convert_exactly(nano: int) -> None:
    assert nano_from_usd(usd_from_nano(nano)) == nano


@pytest.mark.parametrize(("usd", "nano"), [("0.0000000005", 0), ("0.0000000015", 2), ("1", 10**9)])
def test_an_amount_in_dollars_is_rounded_half_even(usd: str, nano: int) -> None:
    assert nano_from_usd(Decimal(usd)) == nano


@pytest.mark.parametrize(("usd", "pico"), [("2.5", 2_500_000), ("0.000001", 1), ("0", 0)])
def test_a_quoted_rate_is_whole_pico_dollars(usd: str, pico: int) -> None:
    assert pico_from_usd_per_million(Decimal(usd)) == pico


@pytest.mark.parametrize("usd", ["0.0000005", "-1"])
def test_a_rate_that_is_no_whole_pico_dollars_is_refused_by_name(usd: str) -> None:
    with pytest.raises(ValueError, match="dollars per million is not a whole") as refusal:
        pico_from_usd_per_million(Decimal(usd))

    assert str(Decimal(usd)) in str(refusal.value)
