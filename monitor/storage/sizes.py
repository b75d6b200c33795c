"""Sizes: how much room a database takes and has, in bytes; `None` where that cannot be told."""

import os
from pathlib import Path
from typing import NamedTuple

from monitor.domain.ailments import Volume
from monitor.storage.engine import Database, DatabaseRefused

_ON_SERVER = "SELECT pg_database_size(current_database())"


class Sizes(NamedTuple):
    """The database itself, and the log that is written ahead of it: a server keeps that apart."""

    database_bytes: int | None
    wal_bytes: int | None


def measure(database: Database) -> Sizes:
    """How large it is now. Reads file sizes, or asks the server."""
    if database.path is not None:
        return Sizes(_size_of(database.path), _size_of(database.path, "-wal"))
    try:
        with database.reading() as session:
            return Sizes(session.connection().exec_driver_sql(_ON_SERVER).scalar_one(), None)
    except DatabaseRefused:
        return Sizes(None, None)


def volumes(database: Database, home: Path) -> tuple[Volume, ...]:
    """Where the database lies, if that is a file here, and the monitor's own folder, if elsewhere.

    What is free is what may be used without being root.
    """
    files = {} if database.path is None else {"database": database.path.parent}
    found: dict[int, Volume] = {}
    for name, folder in (files | {"state folder": home}).items():
        try:
            room = os.statvfs(folder)
            place = folder.stat().st_dev
        except OSError:
            continue
        size = room.f_frsize
        found.setdefault(place, Volume(name, room.f_bavail * size, room.f_blocks * size))
    return tuple(found.values())


def _size_of(file: Path, suffix: str = "") -> int | None:
    try:
        return file.with_name(file.name + suffix).stat().st_size
    except OSError:
        return None
