"""Spend sheets: the figures of spend as JSON, and as rows that a spreadsheet takes."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard.choices import Choice
from monitor.domain.dimensions import Dimension
from monitor.domain.money import usd_from_nano
from monitor.domain.movers import Mover
from monitor.domain.windows import Window, moment
from monitor.services import forecasts
from monitor.services.courses import Course
from monitor.services.spend import Spending
from monitor.storage.queries.totals import Totals

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_COUNTS = ("n", "n_reported", "n_computed", "n_unpriced", "n_no_usage")


class Found(NamedTuple):
    """What was asked, and what it came to."""

    choice: Choice
    by: Dimension
    spent: Spending
    month: Course


def describe(found: Found) -> dict[str, Any]:
    """All figures, for scripts: money in nano-dollars, `None` where it is not known."""
    spent, zone = found.spent, found.choice.zone
    owners = {**spent.owners, **dict.fromkeys(spent.owners_before.keys() - spent.owners, Totals())}
    return {
        "zone": zone.key,
        "window": _span(found.choice.window, zone),
        "before": None if spent.before is None else _span(spent.before, zone),
        "by": found.by.value,
        "total": _sums(spent.total),
        "month_to_date": _sums(found.month.so_far)
        | {
            "projected_nano_usd": found.month.projected_nano_usd,
            "projected_from_days": found.month.paced_days,
            "forecast": forecasts.describe(found.month.outlook),
        },
        "owners": [
            {"owner": owner or None, **_sums(totals)} | {"before": _before(spent, owner)}
            for owner, totals in owners.items()
        ],
        "changed": _describe_change(found),
        "cache": spent.cached._asdict() | {"net_nano_usd": spent.cached.net_nano_usd},
        "failed": {
            "window": _span(spent.failed.window, zone),
            "cost_nano_usd": spent.failed.cost_nano_usd,
            "by_outcome": {r.value: each._asdict() for r, each in spent.failed.by_class.items()},
        },
        "told_by_providers": {
            "n": spent.drift.n,
            "reported_nano_usd": spent.drift.reported_nano_usd,
            "computed_nano_usd": spent.drift.computed_nano_usd,
        },
        "unpriced": {slug: _sums(totals) for slug, totals in spent.unpriced.items()},
        "probes": _sums(spent.probes),
    }


def _before(spent: Spending, owner: str) -> dict[str, Any] | None:
    if spent.before is None:
        return None
    return _sums(spent.owners_before.get(owner, Totals()))


def _describe_change(found: Found) -> dict[str, Any] | None:
    compared, zone = found.spent.compared, found.choice.zone
    if compared is None:
        return None
    return {
        "before": _span(compared.before, zone),
        "after": _span(compared.after, zone),
        "movers": [_describe_mover(mover) for mover in found.spent.moved],
    }


def _describe_mover(mover: Mover[str]) -> dict[str, Any]:
    effects = {f"{name}_nano_usd": value for name, value in mover.effects._asdict().items()}
    return {
        "owner": mover.owner or None,
        "before_nano_usd": mover.before_nano_usd,
        "after_nano_usd": mover.after_nano_usd,
        "change_nano_usd": mover.change_nano_usd,
        **effects,
    }


def _sums(totals: Totals) -> dict[str, Any]:
    """Money that is known, `None` where that of no call is, with how much of it is known."""
    counts = {name: getattr(totals, name) for name in _COUNTS}
    return {"spend_nano_usd": totals.spend_nano_usd, "tokens": totals.tokens, **counts}


def _span(window: Window, zone: ZoneInfo) -> dict[str, str]:
    return {
        "from": moment(window.from_ms, zone).isoformat(timespec="seconds"),
        "to": moment(window.to_ms, zone).isoformat(timespec="seconds"),
    }


def rows(found: Found) -> Iterator[list[object]]:
    """A head, and a row for each owner; no cell of them is a formula."""
    yield from ([_plain(cell) for cell in row] for row in _cells(found))


def _cells(found: Found) -> Iterator[tuple[object, ...]]:
    yield ("owner", "spend_usd", "before_usd", "tokens", *_COUNTS)
    for owner, totals in found.spent.owners.items():
        earlier = found.spent.owners_before.get(owner, Totals())
        money = (_usd(totals), "" if found.spent.before is None else _usd(earlier))
        yield (owner, *money, totals.tokens, *(getattr(totals, name) for name in _COUNTS))


def _usd(totals: Totals) -> str:
    """Dollars to the nano-dollar; empty where they are not known."""
    spend = totals.spend_nano_usd
    return "" if spend is None else f"{usd_from_nano(spend):.9f}"


def _plain(cell: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
