"""Glance: what a SQLite file tells in a millisecond, without the libraries that open it for work.

A second start, with nothing to migrate, loads neither SQLAlchemy nor Alembic. Whatever a glance
cannot make out is `None` or `False`: then ask `migrate` and `facts`, which also say why.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

#: The fact of a demo whose simulated past is loaded.
DEMO_LOADED = "demo_loaded"

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGED = Path(__file__).resolve().parents[1] / "_migrations"
_ASSIGNED = re.compile(r'^(revision|down_revision)\b[^=\n]*= "(\w+)"', re.MULTILINE)
_FILE_URL = re.compile(r"sqlite:///([^?%]+)")


def folder() -> Path:
    """Where the revisions are: inside the installed package, else beside it in a checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _ROOT / "migrations"


def is_file(url: str) -> bool:
    """Whether there is anything to glance at; a server is asked in full."""
    return _FILE_URL.fullmatch(url) is not None


def is_newest(url: str) -> bool:
    """Whether the database is surely at the newest revision."""
    current = _read(url, "SELECT version_num FROM alembic_version")
    return current is not None and current == newest_revision()


def fact(url: str, name: str) -> str | None:
    """What `facts` has under a name."""
    return _read(url, "SELECT value FROM fact WHERE name = ?", name)


def newest_revision() -> str | None:
    """The revision that no other one follows, as the files say it; `None` if not just one."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (folder() / "versions").glob("*.py"):
        for kind, revision in _ASSIGNED.findall(file.read_text(encoding="utf-8")):
            named[kind].add(revision)
    last = named["revision"] - named["down_revision"]
    return last.pop() if len(last) == 1 else None


def _read(url: str, question: str, *values: str) -> str | None:
    file = _FILE_URL.fullmatch(url)
    if file is None:
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(file[1])}?mode=ro", uri=True)) as connection:
            rows = connection.execute(question, values).fetchall()
    except sqlite3.Error:
        return None
    return str(rows[0][0]) if len(rows) == 1 else None
