"""Parts: the small pieces pages are built of."""

from collections.abc import Sequence
from typing import Any

from dash import Patch, dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import hyphened
from dashboard.theme import GRAPH_CONFIG

Children = Sequence[Component | str] | Component | str | None


def section(title: str, *children: Component, note: Children = None, name: str = "") -> Component:
    """A titled part of a page; the note says what is counted, and in which window."""
    # A component without children is false, hence the comparison.
    heading = (
        [html.H2(title), html.P(note, className="iw-note")]
        if note is not None
        else [html.H2(title)]
    )
    return html.Section([html.Header(heading), *children], className=f"iw-section {name}")


def card(label: str, value: str, *below: str, tone: str = "", word: str = "") -> Component:
    """A figure with its name above and how far it can be trusted below.

    `tone` is `state` for a drawn state instead of a number.
    """
    unit: list[Component | str] = [" ", html.Small(word)] if word else []
    return html.Div(
        [
            html.H3(label),
            html.P([value, *unit], className="iw-value"),
            html.P([html.Span(line) for line in below], className="iw-below"),
        ],
        className=f"iw-card {tone}",
    )


def notice(title: str, *sentences: Children, tone: str = "quiet") -> Component:
    """A drawn state: what there is to say where there is nothing to show."""
    paragraphs = [html.P(sentence) for sentence in sentences]
    return html.Div([html.H3(title), *paragraphs], className=f"iw-notice {tone}", role="status")


def graph(component_id: str, label: str, figure: object = None) -> Component:
    """A chart; `label` is what it is called where it cannot be seen."""
    chart = dcc.Graph(
        id=component_id,
        figure=figure or {"data": [], "layout": {}},
        config=GRAPH_CONFIG,
        style={"height": "240px"},
    )
    drawn = html.Div(chart, role="img", **hyphened(aria_label=label))
    # assets/charts.js puts buttons there.
    save = html.Div(className="iw-tools iw-save")
    return html.Figure([save, drawn], className="iw-figure", **hyphened(aria_label=label))


def renew(figure: dict[str, Any]) -> Patch:
    """The news of a chart that is shown already.

    Its layout stays: Dash writes a reader's zoom into it, and a whole new figure would undo that,
    whatever its `uirevision`.
    """
    patch = Patch()
    patch["data"] = figure["data"]
    layout = figure["layout"]
    patch["layout"]["annotations"] = layout.get("annotations", [])
    patch["layout"]["shapes"] = layout.get("shapes", [])
    patch["layout"]["xaxis"]["autorangeoptions"] = layout["xaxis"].get("autorangeoptions")
    patch["layout"]["yaxis"]["dtick"] = layout["yaxis"].get("dtick")
    for axis in ("xaxis", "yaxis"):
        patch["layout"][axis]["visible"] = layout[axis].get("visible", True)
    return patch


def legend(entries: Sequence[tuple[str, str]]) -> Component:
    """(colour, name) of each series, outside of the chart, where it can wrap."""
    items = [html.Li(name, style={"--series": colour}) for colour, name in entries]
    return html.Ul(items, className="iw-legend")


def facts(pairs: Sequence[tuple[str, Children]]) -> Component:
    """Names and what they are."""
    items = [part for name, value in pairs for part in (html.Dt(name), html.Dd(value))]
    return html.Dl(items, className="iw-facts")


def code(title: str, text: str) -> Component:
    """A text to copy; the button copies what is shown."""
    head = html.Div(
        [html.Span(title), html.Button("Copy", type="button", className="iw-copy")],
        className="iw-code-head",
    )
    return html.Div([head, html.Pre(text, tabIndex=0)], className="iw-code")


def page(title: str, *children: Component) -> Component:
    """A page; assets/shell.js makes its title the browser's."""
    return html.Main(list(children), className="iw-page", **hyphened(data_title=title))
