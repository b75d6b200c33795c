"""Mapping: a row of a file as an event, in the JSON of `docs/ingest.md`.

It is prepared once for a file. A row is then a plain dict of plain values; what an event may be is
not decided here, but where every event is read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from monitor.domain.dedupe import SHORTEST_RESPONSE_ID
from monitor.imports import targets
from monitor.imports.cells import NOTHING
from monitor.imports.equals import Equals
from monitor.imports.maps import ColumnMap
from monitor.imports.targets import WHOLES, Dialect, Shelf, Target

Event = dict[str, Any]
Pick = Callable[[Any], Any]
_SHOWN = 60


class BadRow(ValueError):
    """A row that is no event, with the column and why."""


class NotMapped(ValueError):
    """What every event needs and no column is; the text says what to do."""


class _Place(NamedTuple):
    """Where a column's values come from and where they go."""

    source: str
    pick: Pick
    target: Target


class RowReader(NamedTuple):
    """What makes events of the rows of one file."""

    base: Event
    places: tuple[_Place, ...]
    wholes: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def event(self, row: Any) -> Event:  # noqa: ANN401 -- a list of cells, or an object
        """The event that a row tells of. Raises BadRow."""
        found = self.base.copy()
        shelves: dict[Shelf, dict[str, Any]] = {}
        for source, pick, target in self.places:
            cell = pick(row)
            if cell is None:
                continue
            try:
                if target.is_raw and not isinstance(cell, str):
                    value = target.read(cell)
                else:
                    text = _text(cell)
                    if text in NOTHING:
                        continue
                    value = target.read(text)
            except ValueError as error:
                raise BadRow(f"column {source[:_SHOWN]!r}: {error}") from None
            if target.shelf is Shelf.EVENT:
                found[target.field] = value
            else:
                shelves.setdefault(target.shelf, {})[target.field] = value
        if shelves:
            self._put(found, shelves)
        return found

    def _put(self, found: Event, shelves: dict[Shelf, dict[str, Any]]) -> None:
        counted = shelves.get(Shelf.USAGE)
        if counted:
            found["usage"] = self._usage(counted)
        if Shelf.TAGS in shelves:
            found["tags"] = found.get("tags", {}) | shelves[Shelf.TAGS]
        if Shelf.REPORTED in shelves:
            tree = dict(found.get("usage_reported", {}))
            for path, value in shelves[Shelf.REPORTED].items():
                _plant(tree, path.split("."), value)
            found["usage_reported"] = tree

    def _usage(self, counted: dict[str, int]) -> dict[str, int]:
        for whole, rest, parts in self.wholes:
            total = counted.pop(whole, None)
            if total is None:
                continue
            inside = sum(counted.get(part, 0) for part in parts)
            if inside > total:
                raise BadRow(f"{whole} is {total}, and what is counted inside of it {inside}")
            counted[rest] = total - inside
        return counted


def of_table(made: ColumnMap, columns: Sequence[str], dialect: Dialect) -> RowReader:
    """For rows that are lists of cells. Raises NotMapped."""
    places = {column: n for n, column in enumerate(columns)}
    missing = next((source for _, source in made.columns if source not in places), None)
    if missing is not None:
        names = ", ".join(columns)[:1_000]
        raise NotMapped(f"there is no column {missing!r}; there are: {names}")
    return _prepare(made, dialect, lambda source: _cell_at(places[source]))


def of_objects(made: ColumnMap, dialect: Dialect) -> RowReader:
    """For rows that are objects; sources are paths, such as `response.usage.total`."""
    return _prepare(made, dialect, _value_at)


def number(event: Event, equals: Equals) -> None:
    """Say how many equal events were before, where an event has no id."""
    if "id" not in event and len(event.get("response_id", "")) < SHORTEST_RESPONSE_ID:
        event["ordinal"] = equals.number(repr(event))


def _prepare(made: ColumnMap, dialect: Dialect, pick: Callable[[str], Pick]) -> RowReader:
    _demand(made)
    places = tuple(
        _Place(source, pick(source), targets.find(name, dialect)) for name, source in made.columns
    )
    wholes = tuple(
        (whole, rest, parts)
        for whole, (rest, parts) in WHOLES.items()
        if any(place.target.field == whole for place in places)
    )
    constants = tuple(
        _Place(f"constant {name}", _always(text), targets.find(name, dialect))
        for name, text in made.constants
    )
    try:
        base = RowReader({}, constants).event(())
    except BadRow as error:
        raise NotMapped(str(error)) from None
    return RowReader(base, places, wholes)


def _demand(made: ColumnMap) -> None:
    named = {name for name, _ in (*made.columns, *made.constants)}
    if not any(name.startswith("started") for name in named):
        raise NotMapped("which column says when a call was is not known; give --column started=…")
    if "endpoint" in named:
        return
    if "model" not in named:
        raise NotMapped("which column is the model is not known; give --column model=…")
    if not named & {"provider", "url"}:
        raise NotMapped("who serves the models is not known; give --provider, or --column url=…")


def _always(text: str) -> Pick:
    return lambda _: text


def _cell_at(place: int) -> Pick:
    return lambda row: row[place].strip()


def _value_at(path: str) -> Pick:
    parts = path.split(".")

    def pick(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        if path in row or len(parts) == 1:
            return row.get(path)
        found: Any = row
        for part in parts:
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
                found = found[int(part)]
            else:
                return None
        return found

    return pick


def _text(cell: Any) -> str:  # noqa: ANN401 -- JSON, or a cell
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, dict | list):
        raise ValueError("is no single value")  # noqa: TRY004 -- of the cell, not of a caller
    return str(cell)


def _plant(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:  # noqa: ANN401 -- JSON
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise BadRow(f"usage_reported.{part} is a number, and has parts")
    tree[path[-1]] = value
