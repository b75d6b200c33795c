"""LiteLLM's table of models: one object, dollars for one token, conditions in the fields' names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from monitor.collectors.amounts import Remarks, day, minute, names, pico, unique
from monitor.domain.endpoints import Endpoint
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import Rate
from monitor.domain.retirements import Retiring
from monitor.domain.tiers import ServiceTier
from monitor.domain.weekdays import pack

_BASES = {
    "input_cost_per_token": ("input",),
    "output_cost_per_token": ("output",),
    "cache_read_input_token_cost": ("cache_read",),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_1h",),
    "cache_creation_input_token_cost": ("cache_write", "cache_write_5m"),
    "output_cost_per_reasoning_token": ("reasoning",),
    "input_cost_per_audio_token": ("input_audio",),
    "output_cost_per_audio_token": ("output_audio",),
    "input_cost_per_image_token": ("input_image",),
    "output_cost_per_image_token": ("output_image",),
    "input_cost_per_request": ("requests",),
}
_TIERS = {
    "_batches": ServiceTier.BATCH,
    "_flex": ServiceTier.FLEX,
    "_priority": ServiceTier.PRIORITY,
}
_FIELD = re.compile(
    rf"(?P<base>{'|'.join(_BASES)})(?:_above_(?P<above>\d{{1,6}})k_tokens)?"
    rf"(?P<tier>{'|'.join(_TIERS)})?"
)
#: A picture's tokens are in the input already, and for a tier that we have no word for a call is
#: unpriced: nothing is missing without these.
_LEFT_OUT = re.compile(r"(?:input|output)_cost_per_image(?:_above.*)?$")
_PRICE = re.compile(r"cost|pricing")
_SKIPPED = frozenset({"sample_spec", "fallback_generalizations"})
_MOST_TOKENS = 10**9
#: As ISO numbers them; so do those who begin with Sunday as 0, up to Saturday.
_WEEKDAYS = range(1, 8)


def knows(document: object) -> bool:
    """Whether a document is such a table."""
    return isinstance(document, dict) and any(_is_entry(each) for each in document.values())


def read(document: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> Said:
    """What the table says of endpoints, by the first name of theirs that it prices."""
    remarks, offers, retiring = Remarks(), [], []
    for endpoint in endpoints:
        for name, entry in _entries(document, endpoint):
            if rates := unique(_rates(entry, name, remarks)):
                offers.append(Offer(endpoint.id, name, rates))
                break
        ends = day(next(_entries(document, endpoint), ("", {}))[1].get("deprecation_date"))
        if ends is not None:
            retiring.append(Retiring(endpoint.id, ends))
    return Said(tuple(offers), tuple(remarks.texts()), tuple(retiring))


def _entries(
    document: Mapping[str, Any], endpoint: Endpoint
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in _names(endpoint):
        entry = document.get(name)
        if name not in _SKIPPED and isinstance(entry, dict) and _is_entry(entry):
            yield name, entry


def _is_entry(value: object) -> bool:
    return isinstance(value, dict) and "litellm_provider" in value


def _names(endpoint: Endpoint) -> Iterator[str]:
    """The table's names of a model at its provider, then without its date."""
    for name in names(endpoint):
        yield f"{endpoint.target.provider}/{name}"
        yield name


def _rates(entry: Mapping[str, Any], name: str, remarks: Remarks) -> Iterator[Rate]:
    for key, value in entry.items():
        match = _FIELD.fullmatch(key)
        if match is not None:
            found = pico(value)
            if found is None and value is not None:
                remarks.add(f"{key} is no price", name)
            elif found is not None:
                yield from _of_field(match, found)
        elif _PRICE.search(key):
            yield from _of_family(entry, key[:80], value, name, remarks)


def _of_field(match: re.Match[str], found: int) -> Iterator[Rate]:
    above = -1 if match["above"] is None else int(match["above"]) * 1000
    tier = None if match["tier"] is None else _TIERS[match["tier"]]
    for leaf in _BASES[match["base"]]:
        yield Rate(leaf, found, above, service_tier=tier)


