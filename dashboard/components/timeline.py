"""Timeline: what happened, one line an event, the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice


@dataclass(frozen=True, slots=True)
class Event:
    """Something at an instant; `tone` is a state, drawn as its shape. `href` leads to `link`."""

    at_ms: int
    tone: str
    what: str
    more: str = ""
    href: str | None = None
    link: str = "the call"


def timeline(events: Sequence[Event], choice: Choice) -> Component:
    """The events in the order of their instants; of the same instant, as they are given."""
    ordered = sorted(events, key=lambda event: event.at_ms)
    return html.Ol([_item(each, choice) for each in ordered], className="iw-timeline")


def _item(event: Event, choice: Choice) -> Component:
    at = fmt.stamp(event.at_ms, choice.zone)
    links = [] if event.href is None else [html.A(event.link, href=event.href)]
    return html.Li(
        [
            html.Span(at, className="iw-at"),
            html.Span(event.what, className=f"iw-state is-{event.tone}"),
            html.Span([event.more, *([" "] if links else []), *links], className="iw-more-of"),
        ]
    )
