"""Integrity: whether the database file itself is sound."""

from sqlalchemy.orm import Session

from monitor.storage.engine import Database


def find_damage(session: Session) -> tuple[str, ...]:
    """What SQLite's own quick check finds wrong with the file; empty where it is sound."""
    if session.get_bind().dialect.name != "sqlite":
        return ()
    rows = session.connection().exec_driver_sql("PRAGMA quick_check(10)").scalars()
    return tuple(str(row) for row in rows if row != "ok")


def demand_readable(url: str) -> None:
    """Look at the file's head, if there is a file. Raises DatabaseRefused: it is no database."""
    database = Database(url)
    try:
        if database.path is not None and database.path.exists():
            with database.reading() as session:
                session.connection().exec_driver_sql("PRAGMA schema_version").scalar_one()
    finally:
        database.close()
