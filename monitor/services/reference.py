"""Reference: what has to be known to record a call, read once and kept beside the writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from monitor.domain.calls import Attribution
from monitor.domain.health import Rule
from monitor.domain.prices import PriceList
from monitor.storage import endpoints, facts, prices
from monitor.storage.engine import Session

TRAFFIC_GAP_MS = 300_000


class UnknownEndpoint(LookupError):
    """A call names an endpoint that the ledger does not know."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Numbers of endpoints by id, who is behind a target, intervals, prices, the home zone.

    `attribution_ids` grows as attributions are met; it is only a cache.
    """

    endpoint_ids: Mapping[str, int]
    behind: Mapping[int, tuple[int, ...]]
    intervals_ms: Mapping[int, int]
    prices: Mapping[int, tuple[PriceList, ...]]
    home_zone: ZoneInfo
    rule: Rule = field(default_factory=Rule)
    attribution_ids: dict[Attribution, int] = field(default_factory=dict)

    def endpoint_id(self, endpoint: str) -> int:
        """The number of an endpoint or target. Raises UnknownEndpoint."""
        number = self.endpoint_ids.get(endpoint)
        if number is None:
            raise UnknownEndpoint(
                f"endpoint {endpoint!r} is not known here; add it to the settings and restart"
            )
        return number

    @property
    def slugs(self) -> dict[int, str]:
        """Ids of endpoints by number."""
        return {number: slug for slug, number in self.endpoint_ids.items()}


def load(session: Session) -> Reference:
    """What the database knows now."""
    rows = endpoints.known(session)
    return Reference(
        endpoint_ids={row.slug: row.id for row in rows},
        behind={
            target.id: tuple(row.id for row in rows if row.target_id == target.id)
            for target in rows
            if target.target_id is None
        },
        intervals_ms={row.id: row.interval_ms for row in rows},
        prices=prices.lists(session),
        home_zone=facts.home_zone(session),
    )
