"""Price words: a price list as a reader wants it: dollars, conditions, who says so, how old."""

from collections import defaultdict
from collections.abc import Iterable

from dashboard import format as fmt
from dashboard.choices import Choice
from monitor.domain import weekdays
from monitor.domain.prices import PER_UNIT, Authority, PriceList, Rate
from monitor.domain.tiers import TierRule
from monitor.domain.weekdays import EVERY_DAY
from monitor.domain.windows import DAY_MS

WHO = {
    Authority.CATALOGUE: "bundled catalogue",
    Authority.ACCEPTED: "accepted proposal",
    Authority.SETTINGS: "your settings",
    Authority.HAND: "set by hand",
}
_NAMES = {
    "cache_read": "cached",
    "cache_write": "cache write",
    "cache_write_5m": "cache write 5 min",
    "cache_write_1h": "cache write 1 h",
    "input_audio": "audio in",
    "cache_read_audio": "audio cached",
    "output_audio": "audio out",
    "input_image": "image in",
    "output_image": "image out",
    "images": "an image",
    "requests": "a request",
    "searches": "a search",
}
_RULES = {
    TierRule.INPUT: "above {} in",
    TierRule.TOTAL: "above {} in and out",
    TierRule.BEYOND: "each beyond {}",
}
#: These have columns of their own.
PLAIN = ("input", "output", "cache_read")


def leaf_name(leaf: str) -> str:
    """What a kind of tokens is called."""
    return _NAMES.get(leaf, leaf)


def usd(rate: Rate | None) -> str:
    """Dollars per million tokens, or for one."""
    if rate is None:
        return "—"
    return fmt.rate(rate.pico_usd if rate.leaf not in PER_UNIT else rate.pico_usd // 1_000_000)


def others(price: PriceList) -> str:
    """Everything but the plain rates of the columns: other kinds, steps, hours, tiers, in words."""
    if price.rates and not any(rate.pico_usd for rate in price.rates):
        return "everything free"
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for rate in price.rates:
        when = _condition(rate)
        if when or rate.leaf not in PLAIN:
            parts[when].append(f"{leaf_name(rate.leaf)} {usd(rate)}")
    return "; ".join(_phrase(when, told) for when, told in sorted(parts.items()))


def every_rate(price: PriceList) -> str:
    """All rates in words."""
    plain = [rate for rate in price.rates if rate.leaf in PLAIN and not _condition(rate)]
    told = [f"{leaf_name(each.leaf)} {usd(each)}" for each in plain]
    return "; ".join(part for part in (", ".join(told), others(price)) if part)


def _phrase(when: str, told: Iterable[str]) -> str:
    listed = ", ".join(told)
    return f"{when}: {listed}" if when else listed


def _condition(rate: Rate) -> str:
    tier = "" if rate.service_tier is None else str(rate.service_tier)
    size = ""
    if rate.above_tokens >= 0:
        size = _RULES[rate.tier_rule].format(fmt.tokens(rate.above_tokens))
    hours = ""
    if rate.from_minute is not None and rate.to_minute is not None:
        hours = f"{_clock(rate.from_minute)}–{_clock(rate.to_minute)} UTC{_days(rate)}"
    return ", ".join(part for part in (tier, size, hours) if part)


def _days(rate: Rate) -> str:
    if rate.weekdays == EVERY_DAY:
        return ""
    spelled = weekdays.spell(rate.weekdays).title().replace("-", "–").replace(",", ", ")
    return f" from {spelled}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def age(instant_ms: int, choice: Choice) -> str:
    """How long ago, in days at the coarsest."""
    days = (choice.now_ms - instant_ms) // DAY_MS
    return fmt.plural(days, "day") if days else "today"


def since(instant_ms: int, choice: Choice) -> str:
    """When something began; the beginning of time has no date."""
    return "ever" if instant_ms == 0 else fmt.clock(instant_ms, choice.zone, choice.now_ms)
