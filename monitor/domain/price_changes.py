"""Price changes: what an endpoint that is in use costs otherwise, and what that comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.amounts import dollars
from monitor.domain.baskets import Sums
from monitor.domain.offers import differences
from monitor.domain.prices import PER_UNIT, PriceList, in_force
from monitor.domain.savings import value_nano_usd
from monitor.domain.tiers import Moment

#: Of how many days the effect on spend is estimated.
EFFECT_DAYS = 30
_MILLION, _PICO_PER_NANO = 1_000_000, 1_000
#: What has other hours has these at noon of UTC.
_STANDARD = Moment(minute=12 * 60)
_LISTED = 4


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What an endpoint costs otherwise: pico-dollars of each leaf, before and after.

    It holds from `at_ms` on, or is proposed then, by `source`. `effect_nano_usd` is what the
    calls of the last 30 days would have cost more at the new rates, where both price all of them.
    """

    endpoint: str
    provider: str
    source: str
    is_proposed: bool
    at_ms: int
    rates: Mapping[str, tuple[int | None, int]]
    spent_nano_usd: int
    effect_nano_usd: int | None


def effect(leaves: Sequence[int], old: PriceList, new: PriceList) -> int | None:
    """What so many units cost more at new rates than at old ones, as small standard calls."""
    sums = Sums(tuple(leaves), 0, 0, 0)
    before, after = (value_nano_usd(sums, each.rates_at(_STANDARD)) for each in (old, new))
    return None if before is None or after is None else after - before


class Turn(NamedTuple):
    """A price that took the place of another at an instant."""

    old: PriceList
    new: PriceList
    at_ms: int


def last_turn(lists: Sequence[PriceList], now_ms: int) -> Turn | None:
    """When what holds now came to hold, and instead of what; a first price takes no one's place."""
    new = in_force(lists, now_ms)
    if new is None:
        return None
    at_ms = max(new.valid_from_ms, new.recorded_ms)
    others = [each for each in lists if each is not new and each.recorded_ms <= at_ms]
    old = in_force(others, at_ms - 1)
    return None if old is None or not differences(new, old) else Turn(old, new, at_ms)


def spell(rates: Mapping[str, Iterable[int | None]]) -> str:
    """`input $2.50 → $3.00, output $10.00 → $12.00 per M tokens`."""
    tokens = {leaf: each for leaf, each in rates.items() if leaf not in PER_UNIT}
    units = {leaf: each for leaf, each in rates.items() if leaf in PER_UNIT}
    said = []
    if tokens:
        listed = [_pair(leaf, each, _MILLION) for leaf, each in list(tokens.items())[:_LISTED]]
        more = len(tokens) - len(listed)
        rest = f" and {more} more" if more > 0 else ""
        said.append(f"{', '.join(listed)}{rest} per M tokens")
    said += [f"{_pair(leaf, each, 1)} each" for leaf, each in units.items()]
    return "; ".join(said)


def _pair(leaf: str, rates: Iterable[int | None], units: int) -> str:
    before, after = (_rate(each, units) for each in rates)
    return f"{leaf.replace('_', ' ')} {before} → {after}"


def _rate(pico_usd: int | None, units: int) -> str:
    return "none" if pico_usd is None else dollars(pico_usd * units // _PICO_PER_NANO)
