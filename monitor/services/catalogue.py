"""Catalogue: published prices of hosted models, from the data of the `genai-prices` package.

Its data ship inside the package: nothing is fetched. Importing it takes 0.4 s, so it is imported
at the first question. Rates finer than a pico-dollar are rounded to one, half-even.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.collectors.genai_prices import LEAVES
from monitor.domain.endpoints import DATED, Endpoint
from monitor.domain.money import PICO_PER_USD
from monitor.domain.prices import PriceList, Rate, in_force
from monitor.domain.roster import provider_at
from monitor.domain.windows import DAY_MS

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

_DAY_MINUTES = 24 * 60
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of the UTC day [from_minute, to_minute) with one price; `None`s: the whole day."""

    price: "ModelPrice"
    from_minute: int | None = None
    to_minute: int | None = None


def load() -> None:
    """Have the data at hand, which takes 0.4 s the first time; for whoever must not wait later."""
    price_lists("https://api.openai.com/v1", "gpt-4o")


def price_of(endpoint: Endpoint, at_ms: int) -> PriceList | None:
    """The published price of an endpoint in force at an instant; `None`: not in the catalogue."""
    lists = price_lists(endpoint.target.base_url, endpoint.model_name)
    return in_force(lists, at_ms)


def effective_prices(
    endpoints: Iterable[Endpoint], own: Mapping[str, PriceList | None], at_ms: int
) -> dict[str, PriceList]:
    """The price of each endpoint by id: the settings' own, else the catalogue's, else no entry."""
    prices = {e.id: own.get(e.id) or price_of(e, at_ms) for e in endpoints}
    return {endpoint: price for endpoint, price in prices.items() if price is not None}


@lru_cache(maxsize=4096)
def price_lists(base_url: str, model_name: str) -> tuple[PriceList, ...]:
    """All published prices of a model behind a base URL, past and announced, in order of time.

    Looked up by the exact id, then the id without its date, then the catalogue's own rules.
    Empty where the URL belongs to no provider of the catalogue, whatever the model's name.
    """
    provider = _find_provider(base_url)
    model = None if provider is None else _find_model(provider, model_name)
    if provider is None or model is None:
        return ()
    source = f"genai-prices {_version()}: {provider.id}/{model.id}"
    return tuple(_dated_lists(model, source))


@lru_cache(maxsize=256)
def _find_provider(base_url: str) -> "Provider | None":
    from genai_prices.data import providers  # noqa: PLC0415 - 0.4 s, only where asked

    known = provider_at(base_url)
    name = None if known is None else known.price_id
    by_host = (p for p in providers if re.match(p.api_pattern, base_url) and p.models)
    matching = by_host if name is None else (p for p in providers if p.id == name)
    return next(matching, None)


def _find_model(provider: "Provider", name: str) -> "ModelInfo | None":
    from genai_prices.data import providers  # noqa: PLC0415 - as above

    exact = _by_id(provider, name)
    if exact is not None or _names_alias(provider, name):
        return exact or provider.find_model(name)
    undated = _by_id(provider, DATED.sub("", name))
    return undated or provider.find_model(name, all_providers=providers)


def _by_id(provider: "Provider", name: str) -> "ModelInfo | None":
    return next((m for m in provider.models if m.id.lower() == name.lower()), None)


def _names_alias(provider: "Provider", name: str) -> bool:
    """Whether the catalogue lists this very name as another name of a model."""
    return any(name.lower() in _equals(model.match) for model in provider.models)


def _equals(clause: object) -> frozenset[str]:
    own = getattr(clause, "equals", None)
    inner = getattr(clause, "or_", ())
    names = frozenset() if own is None else frozenset({str(own).lower()})
    return names.union(*(_equals(part) for part in inner))


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import, rarely needed

    return version("genai-prices")


def _dated_lists(model: "ModelInfo", source: str) -> Iterable[PriceList]:
    """One list for each span between two start dates that changes anything."""
    starts = _starts_ms(model)
    for start_ms, end_ms in zip(starts, [*starts[1:], None], strict=True):
        rates = tuple(rate for span in _spans(model, start_ms) for rate in _rates(span))
        if rates:
            yield PriceList(rates, source, valid_from_ms=start_ms, valid_to_ms=end_ms)


def _starts_ms(model: "ModelInfo") -> list[int]:
    dates = {
        constraint.start_date
        for constraint, _ in _entries(model)
        if hasattr(constraint, "start_date")
    }
    return [0, *sorted((day.toordinal() - _EPOCH) * DAY_MS for day in dates)]


def _entries(model: "ModelInfo") -> list[tuple[object, "ModelPrice"]]:
    """Constraint and price, in order; of those that hold at a time, the last one wins."""
    if isinstance(model.prices, list):
        return [(entry.constraint, entry.prices) for entry in model.prices]
    return [(None, model.prices)]


def _spans(model: "ModelInfo", start_ms: int) -> list[_Span]:
    """The UTC day from a start on, cut where the price changes with the time of day."""
    cuts = sorted({minute for entry in _entries(model) for minute in _cuts(entry[0])})
    if len(cuts) < 2:  # noqa: PLR2004 - a window has two ends
        return [_Span(_price_at(model, start_ms, 0))]
    ends = [*cuts[1:], cuts[0]]
    return [_Span(_price_at(model, start_ms, a), a, b) for a, b in zip(cuts, ends, strict=True)]


def _cuts(constraint: object) -> tuple[int, ...]:
    ends = (getattr(constraint, "start_time", None), getattr(constraint, "end_time", None))
    return tuple(_minute(end) for end in ends if isinstance(end, time))


def _minute(clock: time) -> int:
    """The minute of the UTC day; what the catalogue's windows fall on."""
    return (clock.hour * 60 + clock.minute) % _DAY_MINUTES


def _price_at(model: "ModelInfo", start_ms: int, minute: int) -> "ModelPrice":
    from datetime import UTC, timedelta  # noqa: PLC0415

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start_ms, minutes=minute)
    return model.get_prices(moment)


def _rates(span: _Span) -> Iterable[Rate]:
    listed = {key: price for key, price in vars(span.price).items() if price is not None}
    for key, (leaves, per) in LEAVES.items():
        if key in listed:
            yield from _leaf_rates(
                span, [x for x in leaves if _is_own(x, key, listed)], listed[key], per
            )


def _is_own(leaf: str, key: str, listed: Mapping[str, object]) -> bool:
    """A five-minute cache write has its own price only where one is listed beside."""
    return (
        leaf != "cache_write_5m"
        or key == "cache_write_5m_mtok"
        or "cache_write_5m_mtok" not in listed
    )


def _leaf_rates(span: _Span, leaves: Iterable[str], price: object, per: int) -> Iterable[Rate]:
    base = getattr(price, "base", price)
    steps = [(-1, base), *((t.start, t.price) for t in getattr(price, "tiers", ()))]
    for leaf in leaves:
        for above, usd in steps:
            yield Rate(leaf, _pico(usd, per), above, span.from_minute, span.to_minute)


def _pico(usd: Decimal, per: int) -> int:
    return int((usd * PICO_PER_USD / per).quantize(Decimal(1), ROUND_HALF_EVEN))
