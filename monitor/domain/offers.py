"""Offers: prices that a source names, and what makes one doubt them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.domain.prices import PER_UNIT, PriceList, Rate
from monitor.domain.retirements import Retiring
from monitor.domain.tiers import Moment

_JUMP = 10
#: Between dollars a token and dollars a million tokens.
_MIX_UP = 100_000
#: In pico-dollars a token: no model asks more than $1,000 a million tokens, or less than $0.0001.
_MOST, _LEAST = 1_000_000_000, 100


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source says that an endpoint costs; `name` is what it calls the model."""

    endpoint: str
    name: str
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a source's document says of our endpoints, and what of it was not understood."""

    offers: tuple[Offer, ...] = ()
    remarks: tuple[str, ...] = ()
    retiring: tuple[Retiring, ...] = ()


def doubts(offered: PriceList, standing: PriceList | None) -> tuple[str, ...]:
    """Why somebody should look before an offer is accepted; none where it is within reason."""
    return tuple(_doubts(_plain(offered), {} if standing is None else _plain(standing)))


def differences(offered: PriceList, standing: PriceList) -> dict[str, tuple[int | None, int]]:
    """The leaves that an offer prices otherwise, in pico-dollars: before, and by the offer."""
    new, old = _plain(offered), _plain(standing)
    return {leaf: (old.get(leaf), pico) for leaf, pico in new.items() if old.get(leaf) != pico}


def _doubts(new: Mapping[str, int], old: Mapping[str, int]) -> Iterator[str]:
    for leaf, pico in new.items():
        before = old.get(leaf)
        if before is None:
            if leaf not in PER_UNIT and pico and not _LEAST <= pico <= _MOST:
                yield f"{leaf}: is that dollars a million tokens, not dollars a token?"
        elif bool(before) != bool(pico):
            yield f"{leaf}: {'free until now' if pico else 'free from now on'}"
        elif before and max(before, pico) >= _MIX_UP * min(before, pico):
            yield f"{leaf}: dollars a token taken for dollars a million, or the other way"
        elif before and max(before, pico) >= _JUMP * min(before, pico):
            yield f"{leaf}: {_JUMP} times or more of a change"
    yield from (f"{leaf}: no price any more" for leaf in old if leaf not in new)


def _plain(prices: PriceList) -> dict[str, int]:
    """The rates of a small standard call at midnight."""
    leaves = dict.fromkeys(rate.leaf for rate in prices.rates)
    found = {leaf: prices.rate(leaf, Moment()) for leaf in leaves}
    return {leaf: rate.pico_usd for leaf, rate in found.items() if rate is not None}
