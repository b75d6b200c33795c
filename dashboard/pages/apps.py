"""Apps: who uses models, the most popular ones and those that are used more than they were."""

from collections.abc import Callable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.table import rows_json, table
from dashboard.grouping import filters, link, written
from monitor.domain.dimensions import Filters, OutOfReachError
from monitor.domain.trends import Trend
from monitor.services import trends
from monitor.services.trends import AppUse
from monitor.storage.engine import Session

_MOST = 10
_POPULAR: list[Column] = [
    {"h": "App", "grow": True},
    {"h": "Tokens", "num": True},
    {"h": "Share", "num": True},
    {"h": "Calls", "num": True},
]
_TRENDING: list[Column] = [
    {"h": "App", "grow": True},
    {"h": "Gain", "num": True},
    {"h": "Tokens", "num": True},
    {"h": "Mean before", "num": True},
]
_UNKNOWN = "no app told"

#: Where the page of an app is.
Href = Callable[[AppUse], str]


def section(window: str, popular: str, trending: str) -> Component:
    """The two tables side by side."""
    empty = "No app told of itself by HTTP-Referer in this window."
    return html.Div(
        [
            parts.section(
                "Apps using this model",
                table(ids.MODEL_APPS, "Apps", _POPULAR, popular, empty=empty),
                note=f"popular: by the team's tokens · {window}",
            ),
            trending_section(ids.MODEL_TRENDING, trending),
        ],
        className="iw-pair",
    )


def trending_section(table_id: str, rows: str) -> Component:
    """Those that are used more than they were."""
    level = "No app is known to be used more than in the three windows before."
    return parts.section(
        "Trending apps",
        table(table_id, "Trending apps", _TRENDING, rows, empty=level),
        note="tokens, against the mean of three windows before",
    )


def trending(session: Session, choice: Choice) -> str:
    """The rows of those, of the calls that are chosen; none where it is not known who called."""
    try:
        used = trends.of_apps(session, choice.window, choice.zone, filters(choice))
    except OutOfReachError:
        return "[]"
    return _trending_rows(used, lambda each: link(choice, "/usage", app=written(each.app), by=None))


def rows(session: Session, choice: Choice, model: str) -> tuple[str, str]:
    """The rows of both tables of a model."""
    used = trends.of_apps(session, choice.window, choice.zone, Filters(model=model))
    whole = sum(each.totals.tokens for each in used)

    def href(each: AppUse) -> str:
        return choice.href("/usage", app=written(each.app), model=model)

    popular = [_popular(each, whole, href(each)) for each in used if each.totals.n][:_MOST]
    return rows_json(popular), _trending_rows(used, href)


def _trending_rows(used: Sequence[AppUse], href: Href) -> str:
    return rows_json(
        [
            _trending(each, each.trend, href(each))
            for each in trends.rising(used)[:_MOST]
            if each.trend is not None
        ]
    )


def _named(each: AppUse, href: str) -> cells.Cell:
    below = each.app[:200] if each.title != each.app else None
    return cells.text(each.title[:200] or _UNKNOWN, below=below, href=href)


def _popular(each: AppUse, whole: int, href: str) -> Row:
    tokens = each.totals.tokens
    share = 100_000 * tokens // whole if whole else None
    missing = f"{each.totals.n_missing:,} without usage" if each.totals.n_missing else None
    return {
        "k": each.app,
        "h": href,
        "c": [
            _named(each, href),
            cells.text(fmt.tokens(tokens), sort=tokens),
            cells.text(fmt.share(share), sort=share),
            cells.text(fmt.count(each.totals.n), below=missing, sort=each.totals.n),
        ],
    }


def _trending(each: AppUse, trend: Trend, href: str) -> Row:
    mean = trend.now - trend.gain
    return {
        "k": each.app,
        "h": href,
        "c": [
            _named(each, href),
            cells.text(f"+{fmt.tokens(trend.gain)}", sort=trend.gain),
            cells.text(fmt.tokens(trend.now), sort=trend.now),
            cells.text(fmt.tokens(mean), sort=mean),
        ],
    }
