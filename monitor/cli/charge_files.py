"""Charge files: charges as CSV, and as Parquet with types."""

import csv as writer
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from monitor.services.charges import Row, Value

#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoWriter(RuntimeError):
    """What writes Parquet is not installed."""


def csv(rows: Sequence[Row]) -> bytes:
    """With a header; instants in ISO 8601, money in dollars, nothing for what is not known."""
    text = io.StringIO(newline="")
    made = writer.writer(text)
    if rows:
        made.writerow(rows[0])
    made.writerows([_cell(each) for each in row.values()] for row in rows)
    return text.getvalue().encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    shown = str(value)
    return f"'{shown}" if isinstance(value, str) and shown.startswith(_FORMULA) else shown


def parquet(rows: Sequence[Row]) -> bytes:
    """With types: dollars as decimals of nine places, instants as UTC. Raises NoWriter."""
    try:
        import pyarrow as pa
        from pyarrow import parquet as files
    except ImportError as error:
        raise NoWriter(
            "Parquet needs PyArrow, which is not installed: pip install 'inferwatch[parquet]', "
            "or write a .csv file"
        ) from error
    names = list(rows[0]) if rows else []
    columns = {name: _column(pa, [row[name] for row in rows]) for name in names}
    out = io.BytesIO()
    files.write_table(pa.table(columns), out)
    return out.getvalue()


def _column(pa: object, values: list[Value]) -> object:
    first = next((each for each in values if each is not None), "")
    types = {Decimal: ("decimal128", 38, 9), datetime: ("timestamp", "s", "UTC"), int: ("int64",)}
    name, *arguments = types.get(type(first), ("string",))
    return pa.array(values, getattr(pa, str(name))(*arguments))  # type: ignore[attr-defined]
