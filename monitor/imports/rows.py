"""Rows: the records of a CSV or JSONL file, each with the line that it begins in.

A row that cannot be read is a `Bad` one, and the next begins on the following line: a quote that
nothing closes spoils its own line and no other.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from monitor.imports.files import MAX_ROW, Lines, TooLong, is_text, opened

_DELIMITERS = ",;\t|"
_OBJECTS = (".jsonl", ".ndjson", ".jsonlines")
_TABLES = (".csv", ".tsv", ".tab")
_TOO_LONG = f"is longer than {MAX_ROW // 1024} KiB, or a quote in it is never closed"
_NOT_TEXT = "has bytes that are no {}; name the file's --encoding"


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"


class Row(NamedTuple):
    """A record: a cell for each column, or an object."""

    line: int
    cells: Any


class Bad(NamedTuple):
    """A record that cannot be taken, why, and its cells or what stands in its place as text."""

    line: int
    reason: str
    cells: Any


def format_of(path: Path, text: TextIO) -> Format:
    """How a file is written: by its name, else by how it begins."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in _OBJECTS:
        return Format.JSONL
    if suffixes and suffixes[-1] in _TABLES:
        return Format.CSV
    return Format.JSONL if text.read(1024).lstrip()[:1] in {"{", "["} else Format.CSV


def find_format(path: Path, encoding: str | None) -> Format:
    """As `format_of`, of a file that is not open. Raises Unreadable."""
    with opened(path, encoding) as file:
        return format_of(path, file.text)


def read_objects(text: TextIO) -> Iterator[Row | Bad]:
    """The objects of a file with one on each line."""
    lines = Lines(text)
    encoding = text.encoding
    while True:
        first = lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except TooLong:
            yield Bad(first, _TOO_LONG, lines.taken[0][:MAX_ROW])
            continue
        if line.isspace():
            continue
        yield _object(first, line, encoding)


class Table:
    """A CSV file: its columns, and then its rows.

    Lines are those of the file, the first is 1. Without a header, columns are called 1, 2, 3 ….
    """

    def __init__(self, text: TextIO, delimiter: str | None, *, has_header: bool = True) -> None:
        self._encoding = text.encoding
        self._lines = Lines(text)
        csv.field_size_limit(2 * MAX_ROW)
        self._records = _Records(self._lines, delimiter)
        self._first: Row | Bad | None = next(self._records, None)
        self.columns: tuple[str, ...] = ()
        if isinstance(self._first, Row):
            cells = self._first.cells
            numbers = [str(n + 1) for n in range(len(cells))]
            self.columns = _distinct(cells) if has_header else tuple(numbers)
            self._first = None if has_header else self._first

    @property
    def delimiter(self) -> str:
        """What stands between its cells."""
        return self._records.delimiter

    def rows(self) -> Iterator[Row | Bad]:
        """Its rows, each with as many cells as there are columns."""
        if self._first is not None:
            yield self._first
        for row in self._records:
            yield row if isinstance(row, Bad) else self._fit(row)

    def _fit(self, row: Row) -> Row | Bad:
        has, wants = len(row.cells), len(self.columns)
        if has > wants and not any(row.cells[wants:]):
            return Row(row.line, row.cells[:wants])
        if has != wants:
            return Bad(row.line, f"has {has} cells, and the header {wants}", row.cells)
        if not all(map(is_text, row.cells)):
            return Bad(row.line, _NOT_TEXT.format(self._encoding), row.cells)
        return row


class _Records:
    """The records of a CSV file; empty lines are none."""

    def __init__(self, lines: Lines, delimiter: str | None) -> None:
        self._lines = lines
        self.delimiter = delimiter or _delimiter(lines.peek())
        self._reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)

    def __iter__(self) -> Iterator[Row | Bad]:
        return self

    def __next__(self) -> Row | Bad:
        lines = self._lines
        while True:
            first = lines.begin()
            try:
                cells = next(self._reader)
            except (TooLong, csv.Error):
                lines.retry()
                return Bad(first, _TOO_LONG, lines.taken[0][:MAX_ROW])
            if lines.is_over:  # it asked for a line more, so a quote is open
                lines.retry()
                return Bad(first, "a quote is opened that nothing closes", lines.taken[0])
            if cells and (len(cells) > 1 or cells[0].strip()):
                return Row(first, cells)


def _object(line: int, text: str, encoding: str) -> Row | Bad:
    if not is_text(text):
        return Bad(line, _NOT_TEXT.format(encoding), text)
    try:
        found = json.loads(text, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        return Bad(line, f"is no JSON ({error})", text)
    if not isinstance(found, dict):
        return Bad(line, "is no object: JSONL has one on each line", text)
    return Row(line, found)


def _delimiter(head: str) -> str:
    counts = {each: head.count(each) for each in _DELIMITERS}
    return max(counts, key=lambda each: counts[each])


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns; one that stands there twice is told apart by its place."""
    bare = [name.strip() or str(n + 1) for n, name in enumerate(names)]
    return tuple(
        name if name not in bare[:n] else f"{name} ({n + 1})" for n, name in enumerate(bare)
    )


def _none(_: str) -> None:
    """NaN and Infinity are no JSON, and no number."""
