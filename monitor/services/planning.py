"""Planning: what the probes of an installation cost, and how often each is sent."""

from collections.abc import Mapping

from monitor.domain.endpoints import Endpoint
from monitor.domain.plan import Budgets, ProbePlan, plan
from monitor.domain.prices import PriceList
from monitor.probes.wishes import wishes
from monitor.probes.witness import is_private
from monitor.settings.model import Settings
from monitor.wire.connect import host_of


def plan_probes(settings: Settings, prices: Mapping[str, PriceList], now_ms: int) -> ProbePlan:
    """The settings' probes at these prices (`catalogue.effective_prices`), within their budgets.

    Nobody bills for a private host: it is probed without a price. Output is counted as it is
    asked for: models that think first get more than the settings say.
    """
    return plan(
        list(wishes(settings.endpoints)),
        prices,
        Budgets(settings.probe_budget_nano_usd_per_day, settings.provider_budgets_nano_usd_per_day),
        now_ms,
        unpriced_too={e.id for e in settings.endpoints if settings.probe_unpriced or _is_ours(e)},
    )


def plan_one(endpoint: Endpoint, price: PriceList | None, now_ms: int) -> ProbePlan:
    """The probes of one endpoint as they are asked for, whatever they cost."""
    boundless = Budgets(10**18)
    return plan(list(wishes([endpoint])), {endpoint.id: price}, boundless, now_ms)


def _is_ours(endpoint: Endpoint) -> bool:
    return is_private(host_of(endpoint.target.base_url).name)
