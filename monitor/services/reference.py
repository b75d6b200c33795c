"""Reference: what has to be known to record a call, read once and kept beside the writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.calls import Attribution
from monitor.domain.health import Rule
from monitor.domain.prices import PriceList
from monitor.domain.rules import Ruleset
from monitor.services import budgets
from monitor.services.budgets import Watching
from monitor.services.suspicion import Tally
from monitor.storage import endpoints, facts, pauses, prices, rules
from monitor.storage.engine import Session

TRAFFIC_GAP_MS = 300_000


class UnknownEndpoint(LookupError):
    """A call names an endpoint that the ledger does not know."""


class Tariff(NamedTuple):
    """An endpoint's number, the gaps that its calls vouch over, and its price lists."""

    endpoint_id: int
    probe_gap_ms: int
    traffic_gap_ms: int
    prices: tuple[PriceList, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of each endpoint by its id, who is behind a target, and the home zone.

    `tariffs` has former ids too, `slugs` the ids of now, `providers` whose they are. `behind` has
    those that are watched and not paused. `unprobed` are the endpoints that are never probed.
    `rule` decides what is up and what is down, `rules` what is told of it.
    `attribution_ids` grows as attributions are met, `tallies` count the traffic of this minute,
    and `budgets` learn whose calls count for which; all three are only at hand.
    """

    tariffs: Mapping[str, Tariff]
    slugs: Mapping[int, str]
    behind: Mapping[int, tuple[int, ...]]
    home_zone: ZoneInfo
    rule: Rule = field(default_factory=Rule)
    rules: Ruleset = field(default_factory=Ruleset)
    providers: Mapping[int, str] = field(default_factory=dict)
    attribution_ids: dict[Attribution, int] = field(default_factory=dict)
    unprobed: frozenset[int] = frozenset()
    tallies: dict[int, Tally] = field(default_factory=dict)
    budgets: Watching = field(default_factory=Watching)

    def tariff(self, endpoint: str) -> Tariff:
        """What is known of an endpoint or target. Raises UnknownEndpoint."""
        known = self.tariffs.get(endpoint)
        if known is None:
            raise UnknownEndpoint(
                f"endpoint {endpoint!r} is not known here; add it to the settings"
            )
        return known

    @property
    def endpoint_ids(self) -> dict[str, int]:
        """Numbers of endpoints by id."""
        return {slug: tariff.endpoint_id for slug, tariff in self.tariffs.items()}


def load(session: Session) -> Reference:
    """What the database knows now."""
    rows, lists = endpoints.known(session), prices.lists(session)
    unheard = pauses.paused_ids(session) | {row.id for row in rows if not row.is_watched}
    tariffs = {
        row.id: Tariff(
            endpoint_id=row.id,
            probe_gap_ms=row.interval_ms,
            # A call stands in for the probe that was due: the next one comes an interval later.
            traffic_gap_ms=row.interval_ms if row.is_probed else TRAFFIC_GAP_MS,
            prices=lists.get(row.id, ()),
        )
        for row in rows
    }
    return Reference(
        tariffs={slug: tariffs[number] for slug, number in endpoints.former(session).items()}
        | {row.slug: tariffs[row.id] for row in rows},
        slugs={row.id: row.slug for row in rows},
        behind={
            target.id: tuple(
                row.id for row in rows if row.target_id == target.id and row.id not in unheard
            )
            for target in rows
            if target.target_id is None
        },
        home_zone=facts.home_zone(session),
        rule=Rule(openrouter_strict=facts.read(session, facts.OPENROUTER_STRICT) is not None),
        rules=rules.read(session),
        providers={row.id: row.provider for row in rows},
        unprobed=frozenset(row.id for row in rows if not row.is_probed),
        budgets=budgets.load(session),
    )
