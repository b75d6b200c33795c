"""Report chart: what each day of a month cost, as SVG that prints."""

from collections.abc import Sequence

from dashboard import format as fmt
from monitor.storage.queries.usage import DayTotals

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 720, 150, 54, 18, 8
_BAR, _LINE, _TEXT = "#2556c4", "#e3e6ec", "#5a6270"


def bars(days: Sequence[DayTotals]) -> str:
    """A bar a day. A day whose cost is not known has none, and an outline instead."""
    most = max((each.totals.cost_nano_usd for each in days), default=0)
    wide = (_WIDTH - _LEFT) / max(1, len(days))
    drawn = "".join(_bar(at, each, most, wide) for at, each in enumerate(days))
    label = "Spend per day, up to " + fmt.money(most)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{_grid(most)}{drawn}</svg>"
    )


def _grid(most: int) -> str:
    lines = []
    for share in (0, 0.5, 1):
        at = _place(share)
        lines.append(f'<path d="M{_LEFT} {at:.1f}H{_WIDTH}" stroke="{_LINE}"/>')
        lines.append(_text(_LEFT - 6, at + 4, "end", fmt.money(round(most * share))))
    return "".join(lines)


def _place(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _text(x: float, y: float, anchor: str, words: str) -> str:
    style = f'font-size="10" fill="{_TEXT}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{words}</text>'


def _bar(at: int, day: DayTotals, most: int, wide: float) -> str:
    x = _LEFT + at * wide
    number = _text(x + wide / 2, _HEIGHT - 5, "middle", str(at + 1))
    if day.totals.n and day.totals.spend_nano_usd is None:
        top = _place(0.1)
        shape = f'fill="none" stroke="{_TEXT}" stroke-dasharray="2 2"'
    else:
        top = _place(day.totals.cost_nano_usd / most if most else 0)
        shape = f'fill="{_BAR}"'
    height = _place(0) - top
    size = f'x="{x + 1.5:.1f}" y="{top:.1f}" width="{wide - 3:.1f}" height="{height:.1f}"'
    return f"<rect {size} {shape}/>{number}"
