"""Reading: the ledger of an installation, for commands that only look."""

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.cli.refusal import Refusal
from monitor.storage.engine import Database, DatabaseRefused, name_of
from monitor.storage.integrity import demand_readable
from monitor.storage.migrate import current, head


@contextmanager
def open_ledger(database_url: str) -> Iterator[Database]:
    """The database at its newest revision. Raises Refusal where it is not there or not ready."""
    try:
        demand_readable(database_url)
        revision = current(database_url)
    except DatabaseRefused as error:
        raise Refusal(f"the database cannot be read: {error}; run `inferwatch doctor`", 1) from None
    if revision is None:
        raise Refusal(
            f"there is no ledger yet ({name_of(database_url)}); run `inferwatch up` first", 1
        )
    if revision != head():
        raise Refusal("the ledger is of another version; run `inferwatch db upgrade`", 1)
    database = Database(database_url)
    try:
        yield database
    except DatabaseRefused as error:
        raise Refusal(f"the database cannot be read: {error}; run `inferwatch doctor`", 1) from None
    finally:
        database.close()
