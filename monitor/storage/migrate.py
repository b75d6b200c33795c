"""Migrations: bring a database to the newest revision, with a copy kept of what was there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from monitor.storage.engine import path_of

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGED = Path(__file__).resolve().parents[1] / "_migrations"


def folder() -> Path:
    """Where the revisions are: inside the installed package, else beside it in a checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _ROOT / "migrations"


def upgrade(url: str, revision: str = "head") -> bool:
    """Bring the database to a revision; whether anything was to do. SQLite is backed up first."""
    if revision == "head" and current(url) == head():
        return False
    _back_up(url)
    command.upgrade(_config(url), revision)
    return True


def current(url: str) -> str | None:
    """The revision that the database is at; `None` for a new one."""
    path = path_of(url)
    if path is not None and not path.exists():
        return None
    engine = create_engine(url)
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return revision


def head() -> str | None:
    """The newest revision."""
    return ScriptDirectory.from_config(_config("sqlite://")).get_current_head()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _back_up(url: str) -> None:
    path, revision = path_of(url), current(url)
    if path is None or revision is None:
        return
    target = path.with_name(f"{path.name}.before-upgrade-from-{revision}")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    shutil.copymode(path, target)
