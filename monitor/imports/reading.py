"""Reading: a file from its first bytes to the events that its rows tell of."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from monitor.imports import mapping
from monitor.imports.equals import Equals
from monitor.imports.files import File, digest, opened
from monitor.imports.guesses import guess, words
from monitor.imports.mapping import BadRow, Event, NotMapped, RowReader
from monitor.imports.maps import ColumnMap
from monitor.imports.rejects import Dress
from monitor.imports.rows import Bad, Format, Row, Table, find_format, read_objects

_LOOKED_AT = 50
_SAMPLE = 80
#: Objects that are taken as they are, not by their parts.
_WHOLE = ("usage", "tags", "metadata")


class Item(NamedTuple):
    """A row: its line, its cells, and its event or why it is none."""

    line: int
    cells: Any
    event: Event | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file is: how it is written, its columns, a cell of each, and what they are taken for.

    `zone` is that of times which name no offset.
    """

    path: Path
    format: Format
    columns: tuple[str, ...]
    samples: dict[str, str]
    map: ColumnMap
    zone: ZoneInfo

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that nothing is made of."""
        used = {source for _, source in self.map.columns}
        return tuple(
            column
            for column in self.columns
            if column not in used and not any(column.startswith(f"{each}.") for each in used)
        )

    def digest(self) -> bytes:
        """What stands for its content and for how it is read. Raises Unreadable."""
        told = f"{self.format} {self.zone.key} {self.map.text()}".encode()
        return blake2b(digest(self.path) + told, digest_size=16).digest()


def survey(path: Path, known: ColumnMap, zone: ZoneInfo, *, guesses: bool = True) -> Survey:
    """What a file is, by its first rows. Raises Unreadable and NotMapped."""
    kind = find_format(path, known.encoding)
    with opened(path, known.encoding) as file:
        look = _look_at_table if kind is Format.CSV else _look_at_objects
        columns, samples = look(file.text, known)
    if not columns:
        raise NotMapped("has no row that can be read")
    made = guess(known, columns, samples) if guesses else known
    return Survey(path, kind, columns, samples, made, known.zone or zone)


def check(found: Survey) -> None:
    """Raises NotMapped where no row of a file could be an event."""
    dialect = found.map.dialect(found.zone)
    if found.format is Format.JSONL:
        mapping.of_objects(found.map, dialect)
    else:
        mapping.of_table(found.map, found.columns, dialect)


class Reading:
    """A file that is being read. `dress` is how its rejects are to be written."""

    def __init__(self, file: File, found: Survey) -> None:
        self._file, self._survey = file, found
        self.dress = Dress(found.format, found.columns, encoding=found.map.encoding or "utf-8")

    @property
    def done_bytes(self) -> int:
        """How far it was read, as it lies on disk."""
        return self._file.done_bytes

    def items(self) -> Generator[Item]:
        """Its rows. Raises NotMapped, and Unreadable where the file breaks off."""
        rows, reader = self._rows()
        equals = Equals()
        try:
            for row in rows:
                yield _item(row, reader, equals)
        finally:
            equals.close()

    def _rows(self) -> tuple[Iterator[Row | Bad], RowReader]:
        made, dialect = self._survey.map, self._survey.map.dialect(self._survey.zone)
        if self._survey.format is Format.JSONL:
            return read_objects(self._file.text), mapping.of_objects(made, dialect)
        table = Table(self._file.text, made.delimiter, has_header=made.has_header)
        self.dress = self.dress._replace(delimiter=table.delimiter)
        return table.rows(), mapping.of_table(made, table.columns, dialect)


@contextmanager
def reading(found: Survey) -> Iterator[Reading]:
    """A file, once more from its beginning. Raises Unreadable."""
    with opened(found.path, found.map.encoding) as file:
        yield Reading(file, found)


def _item(row: Row | Bad, reader: RowReader, equals: Equals) -> Item:
    if isinstance(row, Bad):
        return Item(row.line, row.cells, None, row.reason)
    try:
        event = reader.event(row.cells)
    except BadRow as error:
        return Item(row.line, row.cells, None, str(error))
    mapping.number(event, equals)
    return Item(row.line, row.cells, event)


def _look_at_table(text: TextIO, known: ColumnMap) -> tuple[tuple[str, ...], dict[str, str]]:
    table = Table(text, known.delimiter, has_header=known.has_header)
    samples: dict[str, str] = {}
    for row in islice(table.rows(), _LOOKED_AT):
        if isinstance(row, Row):
            for column, cell in zip(table.columns, row.cells, strict=True):
                if cell.strip():
                    samples.setdefault(column, cell.strip()[:_SAMPLE])
    return table.columns, samples


def _look_at_objects(text: TextIO, _: ColumnMap) -> tuple[tuple[str, ...], dict[str, str]]:
    samples: dict[str, str] = {}
    for row in islice(read_objects(text), _LOOKED_AT):
        if isinstance(row, Row):
            for path, value in _leaves(row.cells):
                if value is not None:
                    samples.setdefault(path, _spell(value))
    return tuple(samples), samples


def _leaves(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        path = f"{before}{name}"
        if isinstance(value, dict) and words(name).rpartition("_")[2] not in _WHOLE:
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value


def _spell(value: Any) -> str:  # noqa: ANN401 -- JSON
    return "{…}" if isinstance(value, dict) else str(value)[:_SAMPLE]
