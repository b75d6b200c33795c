"""Waterfall: the phases of one call, one under the other on a common scale."""

from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.theme import SERIES
from monitor.domain.calls import Timings

Span = tuple[str, float, float]


def waterfall(timings: Timings) -> Component:
    """Each known phase as a bar from its start to its end."""
    found = spans(timings)
    whole_s = max((end for _, _, end in found), default=0.0)
    rows = [part for i, span in enumerate(found) for part in _row(span, whole_s, SERIES[i % 8])]
    return html.Dl(rows, className="iw-fall")


def spans(timings: Timings) -> list[Span]:
    """(name, start, end) in seconds from the call's start, in order, of what is known.

    A phase that is not known is part of the one after it.
    """
    connected_s = timings.connect_s
    secured_s = None if timings.tls_s is None else (connected_s or 0.0) + timings.tls_s
    marks = [
        ("Connect", connected_s),
        ("TLS", secured_s),
        ("First byte", timings.first_byte_s),
        ("First token", timings.ttft_s),
        ("Rest of the answer" if _is_answered(timings) else "Without an answer", timings.total_s),
    ]
    known = [(name, at) for name, at in marks if at is not None]
    return [
        (name, min(before, at), at) for (_, before), (name, at) in pairwise([("", 0.0), *known])
    ]


def _is_answered(timings: Timings) -> bool:
    return timings.first_byte_s is not None or timings.ttft_s is not None


def _row(span: Span, whole_s: float, colour: str) -> list[Component]:
    name, start_s, end_s = span
    share = 100 / whole_s if whole_s else 0
    style = {
        "left": f"{start_s * share:.2f}%",
        "width": f"{(end_s - start_s) * share:.2f}%",
        "--series": colour,
    }
    return [
        html.Dt(name),
        html.Dd(html.I(style=style), className="iw-track"),
        html.Dd(fmt.seconds(end_s - start_s), className="is-num"),
    ]
