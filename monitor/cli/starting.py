"""Starting: what `inferwatch up` does, from settings to the two processes."""

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import closing

from monitor.cli.refusal import Refusal
from monitor.runtime.supervisor import REFUSED, Child, Supervisor
from monitor.settings.environment import settings_path
from monitor.settings.model import Settings
from monitor.storage import glance


def start() -> None:
    """Run an installation until SIGTERM or Ctrl-C. Raises Refusal where it cannot run."""
    settings = ensure_settings()
    from monitor.logs import configure

    configure(logging.INFO, settings.secrets)
    migrate(settings)
    if settings.is_demo and not has_history(settings):
        from monitor.cli.past import load_history

        load_history(settings)
    asyncio.run(_supervise(settings))


def read_settings() -> Settings:
    """The settings of this installation. Raises SettingsError."""
    from monitor.settings.load import load

    return load(settings_path())


def ensure_settings() -> Settings:
    """The settings of this installation; on a first start, of what is found here."""
    if settings_path().exists():
        return read_settings()
    from monitor.cli.first_start import begin

    return begin(settings_path())


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision. Raises Refusal where it does not let itself."""
    if glance.is_newest(settings.database_url):
        return
    from monitor.storage.engine import DatabaseRefused
    from monitor.storage.migrate import upgrade

    try:
        upgrade(settings.database_url)
    except DatabaseRefused as error:
        raise Refusal(f"the database cannot be used: {error}", 1) from error


def has_history(settings: Settings) -> bool:
    """Whether a demo has its simulated past; asked apart, since loading imports half a second."""
    if glance.is_file(settings.database_url):
        return glance.fact(settings.database_url, glance.DEMO_LOADED) is not None
    from monitor.storage.engine import Database
    from monitor.storage.facts import read

    with closing(Database(settings.database_url)) as database, database.reading() as session:
        return read(session, glance.DEMO_LOADED) is not None


async def _supervise(settings: Settings) -> None:
    supervisor = Supervisor(list(list_children(settings)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.stop)
    # A terminal hangs up when it is closed; where there is none, somebody asks for a reload.
    if sys.stdin is not None and sys.stdin.isatty():
        loop.add_signal_handler(signal.SIGHUP, supervisor.stop)
    else:
        loop.add_signal_handler(signal.SIGHUP, supervisor.pass_on, "monitor", signal.SIGHUP)
    running = asyncio.create_task(supervisor.run())
    if await supervisor.wait_ready():
        _say(f"Dashboard  http://127.0.0.1:{settings.dashboard_port}")
        _say(f"Monitor    http://127.0.0.1:{settings.monitor_port}/v1/status")
        _say("Press Ctrl-C to stop.")
    await running
    if supervisor.refused is not None:
        raise Refusal(f"the {supervisor.refused.name} cannot run; see the line above", REFUSED)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def list_children(settings: Settings) -> Iterator[Child]:
    """The processes of an installation, those first that others need."""
    if settings.is_demo:
        yield _child("simulator", settings.simulator_port, serves_others=True)
    yield _child("monitor", settings.monitor_port)
    yield _child("dashboard", settings.dashboard_port)


def _child(name: str, port: int, *, serves_others: bool = False) -> Child:
    argv = (sys.executable, "-m", "monitor.cli", name, "--lifeline")
    return Child(name, argv, port, serves_others=serves_others)
