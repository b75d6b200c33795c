"""Pauses: endpoints that nobody probes for a while, because somebody said so."""

from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.endpoints import Endpoint


class Scope(NamedTuple):
    """One endpoint, by id; or a provider's endpoints; or, where it names none, all."""

    endpoint: str | None = None
    provider: str | None = None

    def __str__(self) -> str:
        if self.endpoint is not None:
            return f"endpoint {self.endpoint!r}"
        return "everything" if self.provider is None else f"provider {self.provider!r}"

    def covers(self, endpoint: Endpoint) -> bool:
        """Whether it speaks of an endpoint."""
        return self.holds(endpoint.id, endpoint.target.provider)

    def holds(self, endpoint: str, provider: str) -> bool:
        """Whether it speaks of the endpoint of that id at that provider."""
        if self.endpoint is not None:
            return self.endpoint == endpoint
        return self.provider in {None, provider}


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that holds: `by` whom, since when, until when (`None`: until it is resumed)."""

    scope: Scope
    paused_ms: int
    until_ms: int | None
    by: str
    reason: str = ""
