"""Planning: what the probes of an installation cost, and how often each is sent."""

from collections.abc import Mapping
from dataclasses import replace

from monitor.domain.endpoints import Endpoint
from monitor.domain.plan import ProbePlan, plan
from monitor.domain.prices import PriceList
from monitor.probes.floors import raise_to_floor
from monitor.probes.witness import is_private
from monitor.settings.model import Settings
from monitor.wire.connect import host_of


def plan_probes(settings: Settings, prices: Mapping[str, PriceList], now_ms: int) -> ProbePlan:
    """The settings' probes at these prices (`catalogue.effective_prices`), within their budget.

    Nobody bills for a private host: it is probed without a price. Output is counted as it is
    asked for: models that think first get more than the settings say.
    """
    return plan(
        [_as_asked(endpoint) for endpoint in settings.endpoints],
        prices,
        settings.probe_budget_nano_usd_per_day,
        now_ms,
        unpriced_too={e.id for e in settings.endpoints if settings.probe_unpriced or _is_ours(e)},
    )


def _as_asked(endpoint: Endpoint) -> Endpoint:
    tokens = raise_to_floor(endpoint.model_name, endpoint.output_tokens)
    return replace(endpoint, output_tokens=tokens)


def _is_ours(endpoint: Endpoint) -> bool:
    return is_private(host_of(endpoint.target.base_url).name)
