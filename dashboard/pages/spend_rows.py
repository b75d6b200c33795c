"""Spend rows: who spent, what moved, what failed, and what has no price."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import outcome_cell
from dashboard.grouping import link, written
from monitor.domain.dimensions import Dimension, short_user
from monitor.domain.movers import Mover, together
from monitor.services.spend import Spending
from monitor.storage.queries.spend import FailedCost
from monitor.storage.queries.totals import Totals, add_up

#: After the owner's name.
OWNERS: list[Column] = [
    {"h": "Spend", "num": True},
    {"h": "Share", "num": True},
    {"h": "Before", "num": True},
    {"h": "Calls", "num": True},
    {"h": "Tokens", "num": True},
    {"h": "Cost known", "num": True},
]
MOVED: list[Column] = [
    {"h": "Before", "num": True},
    {"h": "After", "num": True},
    {"h": "Change", "num": True},
    {"h": "Volume", "num": True},
    {"h": "Mix", "num": True},
    {"h": "Price", "num": True},
    {"h": "New", "num": True},
    {"h": "Gone", "num": True},
]
FAILED: list[Column] = [
    {"h": "Outcome", "grow": True},
    {"h": "Calls of known cost", "num": True},
    {"h": "Cost", "num": True},
]
UNPRICED: list[Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "Calls without a price", "num": True},
    {"h": "Of calls", "num": True},
    {"h": "Tokens of all", "num": True},
]
#: More owners than these are one: who wants them all asks `inferwatch spend`.
MOST_OWNERS = 200
MOST_MOVERS = 8
REST = "all others"
_NONE = "not known"
_NANO = 1_000_000_000
#: Where a row of a dimension leads: to what it is, else to its own figures by model.
_PLACES = {
    Dimension.PROVIDER: "/providers/",
    Dimension.MODEL: "/models/",
}


def name_of(owner: str, by: Dimension) -> str:
    """An owner in words; of a user the first digits of his hash."""
    return (short_user(owner) if by is Dimension.USER else owner) or _NONE


def owner_rows(found: Spending, by: Dimension, choice: Choice) -> list[Row]:
    """Owners of the window, the dearest first; those of the period before alone at the end.

    What is left out is one row, but for tags: they overlap, and sum to nothing.
    """
    whole = found.total.cost_nano_usd
    earlier = {o: t for o, t in found.owners_before.items() if o not in found.owners}
    listed = {**found.owners, **dict.fromkeys(earlier, Totals())}
    rows = [
        _line(owner, _named(owner, by, choice), totals, _before(found, [owner]), whole)
        | {"h": _href(owner, by, choice)}
        for owner, totals in islice(listed.items(), MOST_OWNERS)
    ]
    rest = list(listed)[MOST_OWNERS:]
    if not rest or by is Dimension.TAG:
        return rows
    totals = add_up(listed[owner] for owner in rest)
    label = cells.text(f"{len(rest):,} others")
    return [*rows, _line("others", label, totals, _before(found, rest), whole)]


def _before(found: Spending, owners: Sequence[str]) -> Totals:
    return add_up(found.owners_before.get(owner, Totals()) for owner in owners)


def _named(owner: str, by: Dimension, choice: Choice) -> Cell:
    href = _href(owner, by, choice)
    return cells.text(name_of(owner, by), href=href, tone=None if owner else "quiet")


def _line(key: str, name: Cell, totals: Totals, before: Totals, whole: int) -> Row:
    share = 100_000 * totals.cost_nano_usd // whole if whole else None
    known = 100_000 * totals.n_costed // totals.n if totals.n else None
    return {
        "k": key or "(none)",
        "c": [
            name,
            money_cell(totals),
            cells.text(fmt.share(share), sort=share),
            money_cell(before),
            cells.text(fmt.count(totals.n), sort=totals.n),
            cells.text(fmt.tokens(totals.tokens), sort=totals.tokens),
            cells.text(fmt.share(known), below=_lacks(totals), sort=known),
        ],
    }


def _href(owner: str, by: Dimension, choice: Choice) -> str:
    if owner and by in _PLACES:
        return choice.href(f"{_PLACES[by]}{owner}")
    if by is Dimension.ENDPOINT:
        return choice.href("/calls", endpoint=owner)
    if by is Dimension.ORIGIN:
        return choice.href("/calls", origin=owner)
    return link(choice, "/spend", **{by.value: written(owner), "by": Dimension.MODEL.value})


def _lacks(totals: Totals) -> str | None:
    parts = [f"{totals.n_unpriced:,} unpriced"] if totals.n_unpriced else []
    parts += [f"{totals.n_no_usage:,} without usage"] if totals.n_no_usage else []
    return ", ".join(parts) or None


def money_cell(totals: Totals) -> Cell:
    """Money of calls; without a call a dash, without any known cost the reason."""
    if not totals.n:
        return cells.text(fmt.DASH, sort=0)
    money = totals.spend_nano_usd
    if money is None:
        return cells.text("unpriced" if totals.n_unpriced else "no usage", tone="warned")
    return cells.text(fmt.money(money), sort=money / _NANO)


def shown_movers(moved: Sequence[Mover[str]], by: Dimension) -> list[Mover[str]]:
    """Those that are drawn: the greatest, and all others as one, but for tags.

    Who spent nothing in either period moved nothing, or is unpriced, which is not $0.
    """
    spent = [each for each in moved if each.before_nano_usd or each.after_nano_usd]
    named = [replace(each, owner=name_of(each.owner, by)) for each in spent]
    first, rest = named[:MOST_MOVERS], named[MOST_MOVERS:]
    if not rest or by is Dimension.TAG:
        return first
    return [*first, together(rest, f"{REST} ({len(rest)})")]


def mover_rows(moved: Sequence[Mover[str]], whole: Mover[str] | None, by: Dimension) -> list[Row]:
    """What moved, and a row of all together."""
    shown = shown_movers(moved, by)
    if not shown or whole is None:
        return []
    listed = [(each.owner, each) for each in shown]
    return [_mover_row(*each) for each in [*listed, ("All together", whole)]]


def _mover_row(name: str, mover: Mover[str]) -> Row:
    amounts = [mover.before_nano_usd, mover.after_nano_usd]
    changes = [mover.change_nano_usd, *mover.effects]
    return {
        "k": name,
        "c": [
            cells.text(name),
            *(cells.text(fmt.money(each), sort=each / _NANO) for each in amounts),
            *(_change_cell(each) for each in changes),
        ],
    }


def _change_cell(nano_usd: int) -> Cell:
    shown = fmt.signed(nano_usd) if nano_usd else fmt.DASH
    return cells.text(shown, sort=nano_usd / _NANO, tone=None if nano_usd else "quiet")


def failed_rows(failed: FailedCost, choice: Choice) -> list[Row]:
    """What failed calls cost, by class; a row leads to the calls."""
    return [
        {
            "k": result.value,
            "h": choice.href("/calls", outcome=result.value),
            "c": [
                outcome_cell(result, None),
                cells.text(fmt.count(each.n), sort=each.n),
                cells.text(fmt.money(each.cost_nano_usd), sort=each.cost_nano_usd / _NANO),
            ],
        }
        for result, each in failed.by_class.items()
    ]


def unpriced_rows(unpriced: Mapping[str, Totals], choice: Choice) -> list[Row]:
    """Endpoints with calls that have no price, most of them first."""
    return [
        {
            "k": slug,
            "h": choice.href("/calls", endpoint=slug),
            "c": [
                cells.text(slug, href=choice.href("/calls", endpoint=slug)),
                cells.text(fmt.count(totals.n_unpriced), sort=totals.n_unpriced),
                cells.text(fmt.count(totals.n), sort=totals.n),
                cells.text(fmt.tokens(totals.tokens), sort=totals.tokens),
            ],
        }
        for slug, totals in unpriced.items()
    ]
