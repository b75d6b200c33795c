"""Prices of a settings file: their shape, and the rates that they come to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import time
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import chain
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from monitor.domain.money import PICO_PER_USD, pico_from_usd_per_million
from monitor.domain.prices import PER_UNIT, Authority, PriceList, Rate
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import LEAVES
from monitor.domain.weekdays import pack
from monitor.settings.base import AMOUNT_SCHEMA, NAMES_SCHEMA, TEXT_SCHEMA, Shape, Whole
from monitor.settings.problems import KeyPath
from monitor.settings.times import read_clock, read_weekdays
from monitor.settings.values import read_percent, read_rate, read_unit_price

Usd = Annotated[Decimal, BeforeValidator(read_rate), WithJsonSchema(AMOUNT_SCHEMA)]
UnitPrice = Annotated[Decimal, BeforeValidator(read_unit_price), WithJsonSchema(AMOUNT_SCHEMA)]
Percent = Annotated[Decimal, BeforeValidator(read_percent), WithJsonSchema(AMOUNT_SCHEMA)]
Weekdays = Annotated[frozenset[int], PlainValidator(read_weekdays), WithJsonSchema(NAMES_SCHEMA)]
Clock = Annotated[time, PlainValidator(read_clock), WithJsonSchema(TEXT_SCHEMA)]
_MOST_PERCENT, _FREE_PERCENT = 1_000, 100
_TIERS = (ServiceTier.BATCH, ServiceTier.FLEX, ServiceTier.PRIORITY)


class RatesShape(Shape):
    """What is paid: USD per million tokens, but for images, requests and searches: USD for one."""

    input: Usd | None = Field(None, description="Uncached input tokens.")
    output: Usd | None = Field(None, description="Visible output tokens.")
    cache_read: Usd | None = Field(None, description="Cached input; without it, as input.")
    cache_write: Usd | None = Field(None, description="Written to a cache; without it, as input.")
    cache_write_5m: Usd | None = Field(None, description="Written to a cache for 5 minutes.")
    cache_write_1h: Usd | None = Field(None, description="Written to a cache for an hour.")
    reasoning: Usd | None = Field(None, description="Reasoning tokens; without it, as output.")
    input_audio: Usd | None = Field(None, description="Audio input tokens.")
    cache_read_audio: Usd | None = Field(None, description="Cached audio input tokens.")
    output_audio: Usd | None = Field(None, description="Audio output tokens.")
    input_image: Usd | None = Field(None, description="Image input tokens, where apart.")
    output_image: Usd | None = Field(None, description="Image output tokens, where apart.")
    images: UnitPrice | None = Field(None, description="One image, where images are billed so.")
    requests: UnitPrice | None = Field(None, description="One request.")
    searches: UnitPrice | None = Field(None, description="One web search.")


class AboveShape(RatesShape):
    """What calls pay that are larger than a threshold; what it does not name stays as it is."""

    tokens: Annotated[Whole, Field(ge=0)] = Field(
        description="The threshold; a call of just as many tokens is below it."
    )
    counts: TierRule = Field(
        TierRule.INPUT,
        description="What has to be more than that: input (all input tokens, cached ones too) or "
        "total (input and output), and then every token of the call costs this; or beyond, where "
        "only those tokens of a kind cost it that lie beyond the threshold.",
    )


class HoursShape(RatesShape):
    """What calls pay that start in these hours of UTC; what it does not name stays as it is."""

    from_: Clock = Field(alias="from", description="Begin, by UTC: 16:30.")
    to: Clock = Field(description="End, by UTC; before the begin, it is on the next day: 00:30.")
    days: Weekdays = Field(
        frozenset(range(7)),
        description="Only where they begin on these weekdays of UTC: [saturday, sunday].",
    )
    above: tuple[AboveShape, ...] = Field((), description="Larger calls in these hours.")


class TierShape(RatesShape):
    """What calls pay that are served at a tier. Where it names none, they are unpriced."""

    above: tuple[AboveShape, ...] = Field((), description="What larger calls pay.")
    hours: tuple[HoursShape, ...] = Field((), description="What calls pay at hours of the day.")


class PriceShape(TierShape):
    """Your own price of a model, which wins over the catalogue's. `price: 0` means free."""

    batch: TierShape | None = Field(None, description="Calls that are served at the batch tier.")
    flex: TierShape | None = Field(None, description="Calls that are served at the flex tier.")
    priority: TierShape | None = Field(None, description="Calls that are served at priority.")
    markup: Percent | None = Field(
        None, description="Percent on top of all of it, as for a region: 10 or 10%."
    )
    discount: Percent | None = Field(
        None, description="Percent off all of it, as in a contract: 15 or 15%."
    )

    @model_validator(mode="before")
    @classmethod
    def _expand_free(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the file says
        if value in (0, "0", "free") and not isinstance(value, bool):
            return dict.fromkeys(LEAVES, 0)
        if not isinstance(value, dict):
            raise ValueError(  # noqa: TRY004 - pydantic collects these
                "is no price; write 0 where it is free, else what is paid, each on its own line: "
                "`input: 2.50`, `output: 10` (USD per million tokens)"
            )
        return value


#: The keys of the parts of a price, by where they stand in it.
PARTS: dict[str, type[Shape]] = {
    "above": AboveShape,
    "hours": HoursShape,
    **dict.fromkeys(_TIERS, TierShape),
}


def fields_of_price(path: KeyPath) -> frozenset[str] | None:
    """The keys that a place within a price may hold; `None` where there is no such place."""
    named = [step for step in path if isinstance(step, str)]
    shape = PARTS.get(named[-1]) if named else PriceShape
    if shape is None:
        return None
    return frozenset(field.alias or name for name, field in shape.model_fields.items())


def build_price(
    shape: PriceShape | None, path: KeyPath, blame: Callable[[KeyPath, str], None]
) -> PriceList | None:
    """The price list of a shape; what is wrong with it is blamed, place by place."""
    if shape is None:
        return None
    faults = list(_find_faults(shape))
    for within, text in faults:
        blame((*path, *within), text)
    return None if faults else _price_list(shape)


def _price_list(shape: PriceShape) -> PriceList:
    factor = _factor(shape)
    rates = tuple(replace(rate, pico_usd=_scale(rate.pico_usd, factor)) for rate in _all(shape))
    return PriceList(rates, "settings", valid_from_ms=0, authority=Authority.SETTINGS)


def _find_faults(shape: PriceShape) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with a price as a whole, and where in it."""
    if (shape.markup or 0) > _MOST_PERCENT:
        yield ("markup",), f"is more than {_MOST_PERCENT} percent; write what comes on top"
    if (shape.discount or 0) > _FREE_PERCENT:
        yield ("discount",), "is more than 100 percent; write what is taken off"
    if not any(True for _ in _all(shape)):
        yield (), "names no rate; add input and output, or write 0 where it is free"
    yield from _find_twins(shape, ())
    for tier in _TIERS:
        of_tier = getattr(shape, tier)
        if of_tier is not None:
            yield from _find_twins(of_tier, (tier.value,))


def _find_twins(shape: TierShape, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Steps of one threshold, and hours that are said twice: nobody knows which one holds."""
    yield from _find_same(shape.above, (*path, "above"))
    seen: set[tuple[time, time, int]] = set()
    for number, each in enumerate(shape.hours):
        told = {(each.from_, each.to, day) for day in each.days}
        if told & seen:
            yield (*path, "hours", number, "from"), "says these hours again; say each once"
        seen |= told
        yield from _find_same(each.above, (*path, "hours", number, "above"))


def _find_same(steps: Iterable[AboveShape], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    seen: set[tuple[TierRule, int]] = set()
    for number, step in enumerate(steps):
        if (step.counts, step.tokens) in seen:
            yield (*path, number, "tokens"), "says this threshold again; say each once"
        seen.add((step.counts, step.tokens))


def _factor(shape: PriceShape) -> Decimal:
    return (1 + (shape.markup or 0) / Decimal(100)) * (1 - (shape.discount or 0) / Decimal(100))


def _scale(pico_usd: int, factor: Decimal) -> int:
    return int((pico_usd * factor).quantize(Decimal(1), ROUND_HALF_EVEN))


def _all(shape: PriceShape) -> Iterator[Rate]:
    yield from _of_tier(shape)
    for tier in _TIERS:
        of_tier: TierShape | None = getattr(shape, tier)
        if of_tier is not None:
            yield from (replace(rate, service_tier=tier) for rate in _of_tier(of_tier))


def _of_tier(shape: TierShape) -> Iterator[Rate]:
    yield from _steps(shape, shape.above)
    for hours in shape.hours:
        start, end = _minute(hours.from_), _minute(hours.to)
        for rate in _steps(hours, hours.above):
            yield replace(rate, from_minute=start, to_minute=end, weekdays=pack(hours.days))


def _steps(base: RatesShape, above: Iterable[AboveShape]) -> Iterator[Rate]:
    steps = (_rates(step, step.tokens, step.counts) for step in above)
    return chain(_rates(base, -1, TierRule.INPUT), *steps)


def _rates(shape: RatesShape, above_tokens: int, rule: TierRule) -> Iterator[Rate]:
    for leaf in LEAVES:
        usd: Decimal | None = getattr(shape, leaf)
        if usd is not None:
            yield Rate(leaf, _pico(leaf, usd), above_tokens, tier_rule=rule)


def _pico(leaf: str, usd: Decimal) -> int:
    return int(usd * PICO_PER_USD) if leaf in PER_UNIT else pico_from_usd_per_million(usd)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
