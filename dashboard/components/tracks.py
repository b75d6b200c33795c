"""Tracks: what was held true of an endpoint over a span of time, one bar for each policy."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.attributes import hyphened
from dashboard.components.states import word_of
from monitor.domain.health import State
from monitor.domain.windows import Window
from monitor.storage.queries.slices import Slice

#: More would be too thin to be seen, and too many components.
MOST_SPANS = 60
_PENDING = "not settled yet"


def track(name: str, held: Sequence[Slice], window: Window, choice: Choice) -> list[Component]:
    """A named bar of spans; time that is not settled is hatched, time before anything is bare."""
    shown = held[-MOST_SPANS:]
    bars = [_bar(word_of(each.state), each.state.value, each, window, choice) for each in shown]
    end_ms = shown[-1].to_ms if shown else window.from_ms
    if end_ms < window.to_ms:
        rest = Slice(0, end_ms, window.to_ms, State.UNKNOWN)
        bars.append(_bar(_PENDING, "pending", rest, window, choice))
    said = ", ".join(_describe(word_of(each.state), each, choice) for each in shown)
    label = f"{name}: {said or _PENDING}"
    return [
        html.Dt(name),
        html.Dd(bars, className="iw-held", role="img", **hyphened(aria_label=label)),
    ]


def scale(window: Window, choice: Choice) -> list[Component]:
    """The ends of the bars, as times."""
    ends = [fmt.clock(at, choice.zone, choice.now_ms) for at in (window.from_ms, window.to_ms)]
    return [html.Dt(), html.Dd([html.Span(end) for end in ends], className="iw-scale")]


def legend(held: Sequence[Slice], *, has_pending: bool) -> Component:
    """The states that occur, by colour and word."""
    found = dict.fromkeys(each.state for each in held)
    items = [html.Li(word_of(state), className=f"s-{state.value}") for state in found]
    if has_pending:
        items.append(html.Li(_PENDING, className="s-pending"))
    return html.Ul(items, className="iw-legend is-states")


def _bar(word: str, kind: str, span: Slice, window: Window, choice: Choice) -> Component:
    share = 100 / max(1, window.length_ms)
    style = {
        "left": f"{(span.from_ms - window.from_ms) * share:.3f}%",
        "width": f"{(span.to_ms - span.from_ms) * share:.3f}%",
    }
    return html.I(className=f"s-{kind}", style=style, title=_describe(word, span, choice))


def _describe(word: str, span: Slice, choice: Choice) -> str:
    start, end = (fmt.clock(at, choice.zone, choice.now_ms) for at in (span.from_ms, span.to_ms))
    return f"{word} {start} – {end}, {fmt.lasting(span.to_ms - span.from_ms)}"
