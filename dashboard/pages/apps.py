"""Apps: who uses a model, the most popular ones and those that are used more than they were."""

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.table import rows_json, table
from dashboard.grouping import written
from monitor.domain.dimensions import Filters
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


def section(window: str, popular: str, trending: str) -> Component:
    """The two tables side by side."""
    empty = "No app told of itself by HTTP-Referer in this window."
    level = "No app is used more than in the three windows before."
    return html.Div(
        [
            parts.section(
                "Apps using this model",
                table(ids.MODEL_APPS, "Apps", _POPULAR, popular, empty=empty),
                note=f"popular: by the team's tokens · {window}",
            ),
            parts.section(
                "Trending apps",
                table(ids.MODEL_TRENDING, "Trending apps", _TRENDING, trending, empty=level),
                note="tokens, against the mean of three windows before",
            ),
        ],
        className="iw-pair",
    )


def rows(session: Session, choice: Choice, model: str) -> tuple[str, str]:
    """The rows of both tables."""
    used = trends.of_apps(session, choice.window, choice.zone, Filters(model=model))
    whole = sum(each.totals.tokens for each in used)
    popular = [_popular(each, whole, model, choice) for each in used if each.totals.n][:_MOST]
    rising = [
        _trending(each, each.trend, model, choice)
        for each in trends.rising(used)[:_MOST]
        if each.trend is not None
    ]
    return rows_json(popular), rows_json(rising)


def _named(each: AppUse, model: str, choice: Choice) -> tuple[cells.Cell, str]:
    href = choice.href("/usage", app=written(each.app), model=model)
    below = each.app[:200] if each.title != each.app else None
    return cells.text(each.title[:200] or _UNKNOWN, below=below, href=href), href


def _popular(each: AppUse, whole: int, model: str, choice: Choice) -> Row:
    cell, href = _named(each, model, choice)
    tokens = each.totals.tokens
    share = 100_000 * tokens // whole if whole else None
    missing = f"{each.totals.n_missing:,} without usage" if each.totals.n_missing else None
    return {
        "k": each.app,
        "h": href,
        "c": [
            cell,
            cells.text(fmt.tokens(tokens), sort=tokens),
            cells.text(fmt.share(share), sort=share),
            cells.text(fmt.count(each.totals.n), below=missing, sort=each.totals.n),
        ],
    }


def _trending(each: AppUse, trend: Trend, model: str, choice: Choice) -> Row:
    cell, href = _named(each, model, choice)
    mean = trend.now - trend.gain
    return {
        "k": each.app,
        "h": href,
        "c": [
            cell,
            cells.text(f"+{fmt.tokens(trend.gain)}", sort=trend.gain),
            cells.text(fmt.tokens(trend.now), sort=trend.now),
            cells.text(fmt.tokens(mean), sort=mean),
        ],
    }
