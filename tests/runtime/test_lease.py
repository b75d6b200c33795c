import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from monitor.runtime.lease import LeaseHeld, WriterLease
from monitor.storage import lease
from tests.making import open_database

HOLD = """
import sys
from monitor.runtime.lease import WriterLease
from monitor.storage.engine import Database
lease = WriterLease(Database(sys.argv[1]))
lease.acquire(1)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_the_first_ones_pid(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(LeaseHeld, match=f"process {holder.pid}") as refused:
            WriterLease(database).acquire(2)

        assert refused.value.pid == holder.pid
        holder.kill()
    again = WriterLease(database)
    again.acquire(3)
    again.release()
    database.close()


def test_a_lease_given_back_can_be_taken_again(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    first = WriterLease(database)
    first.acquire(1)
    first.release()

    again = WriterLease(database)
    again.acquire(2)

    with database.reading() as session:
        holder = lease.holder(session)
    assert holder is not None
    assert (holder.pid, holder.heartbeat_ms) == (os.getpid(), 2)
    again.release()

    database.close()


def test_a_lease_is_kept_from_whichever_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    held = WriterLease(open_database(tmp_path))
    held.acquire(1)
    other = Thread(target=held.keep)
    other.start()
    other.join()
    held.release()

    assert not caplog.records
