"""Maps: which column of a file, or path of its objects, is what of an event."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from monitor.imports import targets
from monitor.imports.targets import Dialect

_MAX_BYTES = 256 * 1024
_SHAPE = (
    "columns, constants, ignore, zone, time_format, decimal, delimiter, encoding, header: "
    "see docs/imports.md"
)


class BadMap(ValueError):
    """A map that says what cannot be; the text says where, and what to do."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What is known of a file's columns.

    `columns` are targets and the column or path of each, `constants` targets and the cell that
    every row has, `ignored` columns that are not guessed at. `zone` is that of times without an
    offset.
    """

    columns: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    time_format: str | None = None
    decimal: str = "."
    delimiter: str | None = None
    encoding: str | None = None
    has_header: bool = True

    def dialect(self, zone: ZoneInfo) -> Dialect:
        """How its cells are written; times in `zone` where the map names none."""
        return Dialect(self.zone or zone, self.time_format, self.decimal == ",")

    def text(self) -> str:
        """All of it, as text that is the same for the same map."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(values, default=str, sort_keys=True)


def load(path: Path) -> ColumnMap:
    """The map in a YAML file. Raises BadMap."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadMap(f"{path} is larger than {_MAX_BYTES // 1024} KiB, and no map")
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadMap(f"{path} cannot be read: {error}") from None
    try:
        return read(found)
    except BadMap as error:
        raise BadMap(f"{path}: {error}") from None


def read(found: object) -> ColumnMap:
    """The map that a YAML document is. Raises BadMap."""
    if not isinstance(found, dict):
        raise BadMap(f"it has to have some of {_SHAPE}")
    known = {"columns", "constants", "ignore", "header", "zone", *_TEXTS}
    unknown = [str(name) for name in found if name not in known]
    if unknown:
        raise BadMap(f"{unknown[0]!r} is none of {_SHAPE}")
    made = ColumnMap(
        columns=_pairs("columns", found.get("columns")),
        constants=_pairs("constants", found.get("constants")),
        ignored=_names(found.get("ignore")),
        zone=None if found.get("zone") is None else read_zone(str(found["zone"])),
        has_header=found.get("header") is not False,
        **{name: str(found[name]) for name in _TEXTS if found.get(name) is not None},
    )
    check(made)
    return made


def change(
    base: ColumnMap,
    columns: Iterable[str] = (),
    constants: Mapping[str, str | None] | None = None,
    **more: Any,
) -> ColumnMap:
    """A map with what the command line says in the place of what it said. Raises BadMap."""
    pairs = [_pair(each) for each in columns]
    own = {name: text for name, text in (constants or {}).items() if text is not None}
    said = [name for name, _ in pairs] + list(own)
    made = replace(
        base,
        columns=(*_without(base.columns, said), *pairs),
        constants=(*_without(base.constants, said), *own.items()),
        **{name: value for name, value in more.items() if value},
    )
    check(made)
    return made


def check(made: ColumnMap) -> None:
    """Raises BadMap where a map cannot be meant so."""
    named = [name for name, _ in (*made.columns, *made.constants)]
    for n, name in enumerate(named):
        try:
            targets.find(name, Dialect())
        except KeyError:
            raise BadMap(f"{name!r} is nothing that a column can be; {_advice(name)}") from None
        twice = next((each for each in named[:n] if targets.is_same(each, name)), None)
        if twice is not None:
            raise BadMap(f"{name!r} is said twice (as {twice!r}); leave one out")
    if made.decimal not in {".", ","}:
        raise BadMap(f"decimal {made.decimal!r} is neither a point nor a comma")
    if made.delimiter is not None and (len(made.delimiter) != 1 or made.delimiter in '"\r\n'):
        raise BadMap(f"delimiter {made.delimiter!r} is not one character; give ',' ';' or a tab")
    if made.encoding is not None:
        _check_encoding(made.encoding)


def read_zone(name: str) -> ZoneInfo:
    """A zone by its IANA name. Raises BadMap."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadMap(f"zone {name!r} is none; give one such as Europe/Berlin") from None


def _check_encoding(name: str) -> None:
    try:
        "".encode(name)
    except LookupError:
        raise BadMap(f"encoding {name!r} is none; give one such as latin-1 or utf-16") from None


def _pairs(what: str, found: object) -> tuple[tuple[str, str], ...]:
    if found is None:
        return ()
    if not isinstance(found, dict):
        raise BadMap(f"{what} has to say such as `started: created_at`")
    return tuple((str(name), _word(name, value)) for name, value in found.items())


def _word(name: object, value: object) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool) or value == "":
        raise BadMap(f"{name}: {value!r} is neither a text nor a number")
    return str(value)


def _names(found: object) -> tuple[str, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        raise BadMap("ignore has to be a list of columns")
    return tuple(map(str, found))


def _pair(text: str) -> tuple[str, str]:
    name, equals, source = text.partition("=")
    if not (equals and name.strip() and source.strip()):
        raise BadMap(f"--column {text!r} has to say such as started=created_at")
    return name.strip(), source.strip()


def _without(pairs: Sequence[tuple[str, str]], said: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if not any(targets.is_same(pair[0], name) for name in said))


def _advice(name: str) -> str:
    near = [each for each in targets.NAMES if each.startswith(f"{name}_")]
    known = near or targets.NAMES
    return f"these are: {', '.join(known)}, tags.NAME, usage_reported.NAME"


_TEXTS = ("time_format", "decimal", "delimiter", "encoding")
