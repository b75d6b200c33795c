"""Alone: the right to write to a database while no monitor runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.cli.refusal import Refusal
from monitor.runtime.lease import LeaseHeld, WriterLease
from monitor.storage.engine import Database, DatabaseRefused


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Nobody else writes meanwhile. Raises Refusal where somebody does, with his pid."""
    lease = WriterLease(database)
    try:
        lease.acquire(time.time_ns() // 1_000_000)
    except LeaseHeld as error:
        raise Refusal(str(error), 1) from None
    try:
        yield
    finally:
        lease.release()


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """The same where the database may be broken: only its lock is taken."""
    lease = WriterLease(database)
    try:
        lease.lock()
    except (LeaseHeld, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None
    try:
        yield
    finally:
        lease.unlock()
