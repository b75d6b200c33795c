"""Burn: how much of a budget is used up, as a bar with its thresholds."""

from collections.abc import Sequence
from typing import Any

from dashboard.components.cells import Cell

#: In thousandths of a percent of the amount.
Share = int
_WHOLE = 100_000
#: What is beyond this is cut off the bar, and stands in the text.
_WIDEST = 150_000


def burn(
    spent: Share | None, projected: Share | None, marks: Sequence[int], *, shown: str, below: str
) -> Cell:
    """A bar of what is spent, and beyond it of what is projected; `marks` are percents.

    `spent` is `None` where it is not known: then there is no bar, and `shown` says why.
    """
    bar = None if spent is None else _bar(spent, projected, marks)
    cell: dict[str, Any] = {"burn": bar, "t": shown, "s": below}
    return cell if spent is None else cell | {"v": spent / 1_000, "tone": tone(spent, marks)}


def tone(spent: Share, marks: Sequence[int]) -> str:
    """`bad` from the whole amount on, `warned` from the last threshold before it."""
    if spent >= _WHOLE:
        return "bad"
    before = [1_000 * mark for mark in marks if mark < _WHOLE // 1_000]
    return "warned" if before and spent >= max(before) else ""


def _bar(spent: Share, projected: Share | None, marks: Sequence[int]) -> dict[str, Any]:
    """Places in percent of the bar, which ends at the whole or at what is more, without a mark."""
    furthest = max(spent, projected or 0, *(1_000 * mark for mark in marks), _WHOLE)
    end = min(furthest, _WIDEST)

    def place(share: Share) -> float:
        return round(100 * min(share, end) / end, 2)

    return {
        "spent": place(spent),
        "projected": place(max(projected or 0, spent)),
        "marks": [place(1_000 * mark) for mark in marks if 1_000 * mark < end],
        "tone": tone(spent, marks),
    }
