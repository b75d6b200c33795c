"""Money: integer nano-dollars for amounts, integer pico-dollars per unit for rates; no floats."""

from decimal import ROUND_HALF_EVEN, Decimal

NANO_PER_USD = 1_000_000_000
PICO_PER_NANO = 1_000
PICO_PER_USD = NANO_PER_USD * PICO_PER_NANO
_HALF = PICO_PER_NANO // 2


def nano_from_usd(amount_usd: Decimal) -> int:
    """Nano-dollars of an amount, rounded half-even."""
    return int((amount_usd * NANO_PER_USD).quantize(Decimal(1), ROUND_HALF_EVEN))


def usd_from_nano(amount_nano_usd: int) -> Decimal:
    """Dollars of an amount, exactly."""
    return Decimal(amount_nano_usd).scaleb(-9)


def pico_from_usd_per_million(rate_usd: Decimal) -> int:
    """Pico-dollars per unit of a rate quoted in dollars per million units.

    Raises ValueError where the rate is finer than a pico-dollar or below zero.
    """
    rate = rate_usd * (PICO_PER_USD // 1_000_000)
    if rate < 0 or rate != rate.to_integral_value():
        raise ValueError(f"{rate_usd} dollars per million is not a whole, non-negative pico rate")
    return int(rate)


def nano_from_pico(amount_pico_usd: int) -> int:
    """Nano-dollars of a sum of pico-dollars, rounded once, half-even."""
    rounded = (amount_pico_usd + _HALF) // PICO_PER_NANO
    is_tie = amount_pico_usd % PICO_PER_NANO == _HALF
    return rounded - (rounded & 1) if is_tie else rounded
