"""Looking into drawn components."""

import json
from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def walk(component: object) -> Iterator[Component]:
    """A component and all below it."""
    if isinstance(component, Component):
        yield component
        yield from walk(getattr(component, "children", None))
    elif isinstance(component, list | tuple):
        for child in component:
            yield from walk(child)


def texts(component: object) -> str:
    """All texts of a component, as a reader meets them."""
    if isinstance(component, Component):
        return texts(getattr(component, "children", None))
    if isinstance(component, list | tuple):
        return " ".join(text for child in component if (text := texts(child)))
    return "" if component is None else str(component).replace("\u00a0", " ")


def rows(component: Component, component_id: str) -> list[dict[str, Any]]:
    """The rows of a table in a page."""
    table = next(each for each in walk(component) if getattr(each, "id", None) == component_id)
    found: list[dict[str, Any]] = json.loads(getattr(table, "data-rows"))
    return found


def cell(row: dict[str, Any], column: int) -> str:
    """The words of a cell."""
    made = row["c"][column]
    words = made if isinstance(made, str) else " ".join((made.get("t", ""), made.get("s", "")))
    return words.replace("\u00a0", " ").strip()
