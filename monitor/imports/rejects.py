"""Rejects: rows that were not taken, kept beside their file to be mended and imported again.

They are written as they were, in the format of their file, behind two columns that no map takes
for anything: the line that a row came from, and why it was not taken. A row of too few or too many
cells has as many here, so that it is not taken by mistake either.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from monitor.imports.rows import Format

LINE, REASON, RAW = "inferwatch_line", "inferwatch_reason", "inferwatch_raw"


class Dress(NamedTuple):
    """How a file is written, so that its rejects are written alike."""

    format: Format
    columns: Sequence[str] = ()
    delimiter: str = ","
    encoding: str = "utf-8"


class Rejects:
    """The file of rejects; there is none until the first of them. Raises OSError."""

    def __init__(self, path: Path, dress: Dress, *, goes_on: bool = False) -> None:
        self.path, self._dress = path, dress
        self._mode = "a" if goes_on and path.exists() else "w"
        self._file: IO[str] | None = None
        self.count = 0

    def add(self, line: int, cells: Any, reason: str) -> None:  # noqa: ANN401 -- a row of any file
        """Keep a row."""
        if self._file is None:
            self._file = self._open()
        self.count += 1
        if self._dress.format is Format.JSONL:
            own = cells if isinstance(cells, dict) else {RAW: _clean(cells)}
            self._file.write(json.dumps({LINE: line, REASON: reason} | own, default=str) + "\n")
        else:
            self._write_cells([line, reason, *(cells if isinstance(cells, list) else [cells])])

    def flush(self) -> None:
        """Let all that was kept be on disk."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """No more come."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> IO[str]:
        dress = self._dress
        self._file = self.path.open(
            self._mode, encoding=dress.encoding, errors="backslashreplace", newline=""
        )
        if dress.format is Format.CSV and self._mode == "w":
            self._write_cells([LINE, REASON, *dress.columns])
        return self._file

    def _write_cells(self, cells: Sequence[object]) -> None:
        if self._file is not None:
            csv.writer(self._file, delimiter=self._dress.delimiter).writerow(map(_clean, cells))


def place_beside(path: Path, form: Format) -> Path:
    """Where the rejects of a file lie if nothing else is said."""
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    return path.with_name(f"{stem}.rejects.{form}")


def _clean(text: Any) -> str:  # noqa: ANN401 -- a cell, or a line that is no row
    """A text that can be written: bytes of no encoding are spelt out."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
