"""Movers: what changed whose spend, side by side."""

from collections.abc import Sequence
from typing import Any

from dashboard import theme
from dashboard.figures.axes import Figure, figure, has_values, say
from dashboard.figures.spend import plain
from monitor.domain.money import usd_from_nano
from monitor.domain.movers import Effects, Mover

EFFECTS = {
    "volume": ("Volume", theme.SERIES[0]),
    "mix": ("Mix", theme.SERIES[1]),
    "price": ("Price", theme.SERIES[3]),
    "new": ("New", theme.SERIES[2]),
    "gone": ("Gone", theme.SERIES[7]),
}


def effects(moved: Sequence[Mover[str]]) -> Figure:
    """What changed each mover's spend: one bar each, effects that add to the right, others left."""
    owners = [plain(each.owner or "not known") for each in moved]
    traces = [_effect(name, owners, moved) for name in Effects._fields]
    drawn = figure(
        traces,
        barmode="relative",
        bargap=0.35,
        hovermode="y unified",
        margin={"l": 8, "r": 12, "t": 8, "b": 30},
        xaxis={
            "type": "linear",
            "tickprefix": "$",
            "tickformatstops": None,
            "zeroline": True,
            "zerolinecolor": "rgba(128, 136, 152, 0.6)",
            "showgrid": True,
        },
        yaxis={"type": "category", "autorange": "reversed", "automargin": True, "nticks": 0},
    )
    values = {"data": [{"y": trace["x"]} for trace in traces]}
    return drawn if has_values(values) else say("Nothing changed between these periods", drawn)


def _effect(name: str, owners: Sequence[str], moved: Sequence[Mover[str]]) -> dict[str, Any]:
    word, colour = EFFECTS[name]
    amounts: list[int] = [getattr(each.effects, name) for each in moved]
    return {
        "type": "bar",
        "orientation": "h",
        "name": word,
        "y": list(owners),
        "x": [float(usd_from_nano(amount)) for amount in amounts],
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": "$%{x:,.4~f}",
    }
