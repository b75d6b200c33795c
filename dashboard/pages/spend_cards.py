"""Spend cards: what a window and the month cost, what was spared, and what was for nothing."""

from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.parts import card
from monitor.domain.savings import Savings
from monitor.services.courses import Course
from monitor.services.spend import Spending
from monitor.storage.queries.spend import FailedCost
from monitor.storage.queries.totals import Totals


def cards(
    found: Spending, month: Course, caps_nano_usd: int | None, choice: Choice
) -> list[Component]:
    """Six figures, each with how far it can be trusted."""
    return [
        _spent(found),
        _month(month, found),
        _spared(found.cached, found),
        _failed(found.failed, found, choice),
        _unpriced(found.total),
        _probes(found.probes, caps_nano_usd),
    ]


def nothing(found: Spending, otherwise: str) -> str:
    """What there is to say where a team has no call."""
    return otherwise if found.team_ever else "No team usage yet"


def money_known(whole: Totals) -> str:
    """A sum of money, or in a word why there is none."""
    if whole.spend_nano_usd is None:
        return "Not priced" if whole.n_unpriced else "No usage reported"
    return fmt.money(whole.spend_nano_usd)


def cost_known(whole: Totals) -> str:
    """Of how many calls the cost is known."""
    share = 100_000 * whole.n_costed // whole.n if whole.n else None
    return f"cost known of {fmt.share(share)} of {fmt.plural(whole.n, 'call')}"


def _spent(found: Spending) -> Component:
    whole, name = found.total, "Spend in this window"
    if not whole.n:
        return card(name, nothing(found, "No team call in this window"), tone="state")
    tone = "state" if whole.spend_nano_usd is None else ""
    return card(name, money_known(whole), cost_known(whole), *_left_out(whole), tone=tone)


def _left_out(whole: Totals) -> list[str]:
    parts = [f"{whole.n_unpriced:,} unpriced"] if whole.n_unpriced else []
    parts += [f"{whole.n_no_usage:,} without usage"] if whole.n_no_usage else []
    return [f"{', '.join(parts)} left out"] if parts else []


def _month(month: Course, found: Spending) -> Component:
    whole, name = month.so_far, "This month, so far"
    if not whole.n:
        return card(name, nothing(found, "No team call this month"), tone="state")
    below = [cost_known(whole)]
    if month.outlook is not None:
        low, middle, high = map(fmt.money, month.outlook.forecast.total)
        below.append(f"{middle} by its end, {low} to {high} at 80 %")
    elif month.projected_nano_usd is not None:
        mean = f"projected, {fmt.plural(month.paced_days, 'day')}"
        below.append(f"{fmt.money(month.projected_nano_usd)} by its end: {mean}")
    elif whole.spend_nano_usd is not None:
        below.append("no projection before a complete day")
    tone = "state" if whole.spend_nano_usd is None else ""
    return card(name, money_known(whole), *below, tone=tone)


def _spared(cached: Savings, found: Spending) -> Component:
    name, known = "Spared by caching", cached.exact + cached.about
    if not found.total.n:
        return card(name, nothing(found, "No team call in this window"), tone="state")
    if not known and not cached.left_out:
        return card(name, "Nothing came from a cache", tone="state")
    if not known:
        tokens = f"{fmt.tokens(cached.left_out)} cached tokens at rates that nobody told"
        return card(name, "Not known", tokens, tone="state")
    reads = f"reads spared {fmt.money(cached.spared_nano_usd)}"
    extra = cached.extra_nano_usd
    writes = f", writes cost {fmt.money(extra)} on top" if extra else ""
    return card(name, fmt.money(cached.net_nano_usd), f"{reads}{writes}", _of_tokens(cached))


def _of_tokens(cached: Savings) -> str:
    parts = [f"of {fmt.tokens(cached.exact + cached.about)} cached tokens"]
    parts += [f"{fmt.tokens(cached.about)} in proportion"] if cached.about else []
    parts += [f"{fmt.tokens(cached.left_out)} of unknown rates left out"] if cached.left_out else []
    return ", ".join(parts)


def _failed(failed: FailedCost, found: Spending, choice: Choice) -> Component:
    name, whole = "Failed calls cost", found.total
    if not whole.n:
        return card(name, nothing(found, "No team call in this window"), tone="state")
    bad = whole.n - whole.n_good
    part = scanned(failed, choice)
    if not failed.n:
        told = f"of none of {bad:,} failed calls a cost is known" if bad else "no call failed"
        return card(name, "Nothing known" if bad else "$0", told, *part, tone="state" * bool(bad))
    told = f"{fmt.plural(failed.n, 'failed call')} of known cost, {bad:,} failed"
    return card(name, fmt.money(failed.cost_nano_usd), told, *part)


def scanned(failed: FailedCost, choice: Choice) -> list[str]:
    """Which part of the window was looked at, where that is not all of it."""
    if failed.window.from_ms <= choice.window.from_ms:
        return []
    since = fmt.clock(failed.window.from_ms, choice.zone, choice.now_ms)
    return [f"of the newest {fmt.plural(failed.scanned, 'call')} only, since {since}"]


def _unpriced(whole: Totals) -> Component:
    name = "Not counted"
    if not whole.n:
        return card(name, "No call", tone="state")
    lacking = fmt.plural(whole.n_unpriced + whole.n_no_usage, "call")
    unpriced = f"{whole.n_unpriced:,} without a price"
    return card(name, lacking, unpriced, f"{whole.n_no_usage:,} without usage")


def _probes(probes: Totals, cap_nano_usd: int | None) -> Component:
    name = "Probes, apart"
    cap = (
        "no plan yet"
        if cap_nano_usd is None
        else f"planned: {fmt.money(cap_nano_usd)} a day at most"
    )
    if not probes.n:
        return card(name, "No probe in this window", cap, tone="state")
    tone = "state" if probes.spend_nano_usd is None else ""
    below = f"{fmt.plural(probes.n, 'probe')} in this window"
    return card(name, money_known(probes), below, cap, tone=tone)
