"""The data of `genai-prices`: providers, models with rules of who is meant, dated prices.

Its patterns are not run: one that somebody wrote to take hours would hold us up for hours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from monitor.collectors.amounts import Remarks, minute, names, pico, unique
from monitor.domain.endpoints import Endpoint
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import Rate
from monitor.domain.roster import provider_at

#: Its price keys: which leaves each one prices, and for how many units.
LEAVES: Mapping[str, tuple[tuple[str, ...], int]] = {
    "input_mtok": (("input",), 1_000_000),
    "output_mtok": (("output",), 1_000_000),
    "cache_read_mtok": (("cache_read",), 1_000_000),
    "cache_write_mtok": (("cache_write", "cache_write_5m"), 1_000_000),
    "cache_write_5m_mtok": (("cache_write_5m",), 1_000_000),
    "cache_write_1h_mtok": (("cache_write_1h",), 1_000_000),
    "output_reasoning_mtok": (("reasoning",), 1_000_000),
    "input_audio_mtok": (("input_audio",), 1_000_000),
    "cache_audio_read_mtok": (("cache_read_audio",), 1_000_000),
    "output_audio_mtok": (("output_audio",), 1_000_000),
    "input_image_mtok": (("input_image",), 1_000_000),
    "output_image_mtok": (("output_image",), 1_000_000),
    "requests_kcount": (("requests",), 1_000),
    "web_searches_kcount": (("searches",), 1_000),
}
_DEEPEST = 8


def knows(document: object) -> bool:
    """Whether a document is such a list of providers."""
    return isinstance(document, list) and any(
        isinstance(each, dict) and isinstance(each.get("models"), list) for each in document
    )


def read(document: Sequence[Any], endpoints: Iterable[Endpoint], now_ms: int) -> Said:
    """What the data say of endpoints at an instant."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    providers = {str(p.get("id")): p.get("models") for p in document if isinstance(p, dict)}
    remarks, offers = Remarks(), []
    for endpoint in endpoints:
        models = providers.get(_provider(endpoint))
        listed = [m for m in models if isinstance(m, dict)] if isinstance(models, list) else []
        model = _find(listed, names(endpoint))
        if model is not None:
            name = str(model.get("id"))[:200]
            rates = unique(_rates(model.get("prices"), today, name, remarks))
            offers += [Offer(endpoint.id, name, rates)] if rates else []
    return Said(tuple(offers), tuple(remarks.texts()))


def _provider(endpoint: Endpoint) -> str:
    known = provider_at(endpoint.target.base_url)
    return endpoint.target.provider if known is None else known.price_id or known.name


def _find(models: Sequence[Mapping[str, Any]], wanted: Iterable[str]) -> Mapping[str, Any] | None:
    """By the exact id, then the id without its date, then by the models' own rules."""
    exact, undated = (name.lower() for name in wanted)
    for name in dict.fromkeys((exact, undated)):
        by_id = next((m for m in models if str(m.get("id")).lower() == name), None)
        if by_id is not None:
            return by_id
        aliased = next((m for m in models if name in _equals(m.get("match"))), None)
        if aliased is not None:
            return aliased
    return next((m for m in models if _matches(m.get("match"), exact)), None)


def _equals(clause: object, depth: int = _DEEPEST) -> frozenset[str]:
    if not isinstance(clause, dict) or not depth:
        return frozenset()
    own = frozenset({str(clause["equals"]).lower()}) if "equals" in clause else frozenset[str]()
    inner = clause.get("or")
    parts = inner if isinstance(inner, list) else []
    return own.union(*(_equals(part, depth - 1) for part in parts))


def _matches(clause: object, name: str, depth: int = _DEEPEST) -> bool:
    if not isinstance(clause, dict) or not depth or len(clause) != 1:
        return False
    ((kind, value),) = clause.items()
    parts = value if isinstance(value, list) else []
    text = value.lower() if isinstance(value, str) and value else None
    match kind:
        case "equals" | "starts_with" | "ends_with" | "contains" if text is not None:
            return _holds(kind, name, text)
        case "or":
            return any(_matches(part, name, depth - 1) for part in parts)
        case "and":
            return bool(parts) and all(_matches(part, name, depth - 1) for part in parts)
        case _:
            return False


def _holds(kind: str, name: str, text: str) -> bool:
    match kind:
        case "equals":
            return name == text
        case "starts_with":
            return name.startswith(text)
        case "ends_with":
            return name.endswith(text)
        case _:
            return text in name


def _rates(prices: object, today: date, name: str, remarks: Remarks) -> Iterator[Rate]:
    """Of entries that hold, the last one wins; what is announced is remarked on."""
    for entry in prices if isinstance(prices, list) else [{"prices": prices}]:
        listed = entry.get("prices") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(listed, dict):
            remarks.add("an entry of its prices is not understood", name)
            continue
        hours = _hours(entry.get("constraint"), today)
        if hours is None:
            remarks.add("a price of another time is left out: announced, or not understood", name)
        else:
            yield from _plain(listed, hours, name, remarks)


def _hours(constraint: object, today: date) -> tuple[int | None, int | None] | None:
    """The hours of an entry that holds today; `None` where it does not."""
    if constraint is None:
        return None, None
    told = constraint if isinstance(constraint, dict) else {}
    start, end = minute(told.get("start_time")), minute(told.get("end_time"))
    if start is not None and end is not None:
        return start, end
    try:
        begins = date.fromisoformat(str(told.get("start_date"))[:10])
    except ValueError:
        return None
    return (None, None) if begins <= today else None


def _plain(
    prices: Mapping[str, Any],
    hours: tuple[int | None, int | None],
    name: str,
    remarks: Remarks,
) -> Iterator[Rate]:
    for key, value in prices.items():
        if key not in LEAVES:
            remarks.add(f"{key[:80]} is not understood, and left out", name)
            continue
        leaves, units = LEAVES[key]
        for above, usd in _steps(value):
            found = pico(usd, units)
            if found is None:
                remarks.add(f"{key} is no price", name)
            else:
                yield from (Rate(leaf, found, above, *hours) for leaf in leaves)


def _steps(value: object) -> Iterator[tuple[int, object]]:
    if not isinstance(value, dict):
        yield -1, value
        return
    yield -1, value.get("base")
    tiers = value.get("tiers")
    for tier in tiers if isinstance(tiers, list) else []:
        start = tier.get("start") if isinstance(tier, dict) else None
        is_count = isinstance(start, int) and not isinstance(start, bool) and 0 <= start <= 10**9
        if isinstance(tier, dict) and is_count:
            yield int(start or 0), tier.get("price")
