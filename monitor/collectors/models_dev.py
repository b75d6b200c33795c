"""models.dev's table: providers with their models, dollars for a million tokens."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from monitor.collectors.amounts import Remarks, names, pico, unique
from monitor.domain.endpoints import Endpoint
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import Rate
from monitor.domain.roster import provider_at

_LEAVES = {
    "input": ("input",),
    "output": ("output",),
    "reasoning": ("reasoning",),
    "cache_read": ("cache_read",),
    "cache_write": ("cache_write", "cache_write_5m"),
    "input_audio": ("input_audio",),
    "output_audio": ("output_audio",),
}
_MILLION = 1_000_000
_OVER_200K = 200_000


def knows(document: object) -> bool:
    """Whether a document is such a table."""
    return isinstance(document, dict) and any(
        isinstance(each, dict) and isinstance(each.get("models"), dict)
        for each in document.values()
    )


def read(document: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> Said:
    """What the table says of endpoints at providers that it has."""
    remarks, offers = Remarks(), []
    for endpoint in endpoints:
        provider = document.get(_provider(endpoint))
        models = provider.get("models") if isinstance(provider, dict) else None
        for name in names(endpoint):
            entry = models.get(name) if isinstance(models, dict) else None
            cost = entry.get("cost") if isinstance(entry, dict) else None
            rates = unique(_rates(cost, name, remarks)) if isinstance(cost, dict) else ()
            if rates:
                offers.append(Offer(endpoint.id, name, rates))
                break
    return Said(tuple(offers), tuple(remarks.texts()))


def _provider(endpoint: Endpoint) -> str:
    known = provider_at(endpoint.target.base_url)
    return endpoint.target.provider if known is None else known.name


def _rates(cost: Mapping[str, Any], name: str, remarks: Remarks) -> Iterator[Rate]:
    for key, value in cost.items():
        match key:
            case "tiers":
                yield from _tiers(value, name, remarks)
            case "context_over_200k":
                yield from _plain(value, _OVER_200K)
            case _ if key in _LEAVES:
                yield from _plain({key: value}, -1)
            case _:
                remarks.add(f"{key[:80]} is not understood, and left out", name)


def _tiers(value: object, name: str, remarks: Remarks) -> Iterator[Rate]:
    for each in value if isinstance(value, list) else []:
        tier = each.get("tier") if isinstance(each, dict) else None
        size = tier.get("size") if isinstance(tier, dict) else None
        is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= 10**9
        if isinstance(tier, dict) and tier.get("type") == "context" and is_size:
            yield from _plain(each, size or 0)
        else:
            remarks.add("a tier of unknown conditions is left out", name)


def _plain(costs: object, above: int) -> Iterator[Rate]:
    for key, value in costs.items() if isinstance(costs, dict) else ():
        found = pico(value, _MILLION)
        if found is not None:
            yield from (Rate(leaf, found, above) for leaf in _LEAVES.get(key, ()))
