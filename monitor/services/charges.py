"""Charges: what each day cost by endpoint and attribution, in the columns of FOCUS 1.2.

FOCUS (FinOps Open Cost and Usage Specification) is what cost tools read. Its columns have its
names; ours begin with `x_`, as it asks. Money is exact to a nano-dollar.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.domain.money import usd_from_nano
from monitor.domain.windows import Window, day_of, day_window
from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.queries import charges as rows
from monitor.storage.queries.charges import DayCharge

Value = str | int | Decimal | datetime | None
Row = dict[str, Value]


def zone(session: Session) -> ZoneInfo:
    """Whose days charges are of: the home zone's."""
    return facts.home_zone(session)


def charges(session: Session, window: Window) -> list[Row]:
    """A row for each home day, endpoint and attribution of a window with team calls."""
    home = zone(session)
    days = range(day_of(window.from_ms, home), day_of(window.to_ms - 1, home) + 1)
    return [_row(each, window, home) for each in rows.daily(session, days)]


def _row(each: DayCharge, billed: Window, home: ZoneInfo) -> Row:
    day, totals = day_window(each.day, home), each.totals
    cost = usd_from_nano(totals.cost_nano_usd)
    return {
        "BilledCost": cost,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _instant(billed.to_ms),
        "BillingPeriodStart": _instant(billed.from_ms),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": f"{totals.n} calls of {each.model}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": _instant(day.to_ms),
        "ChargePeriodStart": _instant(day.from_ms),
        "ConsumedQuantity": Decimal(totals.tokens),
        "ConsumedUnit": "Tokens",
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceIssuerName": each.provider,
        "ListCost": cost,
        "ProviderName": each.provider,
        "PublisherName": each.provider,
        "ResourceId": each.slug,
        "ResourceName": each.model,
        "ResourceType": "Model endpoint",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": each.provider,
        "SkuId": each.model,
        "SubAccountId": each.key or None,
        "SubAccountName": each.key or None,
        "Tags": json.dumps(dict(_tags(each)), ensure_ascii=False),
        **dict(_own(each)),
    }


def _tags(each: DayCharge) -> Iterator[tuple[str, str]]:
    for name in ("team", "project", "app"):
        value = getattr(each, name)
        if value:
            yield name, value


def _own(each: DayCharge) -> Iterator[tuple[str, Value]]:
    totals = each.totals
    yield "x_Calls", totals.n
    yield "x_CallsOfUnknownCost", totals.n - totals.n_costed
    yield "x_CallsOfUnknownUsage", totals.n_missing
    yield "x_CallsOfEstimatedUsage", totals.n_estimated
    for leaf, count in totals.leaves._asdict().items():
        yield f"x_{''.join(word.capitalize() for word in leaf.split('_'))}", count


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)
