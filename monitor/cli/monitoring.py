"""Monitoring: the monitor process, from its first line to its last."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import uvicorn

from monitor.api.app import Sources, create_app
from monitor.cli.ports import listening
from monitor.cli.refusal import Refusal
from monitor.cli.starting import migrate, read_settings
from monitor.logs import configure
from monitor.runtime.bills import ask_billers
from monitor.runtime.feeds import ask_feeds
from monitor.runtime.heart import Heart
from monitor.runtime.lease import LeaseHeld
from monitor.runtime.lifeline import follow_parent
from monitor.runtime.monitor import Monitor, open_monitor
from monitor.runtime.reload import Reloader
from monitor.runtime.supervisor import REFUSED
from monitor.runtime.watchman import Watchman
from monitor.scheduler.clockwork import Clockwork
from monitor.scheduler.entries import Entry, Loss
from monitor.scheduler.jobs import Jobs
from monitor.scheduler.schedule import plan_jobs
from monitor.services.rounds import Probed
from monitor.settings.environment import settings_path
from monitor.settings.listening import is_beyond
from monitor.settings.model import Settings
from monitor.storage import tokens
from monitor.storage.engine import DatabaseRefused, name_of

log = logging.getLogger(__name__)

#: How long probes and requests under way may take to end once the monitor is told to.
PATIENCE_S = 6.0


def run(*, is_supervised: bool) -> None:
    """Run the monitor until it is told to end. Raises Refusal where it may or can not."""
    settings = read_settings()
    configure(logging.INFO, settings.secrets)
    if is_supervised:
        follow_parent()
    else:
        migrate(settings)
    try:
        asyncio.run(_serve(settings))
    except LeaseHeld as error:
        raise Refusal(str(error), REFUSED) from error
    except DatabaseRefused as error:
        where = f"{error} ({name_of(settings.database_url)})"
        raise Refusal(f"{where}; check that it can be written to", 1) from error


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_monitor(settings) as monitor:
        host, port = settings.monitor_host, settings.monitor_port
        with listening(host, port, "monitor") as listeners:
            await asyncio.to_thread(_warn_of_nobody, monitor)
            await _run_until(stop, monitor, listeners)
    log.info("the monitor ends: all that was recorded is on disk")


def _warn_of_nobody(monitor: Monitor) -> None:
    """Say so where other machines reach the monitor and none of them holds a token."""
    host, now_ms = monitor.settings.monitor_host, monitor.clock.now_ms()
    if not is_beyond(host):
        return
    with monitor.database.reading() as session:
        is_held = any(token.holds(now_ms) for token in tokens.read(session))
    if not is_held:
        log.warning(
            "the monitor listens on %s for other machines, and no token holds, so it takes nothing "
            "from them; `inferwatch keys create NAME` makes one",
            host,
        )


async def _run_until(stop: asyncio.Event, monitor: Monitor, listeners: list[socket.socket]) -> None:
    clockwork, sources = wind(monitor, settings_path())
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, sources.reloader.begin)
    server = _Server(
        uvicorn.Config(
            create_app(sources),
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=round(PATIENCE_S),
        )
    )
    clockwork.start()
    monitor.courier.start()
    heart = Heart(monitor)
    heart.start()
    serving = asyncio.create_task(server.serve(sockets=listeners))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await heart.stop()
    dropped, _ = await asyncio.gather(clockwork.drain(PATIENCE_S), monitor.courier.stop(PATIENCE_S))
    if dropped:
        log.warning("%d probes took too long to end and are dropped", dropped)
    await serving


def wind(monitor: Monitor, path: Path | None = None) -> tuple[Clockwork, Sources]:
    """The scheduler of a monitor, not yet running, and what its API shows.

    `path` is where the settings are read again; without it, where they were found.
    """
    reloader = Reloader(monitor, path or monitor.settings.path)
    watchman = Watchman(monitor)

    def make_jobs() -> Jobs:
        return Jobs(
            monitor.prober,
            monitor.clock.now_ms,
            monitor.pulse,
            heartbeat=monitor.beat,
            prune=monitor.prune,
            plan_ahead=monitor.plan_maintenance,
            weigh=monitor.weigh_budgets,
            judge=monitor.rules.judge,
            watch=watchman.go_round,
            look=reloader.look,
            end_pauses=monitor.end_pauses,
            renew=monitor.rearrange,
            ask_feeds=partial(ask_feeds, monitor),
            ask_billers=partial(ask_billers, monitor),
        )

    def plan_anew() -> Iterator[Entry]:
        return plan_jobs(monitor.prober, make_jobs(), monitor.clock.now_ms())

    async def note_loss(loss: Loss) -> None:
        await make_jobs().note_loss(loss)

    async def check(endpoint_id: str) -> Probed:
        monitor.arranged.demand_unpaused(endpoint_id)
        probed = await monitor.prober.check(monitor.prober.endpoints[endpoint_id])
        clockwork.again(probed.again)
        return probed

    clockwork = Clockwork(plan_anew(), monitor.pulse, monitor.clock.now_ms, note_loss)

    def take_over() -> None:
        monitor.prober.bring_forward = clockwork.again
        clockwork.replace(plan_anew())

    monitor.prober.bring_forward = clockwork.again
    monitor.follow(take_over)
    sources = Sources(
        database=monitor.database,
        pulse=monitor.pulse,
        ledger_status=monitor.ledger.status,
        clock_behind_s=lambda: max(0.0, monitor.clock.behind_s),
        check=check,
        endpoints=lambda: tuple(monitor.prober.endpoints),
        reloader=reloader,
        monitor=monitor,
    )
    return clockwork, sources


class _Server(uvicorn.Server):
    """Leaves signals alone: they end the whole monitor, of which this is a part."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
