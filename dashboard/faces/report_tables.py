"""Report tables: what a month's money was for, and what was down, in few rows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard import format as fmt
from monitor.domain.movers import Effects, Mover
from monitor.services.reports import Failure, Report
from monitor.services.spend import Spending
from monitor.storage.queries.totals import Totals, add_up

_SHOWN, _WHOLE = 8, 100_000
_WORDS = {
    "volume": "use",
    "mix": "what was used",
    "price": "prices",
    "new": "new endpoints",
    "gone": "endpoints no longer used",
}


class Table(NamedTuple):
    """A titled table of texts; numbers stand to the right."""

    title: str
    heads: Sequence[str]
    is_number: Sequence[bool]
    rows: Sequence[Sequence[str]]
    empty: str
    note: str = ""


def owners(title: str, head: str, found: Spending) -> Table:
    """Who spent it, the dearest first, with the period before."""
    listed = list(found.owners.items())
    rows = [_owner(name or "not known", totals, found) for name, totals in listed[:_SHOWN]]
    rest = listed[_SHOWN:]
    if rest:
        others = add_up(totals for _, totals in rest)
        rows.append(_owner(f"{len(rest)} more", others, found))
    heads = (head, "Spend", "Share", "Before", "Calls", "Cost known")
    numbers = (False, True, True, True, True, True)
    return Table(title, heads, numbers, rows, "No team call in this month.")


def _owner(name: str, totals: Totals, found: Spending) -> tuple[str, ...]:
    whole, before = found.total.cost_nano_usd, found.owners_before.get(name)
    return (
        name,
        "not known" if totals.spend_nano_usd is None else fmt.money(totals.cost_nano_usd),
        fmt.share(_WHOLE * totals.cost_nano_usd // whole) if whole else fmt.DASH,
        fmt.DASH if before is None else fmt.money(before.spend_nano_usd),
        fmt.count(totals.n),
        fmt.share(_WHOLE * totals.n_costed // totals.n) if totals.n else fmt.DASH,
    )


def movers(found: Spending) -> Table:
    """What changed against the same days before, and what changed it."""
    rows = [_mover(each) for each in found.moved[:_SHOWN] if each.change_nano_usd]
    heads, numbers = (
        ("Model", "Change", "From", "To", "Because of"),
        (False, True, True, True, False),
    )
    empty = "There is no earlier period to compare with."
    return Table(
        "What changed", heads, numbers, rows, empty, "complete days, against as many before"
    )


def _mover(mover: Mover[str]) -> tuple[str, ...]:
    return (
        mover.owner or "not known",
        fmt.signed(mover.change_nano_usd),
        fmt.money(mover.before_nano_usd),
        fmt.money(mover.after_nano_usd),
        ", ".join(_because(mover.effects)) or fmt.DASH,
    )


def _because(effects: Effects) -> Iterator[str]:
    """The effects that matter, the greatest first, in words."""
    named = sorted(effects._asdict().items(), key=lambda each: -abs(each[1]))
    most = abs(named[0][1])
    for name, nano_usd in named:
        if nano_usd and abs(nano_usd) * 10 >= most:
            yield f"{_WORDS[name]} {fmt.signed(nano_usd)}"


def budgets(report: Report) -> Table:
    """How each budget's period stands that the month ends in."""
    rows = [
        (
            kept.held.budget.name,
            str(kept.held.budget.scope),
            fmt.money(kept.spent.shown_nano_usd),
            fmt.money(kept.held.amount_nano_usd),
            fmt.share(_WHOLE * kept.spent.nano_usd // kept.held.amount_nano_usd),
            f"{kept.held.budget.cycle.period}",
        )
        for kept in report.budgets
    ]
    heads = ("Budget", "For", "Spent", "Amount", "Used", "Per")
    numbers = (False, False, True, True, True, False)
    return Table("Budgets", heads, numbers, rows, "There is no budget.")


def availability(report: Report) -> Table:
    """The endpoints that were down longest, and of how much time that is known."""
    rows = [
        (
            each.slug,
            fmt.percent(each.availability.percent_milli),
            fmt.lasting(each.availability.down_ms) if each.availability.covered_ms else fmt.DASH,
            fmt.share(each.availability.coverage_milli),
        )
        for each in report.watched[:_SHOWN]
    ]
    rest = len(report.watched) - len(rows)
    note = f"the lowest {len(rows)}; {rest} more were no worse" if rest > 0 else ""
    heads, numbers = ("Endpoint", "Availability", "Down", "Watched"), (False, True, True, True)
    return Table("Availability", heads, numbers, rows, "Nothing was watched.", note)


def incidents(report: Report) -> Table:
    """What was confirmed to have failed, with what failed calls cost."""
    rows = [_incident(each, report) for each in report.failures]
    heads = ("Since", "What", "Lasted", "Failed calls", "They cost")
    numbers = (False, False, True, True, True)
    rest = report.n_incidents - len(rows)
    note = f"the {len(rows)} longest; {rest} more were shorter" if rest else ""
    return Table("Incidents", heads, numbers, rows, "Nothing was confirmed to have failed.", note)


def _incident(failure: Failure, report: Report) -> tuple[str, ...]:
    incident, failed = failure.incident, failure.failed
    lasted_ms = None if incident.ended_ms is None else incident.ended_ms - incident.started_ms
    known = failed.calls - failed.unknown
    return (
        fmt.clock(incident.started_ms, report.zone, report.now_ms),
        f"{failure.slug or incident.subject or 'our own network'}: {incident.cause}",
        "still open" if lasted_ms is None else fmt.lasting(lasted_ms),
        fmt.count(failed.calls),
        fmt.money(failed.nano_usd) if known or not failed.calls else "not known",
    )
