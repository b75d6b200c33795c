"""Probe money: what today's probes have cost, against the caps of the settings."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from monitor.domain.dimensions import Dimension
from monitor.storage import probe_caps
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, usage
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals

COLUMNS: list[Column] = [
    {"h": "Provider", "grow": True},
    {"h": "Probes today", "num": True},
    {"h": "Spent today", "num": True},
    {"h": "Cap a day", "num": True},
    {"h": "Of the cap", "num": True},
]


def rows(session: Session, choice: Choice) -> list[Row]:
    """One row for each provider, and one of all together."""
    spent = usage.totals(
        session, choice.day, choice.zone, by=Dimension.PROVIDER, audience=Audience.PROBES
    )
    caps = probe_caps.read(session)
    names = sorted({each.provider for each in endpoints.watched(session)})
    own = [
        _row(name, spent.get(name, Totals()), caps and caps.by_provider.get(name), choice)
        for name in names
    ]
    whole = usage.totals(session, choice.day, choice.zone, audience=Audience.PROBES)[ALL]
    return [*own, _row("", whole, caps and caps.total, choice)] if names else []


def _row(name: str, spent: Totals, cap: int | None, choice: Choice) -> Row:
    href = choice.href(f"/providers/{name}") if name else None
    money = spent.spend_nano_usd
    share = None if not cap or money is None else 100_000 * money // cap
    return {
        "k": name or "all together",
        "c": [
            cells.text(name or "All together", href=href),
            cells.text(fmt.count(spent.n), sort=spent.n),
            _money_cell(money, spent),
            cells.text("none of its own" if cap is None else fmt.money(cap), sort=cap),
            cells.text(fmt.share(share), sort=share, tone="warned" if _is_spent(share) else None),
        ],
    }


def _is_spent(share: int | None) -> bool:
    return share is not None and share >= 100_000  # noqa: PLR2004 - the whole


def _money_cell(money: int | None, spent: Totals) -> Cell:
    if money is None:
        return cells.text("unpriced" if spent.n_unpriced else "no usage", tone="warned")
    unpriced = f"{spent.n_unpriced:,} unpriced" if spent.n_unpriced else None
    return cells.text(fmt.money(money), below=unpriced, sort=money / 1e9)
