"""PostgreSQL: the same promises as SQLite's, kept by a server.

A writer takes an advisory lock before anything else and keeps it until its commit, as `BEGIN
IMMEDIATE` does: rows are numbered by who writes them, and what a transaction has read and decides
by cannot change beneath it. Several monitors may write; they take turns. A reader sees one
snapshot and cannot write. The driver is loaded where such a URL is opened, and not before.
"""

import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import Buffer

#: Advisory locks are numbers that are the database's own: who writes now, who may at all, and who
#: delivers alerts.
WRITING = int.from_bytes(b"inferwa1")
LEASE = int.from_bytes(b"inferwa2")
DELIVERING = int.from_bytes(b"inferwa3")
#: Where a commit is heard of.
CHANNEL = "inferwatch"

#: A server that is away must be noticed: the ledger's one thread waits for nothing else meanwhile.
_CONNECT_ARGS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "inferwatch",
}
#: A commit is on disk, whatever the server's default; stricter ones stay as they are.
_WRITER = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '5min'
"""
_READER = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
#: Listeners hear of it with the commit, and of a rollback nothing.
_BEGIN = f"SELECT pg_advisory_xact_lock({WRITING}), pg_notify('{CHANNEL}', '')"

#: When this connection began, in microseconds: one that takes another's place begins elsewhere.
_SINCE = """
SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity
WHERE pid = pg_backend_pid()
"""

_ADVICE = {
    "does not exist": "make it first (createdb, createuser), or correct the URL",
    "password": "correct user and password in the URL of `database`",
    "pg_hba.conf": "let this user in from here (pg_hba.conf of the server)",
    "could not translate host name": "correct the host in the URL of `database`",
    "permission denied": "let this user make tables: GRANT CREATE, USAGE ON SCHEMA public TO it",
    "lock timeout": "another process writes for long; see which, or try again",
    "read-only": "it is a standby, or set read-only; name the server that takes writes",
    "No space left": "make room on the server's disk",
    "onnection refused": "start the server, or correct host and port in the URL of `database`",
    "No such file or directory": "start the server, or correct where its socket is",
}

#: Errors that name a statement, and mean the database: no such table, schema or right.
_REFUSING_STATES = frozenset({"42P01", "3F000", "42501"})


def open_engine(url: str, *, may_write: bool) -> Engine:
    """An engine that writes, or one that can only read."""
    # A connection is tried before it is used: the server may have been restarted since.
    engine = create_engine(url, connect_args=_connect_args(url), pool_pre_ping=True)
    told = _WRITER if may_write else _READER

    @event.listens_for(engine, "connect")
    def prepare(connection: "psycopg.Connection[Any]", _: object) -> None:
        speak(connection)
        connection.autocommit = True
        connection.execute(told)
        connection.autocommit = False

    if may_write:
        event.listen(engine, "begin", lock)
    return engine


def open_plain(url: str) -> Engine:
    """An engine that keeps no connection, for migrations and for the lease."""
    return create_engine(url, connect_args=_connect_args(url), poolclass=NullPool)


def try_lock(number: int, *, is_shared: bool) -> str:
    """The question for a lock, beside others or alone; a session that ends lets go."""
    return f"SELECT pg_try_advisory_lock{'_shared' if is_shared else ''}({number})"


def lock(connection: Connection) -> None:
    """Wait until nobody else writes; it is so until the end of the transaction."""
    connection.exec_driver_sql(_BEGIN)


def count_commits(connection: Connection) -> int:
    """A number that grows with each commit that this connection, kept for it, has heard of."""
    heard = connection.info
    if CHANNEL not in heard:
        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        heard[CHANNEL] = connection.exec_driver_sql(_SINCE).scalar_one()
        connection.commit()
    connection.exec_driver_sql("SELECT 1")  # an answer comes after what was to be told before it
    connection.rollback()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    heard[CHANNEL] += sum(1 for _ in driver.notifies(timeout=0))
    return int(heard[CHANNEL])


def speak(connection: "psycopg.Connection[Any]") -> None:
    """Let a connection give whole numbers for sums of BIGINT, which the server has as NUMERIC."""
    from psycopg.adapt import Loader  # noqa: PLC0415 -- only where the driver is in use

    class Whole(Loader):
        def load(self, data: "Buffer") -> int | float:
            text = bytes(data)
            return int(text) if text.lstrip(b"-").isdigit() else float(text)

    connection.adapters.register_loader("numeric", Whole)


def is_refusal(error: BaseException) -> bool:
    """Whether the server says that it cannot be used, not that a row is wrong."""
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(error, psycopg.Error):
        return False
    if getattr(error, "sqlstate", None) in _REFUSING_STATES:
        return True
    of_rows = (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError)
    return not isinstance(error, of_rows)


def advise(error: BaseException) -> str:
    """What to do about a refusal. A connection that fails tells no code, only its sentence."""
    said = str(error)
    for sign, advice in _ADVICE.items():
        if sign in said:
            return advice
    return "look at the server and its log"


def _connect_args(url: str) -> dict[str, Any]:
    """What the URL does not say itself."""
    return {name: value for name, value in _CONNECT_ARGS.items() if f"{name}=" not in url}
