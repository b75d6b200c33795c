"""Picks: rows of links of which one holds. assets/shell.js writes what is picked into the URL."""

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import hyphened


def pick(key: str, options: Mapping[str, str], default: str, label: str) -> Component:
    """The values of a key of the query string, and how they are called."""
    links = [
        html.A(word, href="?", **hyphened(data_set=f"{key}={value}", data_default=default))
        for value, word in options.items()
    ]
    named = html.Span(label, className="iw-pick-name")
    row = html.Nav(links, className="iw-pick", **hyphened(aria_label=label))
    return html.Div([named, row], className="iw-picked")


def chips(given: Sequence[tuple[str, str, str]]) -> Component:
    """Filters that hold: (key, value, the address without it)."""
    links = [
        html.A(
            [html.Span(f"{key}: {value}"), html.Span("×", **hyphened(aria_hidden="true"))],
            href=href,
            className="iw-chip",
            title=f"Show all again, whatever the {key}",
        )
        for key, value, href in given
    ]
    return html.Div(links, className="iw-chips")
