"""OpenRouter's prices: decimal texts, dollars for one token, by model or by who serves it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from monitor.collectors.amounts import Remarks, day, minute, pico, unique
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import Rate
from monitor.domain.retirements import Retiring

_LEAVES = {
    "prompt": ("input",),
    "completion": ("output",),
    "input_cache_read": ("cache_read",),
    "input_cache_write": ("cache_write", "cache_write_5m"),
    "input_cache_write_1h": ("cache_write_1h",),
    "audio": ("input_audio",),
    "audio_output": ("output_audio",),
    "input_audio_cache": ("cache_read_audio",),
    "image_token": ("input_image",),
    "web_search": ("searches",),
    "request": ("requests",),
}
#: Whose price is none of its own: a picture's tokens are in the prompt already.
_LEFT_OUT = frozenset({"image", "overrides"})
_CONDITIONS = frozenset({"min_prompt_tokens", "utc_start", "utc_end"})


def knows(document: object) -> bool:
    """Whether a document is a list of models, or of those who serve one."""
    data = document.get("data") if isinstance(document, dict) else None
    return isinstance(data, list) or (isinstance(data, dict) and "endpoints" in data)


def read(document: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> Said:
    """What it says of the endpoints that are asked through OpenRouter."""
    ours = [e for e in endpoints if e.target.flavour is Flavour.OPENROUTER]
    data = document["data"]
    if isinstance(data, dict):
        return _read_served(data, ours)
    remarks, offers, retiring = Remarks(), [], []
    listed = {str(m.get("id")): m for m in data if isinstance(m, dict)}
    for endpoint in ours:
        name, entry = endpoint.model_name, listed.get(endpoint.model_name, {})
        rates = unique(_rates(entry.get("pricing"), name, remarks))
        if rates and pinned(endpoint) is None:
            offers.append(Offer(endpoint.id, name, rates))
        ends = day(entry.get("expiration_date"))
        if ends is not None:
            retiring.append(Retiring(endpoint.id, ends))
    return Said(tuple(offers), tuple(remarks.texts()), tuple(retiring))


def pinned(endpoint: Endpoint) -> str | None:
    """The one provider behind OpenRouter that may answer, by its short name; `None`: any."""
    pins = endpoint.pins
    if pins is None:
        return None
    if len(pins.only) == 1:
        return pins.only[0]
    return pins.order[0] if pins.order and pins.allow_fallbacks is False else None


def _read_served(data: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> Said:
    """The prices of one model by who serves it, for those endpoints that are pinned to one."""
    remarks, offers, model = Remarks(), [], str(data.get("id"))[:200]
    served = data.get("endpoints")
    listed = served if isinstance(served, list) else []
    by_tag = [(str(e.get("tag")), e) for e in listed if isinstance(e, dict)]
    for endpoint in endpoints:
        slug = pinned(endpoint)
        if endpoint.model_name != model or slug is None:
            continue
        theirs = [e for tag, e in by_tag if tag == slug or tag.startswith(f"{slug}/")]
        found = {unique(_rates(e.get("pricing"), model, remarks)) for e in theirs}
        if len(found) == 1 and (rates := found.pop()):
            offers.append(Offer(endpoint.id, f"{model} at {slug}", rates))
        elif len(theirs) > 1:
            remarks.add(f"{slug} serves it at several prices", model)
        else:
            remarks.add(f"{slug} has no price", model)
    return Said(tuple(offers), tuple(remarks.texts()))


def _rates(pricing: object, name: str, remarks: Remarks) -> Iterator[Rate]:
    if not isinstance(pricing, dict):
        return
    yield from _plain(pricing, name, remarks, -1, (None, None))
    overrides = pricing.get("overrides")
    for each in overrides if isinstance(overrides, list) else []:
        conditions = _conditions(each)
        if conditions is None:
            remarks.add("an override of unknown conditions is left out", name)
        else:
            yield from _plain(each, name, remarks, *conditions)


def _conditions(each: object) -> tuple[int, tuple[int | None, int | None]] | None:
    if not isinstance(each, dict):
        return None
    least = each.get("min_prompt_tokens")
    hours = minute(each.get("utc_start")), minute(each.get("utc_end"))
    is_sized = isinstance(least, int) and not isinstance(least, bool) and 0 <= least <= 10**9
    if ("min_prompt_tokens" in each) != is_sized or (None in hours and "utc_start" in each):
        return None
    if not is_sized and None in hours:
        return None
    return (least if isinstance(least, int) else -1), ((None, None) if None in hours else hours)


def _plain(
    pricing: Mapping[str, Any],
    name: str,
    remarks: Remarks,
    above: int,
    hours: tuple[int | None, int | None],
) -> Iterator[Rate]:
    for key, value in pricing.items():
        leaves, found = _LEAVES.get(key), pico(value)
        if key == "internal_reasoning" and found:  # 0 is said where it is billed as completion
            leaves = ("reasoning",)
        if leaves is not None and found is not None:
            yield from (Rate(leaf, found, above, *hours) for leaf in leaves)
        elif leaves is not None:
            remarks.add(f"{key} varies, or is no price", name)
        elif key not in _LEFT_OUT | _CONDITIONS and found != 0:
            remarks.add(f"{key[:80]} is not understood, and left out", name)
