"""Statements: what goes to the driver as text, the inserts of many rows in one list.

Table and column names are ours; values are always bound. A place for a value is written `?`, and
put as the database's driver wants it on the way.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session


def insert(table: str, columns: Sequence[str]) -> str:
    """A plain insert of one row."""
    return f"INSERT INTO {table} ({_names(columns)}) VALUES ({_places(columns)})"  # noqa: S608 -- names are ours, values bound


def insert_once(table: str, columns: Sequence[str], unique: str) -> str:
    """An insert that leaves a row alone whose `unique` column is known already."""
    known = f'ON CONFLICT ("{unique}") WHERE "{unique}" IS NOT NULL DO NOTHING'
    return f"{insert(table, columns)} {known}"


def add_up(table: str, keys: Sequence[str], sums: Sequence[str]) -> str:
    """An upsert of one row that adds its sums to those that stand."""
    added = ", ".join(f'"{name}" = {table}."{name}" + excluded."{name}"' for name in sums)
    return f"{insert(table, [*keys, *sums])} ON CONFLICT ({_names(keys)}) DO UPDATE SET {added}"


def replace(table: str, keys: Sequence[str], values: Sequence[str]) -> str:
    """An upsert of one row whose values take the place of those that stand."""
    placed = ", ".join(f'"{name}" = excluded."{name}"' for name in values)
    return f"{insert(table, [*keys, *values])} ON CONFLICT ({_names(keys)}) DO UPDATE SET {placed}"


def drop_empty(table: str, keys: Sequence[str], value: str, empty: str) -> str:
    """A removal of one row by its whole key, where its value is the SQL literal `empty`."""
    known = " AND ".join(f'"{name}" = ?' for name in keys)
    return f'DELETE FROM {table} WHERE {known} AND "{value}" = {empty}'  # noqa: S608 -- names are ours, values bound


def select_one(table: str, keys: Sequence[str], value: str) -> str:
    """A look-up of one value by a whole key."""
    known = " AND ".join(f'"{name}" = ?' for name in keys)
    return f'SELECT "{value}" FROM {table} WHERE {known}'  # noqa: S608 -- names are ours, values bound


def select_among(table: str, columns: Sequence[str], key: str, count: int) -> str:
    """A look-up of the rows whose key is one of so many."""
    places = ", ".join("?" * count) or "NULL"
    return f'SELECT {_names(columns)} FROM {table} WHERE "{key}" IN ({places})'  # noqa: S608 -- names are ours, values bound


def change(table: str, keys: Sequence[str], values: Sequence[str]) -> str:
    """An update of one row's values."""
    changed = ", ".join(f'"{name}" = ?' for name in values)
    known = " AND ".join(f'"{name}" = ?' for name in keys)
    return f"UPDATE {table} SET {changed} WHERE {known}"  # noqa: S608 -- names are ours, values bound


def run(session: Session, statement: str, rows: Sequence[Any]) -> int:
    """Run a statement with one row of values, or with each of a list of rows; how many it met."""
    connection = session.connection()
    return connection.exec_driver_sql(_spoken(connection, statement), rows).rowcount


def stream(session: Session, question: str, size: int) -> Iterator[Sequence[Any]]:
    """The rows of a large answer, some at a time; other statements may run in between."""
    connection = session.connection()
    rows = connection.exec_driver_sql(
        _spoken(connection, question), execution_options={"stream_results": True}
    )
    yield from rows.partitions(size)


def fetch_each(
    session: Session, statement: str, keys: Iterable[tuple[Any, ...]]
) -> Iterator[Any | None]:
    """The value of each key, `None` where there is no row: many small look-ups, no overhead."""
    connection = session.connection()
    chosen, cursor = _spoken(connection, statement), connection.connection.cursor()
    for key in keys:
        cursor.execute(chosen, key)
        row = cursor.fetchone()
        yield None if row is None else row[0]
    cursor.close()


def fetch_all(session: Session, statement: str, values: Sequence[Any]) -> Sequence[Any]:
    """The rows of a question that is asked in every transaction."""
    connection = session.connection()
    cursor = connection.connection.cursor()
    cursor.execute(_spoken(connection, statement), values)
    rows = cursor.fetchall()
    cursor.close()
    return rows


def _spoken(connection: Connection, statement: str) -> str:
    return statement if connection.dialect.positional else named(statement)


@cache
def named(statement: str) -> str:
    """A statement for a driver that formats: its places are `%s`, and a per cent sign is two."""
    return statement.replace("%", "%%").replace("?", "%s")


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _places(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))