def _of_family(
    entry: Mapping[str, Any], key: str, value: object, name: str, remarks: Remarks
) -> Iterator[Rate]:
    """Fields of other shapes; what is not understood is remarked on."""
    match key:
        case "tiered_pricing":
            yield from _ranges(value, name, remarks)
        case "off_peak_pricing":
            yield from _off_peak(value, name, remarks)
        case "search_context_cost_per_query":
            yield from _searches(value, name, remarks)
        case "input_cost_per_query" if entry.get("mode") == "rerank":
            found = pico(value)
            yield from [] if found is None else [Rate("requests", found)]
        case _ if _LEFT_OUT.fullmatch(key) or value in (None, 0):
            pass
        case _:
            remarks.add(f"{key} is not understood, and left out", name)


def _plain(costs: Mapping[str, Any], name: str, remarks: Remarks) -> Iterator[Rate]:
    """The rates of an object of simple costs within an entry."""
    for key, value in costs.items():
        leaves, found = _BASES.get(key), pico(value)
        if leaves is not None and found is not None:
            yield from (Rate(leaf, found) for leaf in leaves)
        elif _PRICE.search(key):
            remarks.add(f"{key[:80]} within a range or an hour is not understood", name)


def _ranges(value: object, name: str, remarks: Remarks) -> Iterator[Rate]:
    """Steps by the input's size. A range's begin belongs to the one before it."""
    for each in value if isinstance(value, list) else []:
        begin = _begin(each)
        if begin is None:
            remarks.add("a range of tiered_pricing is not understood", name)
            continue
        for rate in _plain(each, name, remarks):
            yield Rate(rate.leaf, rate.pico_usd, begin or -1)


def _begin(each: object) -> int | None:
    ends = each.get("range") if isinstance(each, dict) else None
    begin = ends[0] if isinstance(ends, list) and ends else None
    if isinstance(begin, bool) or not isinstance(begin, int | float | Decimal):
        return None
    return int(begin) if 0 <= begin <= _MOST_TOKENS else None


def _off_peak(value: object, name: str, remarks: Remarks) -> Iterator[Rate]:
    costs = value if isinstance(value, dict) else {}
    windows = costs.get("windows")
    rates = list(_plain({k: v for k, v in costs.items() if k != "windows"}, name, remarks))
    for each in windows if isinstance(windows, list) else []:
        hours, days = (_hours(each), _days(each)) if isinstance(each, dict) else ([], 0)
        if not hours or not days:
            remarks.add("off-peak hours are not understood; the full price is taken then", name)
            continue
        for start, end in hours:
            for rate in rates:
                yield replace(rate, from_minute=start, to_minute=end, weekdays=days)


def _days(window: Mapping[str, Any]) -> int:
    """The weekdays of a window, 0 where they are not understood."""
    told = window.get("weekdays", list(_WEEKDAYS))
    is_known = isinstance(told, list) and all(type(d) is int and d in _WEEKDAYS for d in told)
    return pack(day - 1 for day in told) if is_known else 0


def _hours(window: Mapping[str, Any]) -> list[tuple[int, int]]:
    told = window.get("hours_utc")
    spans = [str(each).partition("-") for each in (told if isinstance(told, list) else [told])]
    read_ = [(minute(start), minute(end)) for start, _, end in spans]
    return [(a, b) for a, b in read_ if a is not None and b is not None]


def _searches(value: object, name: str, remarks: Remarks) -> Iterator[Rate]:
    """One price where it does not hang on how much is searched, which no usage tells."""
    costs = {pico(each) for each in value.values()} if isinstance(value, dict) else {None}
    only = costs.pop() if len(costs) == 1 else None
    if only is None:
        remarks.add("a search's price hangs on its size, which no usage tells: left out", name)
    else:
        yield Rate("searches", only)
