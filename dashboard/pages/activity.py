"""Activity: what a model was used for. Tokens and spend per day, versions by their share."""

from collections.abc import Collection, Sequence
from typing import Any

from dashboard import format as fmt
from dashboard import theme
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Column, Row
from dashboard.figures import usage as charts
from dashboard.figures.axes import Figure
from monitor.domain.dimensions import Dimension
from monitor.domain.windows import DAY_MS
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, usage
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

_HATCHED = (theme.HATCHED, "Usage partly missing")
TOKEN_SERIES = [
    *((colour, name) for name, (colour, _) in charts.PARTS.items()),
    (theme.PROBES, "Probes"),
    _HATCHED,
]
SPEND_SERIES = [(theme.TEAM, "Team"), (theme.PROBES, "Probes"), _HATCHED]
VERSIONS: list[Column] = [
    {"h": "Version", "grow": True},
    {"h": "Share of tokens", "num": True},
    {"h": "Tokens", "num": True},
    {"h": "Calls", "num": True},
]
_FEWEST_DAYS = 30


def days(choice: Choice) -> tuple[int, int]:
    """First and last day to draw: those of the window, or 30 where it is shorter than a week."""
    last = choice.last_day
    is_short = choice.window.length_ms < 6 * DAY_MS
    return (last - _FEWEST_DAYS + 1 if is_short else choice.first_day), last


def tokens(session: Session, choice: Choice, numbers: Collection[int]) -> tuple[Figure, str]:
    """Tokens per day of team and probes, and how much of the team's is known."""
    team = _per_day(session, choice, numbers, Audience.TEAM)
    probes = _per_day(session, choice, numbers, Audience.PROBES)
    whole = add_up(each.totals for each in team)
    note = f"{_coverage(session, whole)} · {_span(choice)}"
    return charts.tokens_per_day(team, probes), note


def _coverage(session: Session, whole: Totals) -> str:
    if not whole.n:
        return "no team calls" if usage.has_team_calls(session) else "no team usage yet"
    known = whole.n_measured + whole.n_estimated
    parts = [f"team, usage known of {known:,} of {fmt.plural(whole.n, 'call')}"]
    parts += [f"{whole.n_estimated:,} estimated"] if whole.n_estimated else []
    return ", ".join(parts)


def spend(session: Session, choice: Choice, numbers: Collection[int]) -> tuple[Figure, str]:
    """Dollars per day of team and probes, and how much of them is known."""
    series = {
        name: (colour, _per_day(session, choice, numbers, audience))
        for (colour, name), audience in zip(
            SPEND_SERIES[:2], (Audience.TEAM, Audience.PROBES), strict=True
        )
    }
    sums = [add_up(each.totals for each in per_day) for _, per_day in series.values()]
    return charts.spend_per_day(series), f"{_money(*sums)} · {_span(choice)}"


def _money(team: Totals, probes: Totals) -> str:
    unpriced = team.n_unpriced + probes.n_unpriced
    parts = [f"team {_amount(team)}", f"probes {_amount(probes)}"]
    parts += [f"{fmt.plural(unpriced, 'call')} unpriced and left out"] if unpriced else []
    return ", ".join(parts)


def _amount(whole: Totals) -> str:
    if not whole.n:
        return "no calls"
    return "not known" if whole.spend_nano_usd is None else fmt.money(whole.spend_nano_usd)


def _span(choice: Choice) -> str:
    first, last = days(choice)
    so_far = " so far" if last == choice.today else ""
    return f"{fmt.days(first, last)}{so_far} · {fmt.zone_name(choice.zone)}"


def _per_day(
    session: Session, choice: Choice, numbers: Collection[int], audience: Audience
) -> Sequence[DayTotals]:
    first, last = days(choice)
    found = usage.by_day(session, first, last, choice.zone, audience=audience, endpoint_ids=numbers)
    return found.get(ALL) or [DayTotals(day, Totals()) for day in range(first, last + 1)]


def versions(session: Session, choice: Choice, family: str) -> list[Row]:
    """Every version of a family, the most used first."""
    own = endpoints.in_family(session, family)
    found: dict[Any, Totals] = dict(
        usage.totals(
            session,
            choice.window,
            choice.zone,
            by=Dimension.MODEL,
            audience=Audience.TEAM,
            endpoint_ids=[each.id for each in own],
        )
    )
    counted = {each.model: found.get(each.model, Totals()) for each in own}
    whole = sum(each.tokens for each in counted.values())
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1].tokens, pair[0]))
    return [_version(model, each, whole, choice) for model, each in ordered]


def _version(model: str, counted: Totals, whole: int, choice: Choice) -> Row:
    share = 100_000 * counted.tokens // whole if whole else None
    href = choice.href(f"/models/{model}")
    return {
        "k": model,
        "h": href,
        "c": [
            cells.text(model, href=href),
            cells.text(fmt.share(share), sort=share),
            cells.text(fmt.tokens(counted.tokens), sort=counted.tokens),
            cells.text(fmt.count(counted.n), sort=counted.n),
        ],
    }
