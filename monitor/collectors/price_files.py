"""Price files: what LiteLLM's table of models and OpenRouter's lists say that models cost.

What cannot be read of one model is left out; a document that is neither raises ValueError.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from monitor.domain.endpoints import DATED, Endpoint, Flavour
from monitor.domain.money import PICO_PER_USD
from monitor.domain.offers import Offer
from monitor.domain.prices import Rate
from monitor.domain.tiers import ServiceTier

_LITELLM = {
    "input_cost_per_token": ("input",),
    "output_cost_per_token": ("output",),
    "cache_read_input_token_cost": ("cache_read",),
    "cache_creation_input_token_cost": ("cache_write", "cache_write_5m"),
    "output_cost_per_reasoning_token": ("reasoning",),
    "input_cost_per_audio_token": ("input_audio",),
    "output_cost_per_audio_token": ("output_audio",),
    "input_cost_per_image_token": ("input_image",),
    "input_cost_per_request": ("requests",),
}
_ABOVE_1H = "cache_creation_input_token_cost_above_1hr"
_TIERS = {
    "_batches": ServiceTier.BATCH,
    "_flex": ServiceTier.FLEX,
    "_priority": ServiceTier.PRIORITY,
}
_FIELD = re.compile(
    rf"(?P<base>{'|'.join(_LITELLM)})(?:_above_(?P<above>\d{{1,6}})k_tokens)?"
    rf"(?P<tier>{'|'.join(_TIERS)})?"
)
_OPENROUTER = {
    "prompt": ("input",),
    "completion": ("output",),
    "input_cache_read": ("cache_read",),
    "input_cache_write": ("cache_write", "cache_write_5m"),
    "input_cache_write_1h": ("cache_write_1h",),
    "audio": ("input_audio",),
    "audio_output": ("output_audio",),
    "input_audio_cache": ("cache_read_audio",),
    "web_search": ("searches",),
    "request": ("requests",),
}
_CLOCK = re.compile(r"([01]\d|2[0-3])([0-5]\d)")


def offers(document: object, endpoints: Iterable[Endpoint]) -> list[Offer]:
    """What a document says of endpoints. Raises ValueError where it is none that we know."""
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        listed = [m for m in document["data"] if isinstance(m, dict)]
        named = {str(m.get("id")): tuple(_openrouter(m.get("pricing"))) for m in listed}
        ours = [e for e in endpoints if e.target.flavour is Flavour.OPENROUTER]
        return [o for e in ours for o in _offer(e, [e.model_name], named)]
    if isinstance(document, dict) and any(_is_litellm(each) for each in document.values()):
        costs = {n: tuple(_litellm(each)) for n, each in document.items() if _is_litellm(each)}
        return [o for e in endpoints for o in _offer(e, _litellm_names(e), costs)]
    raise ValueError("is neither LiteLLM's table of models nor an answer of OpenRouter's /models")


def _offer(
    endpoint: Endpoint, names: Iterable[str], named: Mapping[str, tuple[Rate, ...]]
) -> Iterator[Offer]:
    """The first name that has a price, if any."""
    known = next((name for name in names if named.get(name)), None)
    if known is not None:
        yield Offer(endpoint.id, known, named[known])


def _litellm_names(endpoint: Endpoint) -> list[str]:
    """The table's names of a model at its provider, then without its date."""
    name, provider = endpoint.model_name, endpoint.target.provider
    undated = DATED.sub("", name)
    return [f"{provider}/{name}", name, f"{provider}/{undated}", undated]


def _is_litellm(value: object) -> bool:
    return isinstance(value, dict) and "litellm_provider" in value


def _litellm(entry: Mapping[str, Any]) -> Iterator[Rate]:
    for key, value in entry.items():
        match, pico = _FIELD.fullmatch(key), _pico(value)
        if key == _ABOVE_1H and pico is not None:
            yield Rate("cache_write_1h", pico)
        if match is None or pico is None:
            continue
        above = -1 if match["above"] is None else int(match["above"]) * 1000
        tier = None if match["tier"] is None else _TIERS[match["tier"]]
        for leaf in _LITELLM[match["base"]]:
            yield Rate(leaf, pico, above, service_tier=tier)


def _openrouter(pricing: object) -> Iterator[Rate]:
    if not isinstance(pricing, dict):
        return
    yield from _openrouter_rates(pricing, -1, None, None)
    overrides = pricing.get("overrides")
    for each in overrides if isinstance(overrides, list) else []:
        if not isinstance(each, dict):
            continue
        least = each.get("min_prompt_tokens")
        hours = _minute(each.get("utc_start")), _minute(each.get("utc_end"))
        is_timed = None not in hours
        if isinstance(least, int) or is_timed:
            above = least if isinstance(least, int) else -1
            yield from _openrouter_rates(each, above, *(hours if is_timed else (None, None)))


def _openrouter_rates(
    pricing: Mapping[str, Any], above: int, start: int | None, end: int | None
) -> Iterator[Rate]:
    for key, leaves in _OPENROUTER.items():
        pico = _pico(pricing.get(key))
        if pico is not None:
            yield from (Rate(leaf, pico, above, start, end) for leaf in leaves)


def _pico(usd: object) -> int | None:
    """Pico-dollars of dollars for one unit; `None` for what is no price, as −1 (it varies)."""
    if isinstance(usd, bool) or not isinstance(usd, str | int | float):
        return None
    try:
        value = Decimal(str(usd))
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= 1_000:  # noqa: PLR2004 - dollars for one token
        return None
    return int((value * PICO_PER_USD).quantize(Decimal(1), ROUND_HALF_EVEN))


def _minute(clock: object) -> int | None:
    match = _CLOCK.fullmatch(str(clock))
    return None if match is None else int(match[1]) * 60 + int(match[2])
