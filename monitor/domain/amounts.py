"""Amounts: money as people read it."""

from decimal import ROUND_HALF_EVEN, Decimal

from monitor.domain.money import usd_from_nano

_SIGNIFICANT = 3


def dollars(nano_usd: int) -> str:
    """`$1,234.50`; below a dollar three significant digits, so that little is not nothing."""
    usd = usd_from_nano(nano_usd)
    if usd == 0:
        return "$0"
    sign, usd = ("−" if usd < 0 else ""), abs(usd)
    places = 2 if usd >= 1 else _SIGNIFICANT - 1 - usd.adjusted()
    rounded = usd.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    text = f"{rounded:,.{places}f}"
    whole, _, cents = text.partition(".")
    return f"{sign}${whole}.{cents.rstrip('0').ljust(2, '0')}"
