"""Wishes: which paid probes the settings ask for, how often, and how many tokens each takes."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from monitor.domain.calls import Kind
from monitor.domain.endpoints import EMBEDDING, Endpoint
from monitor.domain.plan import Size, Wish
from monitor.domain.purposes import INFER, PERFORMANCE, Purpose
from monitor.probes import capability, infer, performance
from monitor.probes.abilities import expect


def wishes(endpoints: Iterable[Endpoint]) -> Iterator[Wish]:
    """All paid probes of endpoints, those that are switched off too."""
    for endpoint in endpoints:
        for purpose, interval_s in _intervals(endpoint):
            yield Wish(
                endpoint=endpoint.id,
                provider=endpoint.target.provider,
                purpose=purpose,
                interval_s=interval_s if endpoint.is_probed else None,
                size=size_of(endpoint, purpose),
            )


def size_of(endpoint: Endpoint, purpose: Purpose) -> Size:
    """How many tokens a probe takes. Raises ValueError for one that takes none."""
    match purpose.kind:
        case Kind.INFER:
            return infer.size(endpoint)
        case Kind.PERFORMANCE:
            return performance.size(endpoint)
        case Kind.CAPABILITY if purpose.capability is not None:
            return capability.size(endpoint, purpose.capability)
        case Kind.CAPABILITY | Kind.REACH | Kind.REQUEST:
            raise ValueError(f"no paid probe is for {purpose}")
        case _:
            assert_never(purpose.kind)


def _intervals(endpoint: Endpoint) -> Iterator[tuple[Purpose, float | None]]:
    yield INFER, endpoint.interval_s
    if endpoint.target.flavour not in EMBEDDING:
        yield PERFORMANCE, endpoint.performance_interval_s
    for each in expect(endpoint):
        yield Purpose(Kind.CAPABILITY, each), endpoint.capability_interval_s
