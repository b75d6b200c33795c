"""Migrations: bring a database to the newest revision, with a copy kept of what was there."""

import shutil
import sqlite3
from contextlib import closing

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from monitor.storage.engine import DatabaseRefused, name_of, open_plain, path_of
from monitor.storage.glance import folder
from monitor.storage.refusals import naming


def upgrade(url: str, revision: str = "head", *, keeps_copy: bool = True) -> bool:
    """Bring the database to a revision; whether anything was to do.

    SQLite is backed up first, unless `keeps_copy` says not to.

    Raises DatabaseRefused, and leaves the database as it was then.
    """
    if revision == "head" and current(url) == head():
        return False
    if keeps_copy:
        _back_up(url)
    try:
        with naming(url):
            command.upgrade(_config(url), revision)
    except CommandError as error:
        raise DatabaseRefused(
            f"{name_of(url)}: {error}; it was written by another version of inferwatch: "
            "install that one, or a newer one"
        ) from error
    return True


def current(url: str) -> str | None:
    """The revision that the database is at; `None` for a new one. Raises DatabaseRefused."""
    path, engine = path_of(url), open_plain(url)
    try:
        with naming(url):
            if path is not None and not path.exists():
                return None
            with engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def is_known(revision: str) -> bool:
    """Whether this version of ours has a revision; newer ones have those that it does not."""
    scripts = ScriptDirectory.from_config(_config("sqlite://"))
    return any(script.revision == revision for script in scripts.walk_revisions())


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
    part = target.with_name(f"{target.name}.part")
    try:
        with naming(f"sqlite:///{part}"):
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
                source.backup(copy)
            shutil.copymode(path, part)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
