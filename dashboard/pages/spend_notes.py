"""Spend notes: the sentences beside figures of spend, which say what they are of."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.pages.spend_cards import scanned
from monitor.domain.budgets import InForce
from monitor.domain.counterparts import Kind
from monitor.domain.windows import Window, day_of
from monitor.services import breakdown
from monitor.services.courses import Course
from monitor.services.forecasts import Outlook
from monitor.services.spend import Drift, Question, Spending
from monitor.storage.engine import Session
from monitor.storage.queries.totals import Totals


def window_days(window: Window, choice: Choice) -> str:
    """A window of whole days."""
    zone = choice.zone
    return fmt.days(day_of(window.from_ms, zone), day_of(window.to_ms - 1, zone))


def notice(found: Spending) -> Component | None:
    """What to do where no team was ever recorded."""
    if found.team_ever:
        return None
    how = "Calls of your programs come through the two-line recorder, POST /v1/usage, or an import."
    return parts.notice("No team usage yet", how, "What our own probes cost stands apart, below.")


def owners(session: Session, found: Spending, choice: Choice, asked: Question) -> str:
    """Which period stands beside the window, and what there is to know of who is listed."""
    earlier = "no earlier period" if found.before is None else _earlier(found.before, choice)
    told = [
        "team, probes left out",
        breakdown.told_of(asked.by, found.owners, found.total),
        f"before: {earlier}",
        fmt.zone_name(choice.zone),
        breakdown.days_of_home(session, choice.zone, asked.by, asked.filters),
    ]
    return " · ".join(filter(None, told))


def moved(found: Spending, choice: Choice) -> str:
    """Which two periods are compared."""
    if found.is_first:
        return "no earlier period to compare: the first team call came later than it begins"
    if found.compared is None:
        return "nothing to compare: no day of this window is over yet"
    after, earlier = found.compared.after, found.compared.before
    if choice.kind is Kind.SPAN:
        return f"{fmt.lasting(after.length_ms)} against {_earlier(earlier, choice)}"
    days = f"{window_days(after, choice)} against {window_days(earlier, choice)}"
    return f"{days} · complete days · {fmt.zone_name(choice.zone)}"


def _earlier(window: Window, choice: Choice) -> str:
    if choice.kind is Kind.SPAN:
        return f"the {fmt.lasting(window.length_ms)} before"
    return window_days(window, choice)


def course(found: Course, held: InForce | None) -> str:
    """Which period adds up, and against what."""
    zone = fmt.zone_name(found.cycle.zone)
    days = fmt.days(found.period[0], found.period[-1])
    told = [f"{days} · {zone}"]
    if found.outlook is not None:
        told.append(f"forecast from {record(found.outlook)}")
    elif found.projected_nano_usd is not None:
        mean = fmt.plural(found.paced_days, "day")
        told.append(f"{fmt.money(found.projected_nano_usd)} projected, {mean}")
    if held is not None:
        amount = fmt.money(held.amount_nano_usd)
        told.append(f"budget {held.budget.name[:40]}: {amount} a {held.budget.cycle.period}")
    return " · ".join(told)


def record(outlook: Outlook) -> str:
    """What a forecast is made of, and how its interval did before."""
    days, (held, n) = fmt.plural(outlook.days, "day"), outlook.record
    return f"{days}; its 80 % interval held {held} of {n} times before" if n else days


def failed(found: Spending, choice: Choice) -> str:
    """Which calls were looked at."""
    told = scanned(found.failed, choice) or [choice.label()]
    return f"team, of known cost · {told[0]}"


def trust(whole: Totals, drift: Drift) -> Component:
    """How the cost of the window is known, and how far providers' figures are from ours."""
    return parts.facts(
        [
            ("Told by the provider", _calls(whole.n_reported, whole.n)),
            ("By our prices", _calls(whole.n_computed, whole.n)),
            ("Without a price", _calls(whole.n_unpriced, whole.n)),
            ("Without usage", _calls(whole.n_no_usage, whole.n)),
            ("Providers against our prices", _drift(drift)),
        ]
    )


def _calls(n: int, whole: int) -> str:
    share = 100_000 * n // whole if whole else None
    return f"{fmt.plural(n, 'call')}, {fmt.share(share)}" if n else "none"


def _drift(drift: Drift) -> str:
    if not drift.n:
        return "nothing to compare: no call has both"
    theirs, ours = fmt.money(drift.reported_nano_usd), fmt.money(drift.computed_nano_usd)
    off = fmt.signed(drift.reported_nano_usd - drift.computed_nano_usd)
    return f"{theirs} told for {fmt.plural(drift.n, 'call')}, {ours} at our prices: {off}"


def prices_link(choice: Choice) -> Sequence[Component | str]:
    """What to do about calls without a price."""
    where = html.A("Prices", href=choice.href("/prices"))
    return [
        "Set a price under ",
        where,
        ", then price these calls again: inferwatch prices reprice.",
    ]
