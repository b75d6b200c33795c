"""Servers: a real PostgreSQL for tests, started once a process and gone with it.

Debian's package puts its programs where no PATH leads, and they refuse to run as root: then a
user without rights runs them. Nothing is written through to the disk.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import psycopg

_ADMIN, _NOBODY = "inferwatch", "nobody"
_PACKAGED = "usr/lib/postgresql/*/bin/initdb"
#: Words are in a language's order, not in that of their bytes: nothing may hang on the one.
_INIT = (
    "--auth=trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=icu",
    "--icu-locale=en",
    f"--username={_ADMIN}",
)
_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
}
#: Ends the server with its input: a test process that is killed leaves none behind.
_TETHER = '"$@" & server=$!; read -r _; kill -INT $server; wait $server'


class Server:
    """A running server; its socket and all that it keeps lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._kept: dict[int, str] = {}
        self._desk: psycopg.Connection[tuple[object, ...]] | None = None
        self._process = self._start()

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://{_ADMIN}@/{database}?host={self.folder}"

    @staticmethod
    def name_of(url: str) -> str:
        """The database of a URL."""
        return urlsplit(url).path.removeprefix("/")

    def create(self, template: str = "template1") -> str:
        """The URL of a new database, made like another."""
        self.count += 1
        name = self._kept[self.count] = f"made_{self.count}"
        self._have_done(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return self.url(name)

    def drop_after(self, count: int) -> None:
        """Forget the databases that were made since, whoever uses them still."""
        for number in [number for number in self._kept if number > count]:
            self._have_done(f"DROP DATABASE {self._kept.pop(number)} WITH (FORCE)")

    def stop(self) -> None:
        """End it at once, whoever is connected; it can be started again."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None
        self._process.communicate(b"\n")

    def start(self) -> None:
        """Run again after `stop`."""
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        options = [word for option in _QUICK.items() for word in ("-c", "=".join(option))]
        programs, data = find_programs(), self.folder / "data"
        argv = [str(programs / "postgres"), "-D", str(data), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _TETHER, "sh", *argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=_user(),
                cwd="/",
            )
        ready = [str(programs / "pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(ready, check=False).returncode:
            assert process.poll() is None, (self.folder / "log").read_text()
        return process

    def _have_done(self, statement: str) -> None:
        if self._desk is None:
            where = f"host={self.folder} user={_ADMIN} dbname=postgres"
            self._desk = psycopg.connect(where, autocommit=True)
        self._desk.execute(statement.encode())


@contextmanager
def run_server() -> Iterator[Server]:
    """A server of one's own."""
    folder = Path(mkdtemp(prefix="iw-pg-"))  # short: the path of a socket has 107 bytes
    if os.geteuid() == 0:
        shutil.chown(folder, _NOBODY)
    try:
        argv = [str(find_programs() / "initdb"), "-D", str(folder / "data"), *_INIT]
        subprocess.run(argv, check=True, user=_user(), cwd="/", stdout=subprocess.DEVNULL)
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    packaged = sorted(Path("/").glob(_PACKAGED), key=lambda path: int(path.parts[-3]))
    assert packaged, "no PostgreSQL server here; install one: apt-get install postgresql"
    return packaged[-1].parent


def _user() -> str | None:
    return _NOBODY if os.geteuid() == 0 else None
