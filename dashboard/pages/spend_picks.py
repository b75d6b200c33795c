"""Spend picks: what figures are kept apart by, and of which calls they are, as links."""

from dash import html
from dash.development.base_component import Component

from dashboard.choices import Choice
from dashboard.components.attributes import hyphened
from dashboard.grouping import GROUPINGS, link, shown
from monitor.domain.dimensions import Dimension, Filters


def groupings(default: Dimension) -> Component:
    """A link for each grouping; assets/shell.js writes and marks the one in the address."""
    links = [
        html.A(
            f"by {by}" if by is Dimension.MODEL else by.value,
            href=f"?by={by}",
            **hyphened(data_set=f"by={by}", data_default=default.value),
        )
        for by in GROUPINGS
    ]
    return html.Nav(links, className="iw-pick", **hyphened(aria_label="Kept apart by"))


def chosen(choice: Choice, path: str, filters: Filters) -> list[Component]:
    """What is filtered by, each with a link that takes it away."""
    return [
        html.A(
            f"{by}: {shown(by, name) if name else 'not known'} ×",
            href=link(choice, path, **{by.value: None}),
            className="iw-button",
            title=f"Show every {by} again",
        )
        for by, name in filters.given()
    ]


def what_if(choice: Choice) -> Component:
    """A link to what these calls would cost elsewhere."""
    title = "What these calls would cost at other endpoints' prices"
    href = link(choice, "/spend/what-if", by=None)
    return html.A("What if …", href=href, className="iw-button", title=title)
