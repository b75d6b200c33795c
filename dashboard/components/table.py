"""Table: one component whatever its size; assets/table.js draws, sorts, filters and exports it."""

import json
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components.cells import Column, Row


def rows_json(rows: Sequence[Row]) -> str:
    """The rows as the `data-rows` of a table."""
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)


def table(
    component_id: str,
    label: str,
    columns: Sequence[Column],
    rows: str = "[]",
    *,
    empty: str,
    is_searchable: bool = False,
) -> html.Div:
    """A table named `label`; without rows it says `empty`."""
    data: dict[str, Any] = {
        "data-columns": json.dumps(columns, separators=(",", ":")),
        "data-rows": rows,
        "data-label": label,
        "data-empty": empty,
        "data-search": "1" if is_searchable else "",
    }
    return html.Div(id=component_id, className="iw-table", **data)
