"""Alerting: how soon many incidents at once reach every channel, once they are committed.

Five real receivers on loopback, none with a limit; each incident is of another provider, so that
each is a message of its own. The 1.5 s for which an opening waits for others are part of it.
"""

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from monitor.domain.alerts import Severity
from monitor.domain.outcomes import Outcome
from monitor.domain.promptness import rank
from monitor.domain.rules import RuleName
from monitor.runtime.monitor import Monitor, open_monitor
from monitor.services.reference import load
from monitor.storage import incidents
from monitor.storage.engine import Session
from monitor.storage.incidents import Opening
from tests.alerting import to_hooks
from tests.monitors import make_settings
from tests.performance.figures import Figure
from tests.receiver import Answer, Got, run_receiver
from tests.runtime.worlds import endpoints_of

INCIDENTS, CHANNELS = 100, 5
_GOAL_S = 5.0
_PATIENCE_S = 120.0


def measure(n_incidents: int = INCIDENTS, n_channels: int = CHANNELS) -> list[Figure]:
    """The median and the 95th percentile of all messages."""
    with TemporaryDirectory() as folder:
        waits_ms = asyncio.run(_tell(Path(folder), n_incidents, n_channels))
    about = f"{n_incidents} incidents at once to {n_channels} webhooks: commit to received"
    return [
        Figure("alerts_p50_s", median(waits_ms) / 1000, "s", f"{about}, median"),
        Figure(
            "alerts_p95_s",
            rank(waits_ms, 95) / 1000,
            "s",
            f"{about}, p95",
            _GOAL_S,
            is_ceiling=True,
        ),
    ]


async def _tell(folder: Path, n_incidents: int, n_channels: int) -> list[int]:
    """How many milliseconds after their commit messages came, in order."""
    arrived_s: list[float] = []

    def take(_: Got) -> Answer:
        arrived_s.append(monotonic())
        return Answer()

    with ExitStack() as stack:
        receivers = [stack.enter_context(run_receiver()) for _ in range(n_channels)]
        for each in receivers:
            each.answer = take
        alerting = to_hooks(*(each.url for each in receivers))
        watched = tuple(endpoint for n in range(n_incidents) for endpoint in endpoints_of(n)[:1])
        settings = replace(
            make_settings(folder, "http://127.0.0.1:1"),
            endpoints=watched,
            targets=tuple(each.target for each in watched),
            prices={},
            alerts=alerting,
        )
        async with open_monitor(settings) as monitor:
            monitor.courier.start()
            await asyncio.sleep(0.5)
            await asyncio.wrap_future(monitor.ledger.write(lambda s: _open(s, monitor)))
            committed_s = monotonic()
            until_s = committed_s + _PATIENCE_S
            while len(arrived_s) < n_incidents * n_channels:
                assert monotonic() < until_s, f"{len(arrived_s)} messages came"
                await asyncio.sleep(0.05)
            await monitor.courier.stop(5.0)
    return sorted(round(1000 * (each - committed_s)) for each in arrived_s)


def _open(session: Session, monitor: Monitor) -> None:
    now_ms = monitor.clock.now_ms()
    for number in load(session).endpoint_ids.values():
        what = RuleName.DOWN, str(number), Severity.CRITICAL
        when = now_ms - 40_000, now_ms
        incidents.open_incident(session, Opening(number, *what, *when, 1, Outcome.SERVER_ERROR, 1))
