"""Purposes: what a probe of an endpoint is for."""

from typing import NamedTuple

from monitor.domain.calls import Kind
from monitor.domain.capabilities import Capability


class Purpose(NamedTuple):
    """A kind of probe, and which capability it tests where it tests one."""

    kind: Kind
    capability: Capability | None = None

    def __str__(self) -> str:
        return self.kind.value if self.capability is None else f"{self.kind} {self.capability}"


INFER = Purpose(Kind.INFER)
PERFORMANCE = Purpose(Kind.PERFORMANCE)
