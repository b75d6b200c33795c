"""Cells: what stands in a table, as JSON that assets/table.js draws. One table is one component.

Texts are set as text, never as HTML, so that a model's or a provider's words stay words.
"""

from typing import Any, NamedTuple, TypedDict

Cell = dict[str, Any] | str


class Column(TypedDict, total=False):
    """A column: header, whether of numbers, whether it may be left out on narrow screens."""

    h: str
    num: bool
    wide: bool
    grow: bool


class Row(TypedDict, total=False):
    """A row: key (stays the same over time), link, group heading and its link, tone, cells."""

    k: str
    h: str
    g: str
    gh: str
    tone: str
    c: list[Cell]


def text(
    shown: str,
    *,
    below: str | None = None,
    title: str | None = None,
    href: str | None = None,
    sort: float | str | None = None,
    tone: str | None = None,
) -> Cell:
    """A text, with a smaller one below it. `sort` is what sorting and exports use instead."""
    cell: dict[str, Any] = {"t": shown}
    extra = {"s": below, "i": title, "h": href, "v": sort, "tone": tone}
    return cell | {key: value for key, value in extra.items() if value is not None}


def state(name: str, word: str, *, below: str | None = None, sort: int = 0) -> Cell:
    """A state by word, shape and colour; `name` picks shape and colour."""
    cell: dict[str, Any] = {"state": name, "t": word, "v": sort}
    return cell if below is None else cell | {"s": below}


class Ask(NamedTuple):
    """A button: what is on it, and what it asks for (`dashboard.asking.WISHES`), for whom."""

    word: str
    do: str
    whom: str


def asks(*buttons: Ask) -> Cell:
    """Buttons that ask the monitor for something."""
    return {
        "t": "",
        "asks": [{"t": each.word, "do": each.do, "whom": each.whom} for each in buttons],
    }


def bars(encoded: dict[str, str]) -> Cell:
    """Availability bars, as `figures.availability` encodes them."""
    return {"bars": encoded}


def spark(points: str, label: str, *, shown: str, below: str, sort: float | None) -> Cell:
    """A line without axes, and beside it the figure that it stands for."""
    return {"spark": points, "l": label, "t": shown, "s": below, "v": sort}
