"""Supervisor: starts the processes of one installation, restarts one that dies, drains them all.

A child holds the read end of a pipe (its stdin) whose other end is ours: when we die, however
hard, the pipe ends and the child ends itself (`monitor.runtime.lifeline`). Children have a
session of their own, so that Ctrl-C reaches us alone and they are told once.
"""

import asyncio
import http.client
import logging
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger(__name__)

#: The exit code of a process that would refuse again: its port is taken, or another process
#: writes this ledger (EX_CONFIG of sysexits.h). 2 is that of wrong settings or usage.
REFUSED = 78
_FINAL = frozenset({2, REFUSED})

SHORTEST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
HEALTHY_AFTER_S = 60.0
DRAIN_S = 9.5
_POLL_S = 0.03


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive. `serves_others`: it is stopped after those that need it."""

    name: str
    argv: tuple[str, ...]
    port: int
    serves_others: bool = False


def next_pause_s(last_pause_s: float, uptime_s: float) -> float:
    """How long to wait before a restart: doubled each time, until a child kept up a minute."""
    if last_pause_s == 0 or uptime_s >= HEALTHY_AFTER_S:
        return SHORTEST_PAUSE_S
    return min(LONGEST_PAUSE_S, 2 * last_pause_s)


def answers(port: int) -> bool:
    """Whether a server on loopback answers `GET /healthz` within a second, and not with trouble."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Supervisor:
    """The children of one `inferwatch up`."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = tuple(children)
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stop = asyncio.Event()
        self.refused: Child | None = None

    def stop(self) -> None:
        """Ask `run` to drain the children and return."""
        self._stop.set()

    def pass_on(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the child of that name, if it runs."""
        if name in self._running:
            _send(self._running[name], number)

    async def run(self) -> None:
        """Keep the children alive until `stop`, or until one refuses to run (see `refused`).

        Afterwards none is left: each was told to end, and killed where it did not in time.
        """
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        try:
            await self._stop.wait()
        finally:
            self._stop.set()
            await self._drain()
            await asyncio.gather(*keepers)

    async def wait_ready(self) -> bool:
        """Return once every child answers; `False` where the end came first."""
        for child in self._children:
            while not await asyncio.to_thread(answers, child.port):
                if await self._is_stopped_within(_POLL_S):
                    return False
        return not self._stop.is_set()

    async def _keep(self, child: Child) -> None:
        pause_s = 0.0
        while not self._stop.is_set():
            began_s = time.monotonic()
            code = await self._run_once(child)
            if self._stop.is_set():
                return
            if code in _FINAL:
                self.refused = child
                self._stop.set()
                return
            pause_s = next_pause_s(pause_s, time.monotonic() - began_s)
            log.warning("the %s %s; starting it again in %g s", child.name, tell(code), pause_s)
            await self._is_stopped_within(pause_s)

    async def _run_once(self, child: Child) -> int:
        process = await asyncio.create_subprocess_exec(
            *child.argv, stdin=asyncio.subprocess.PIPE, start_new_session=True
        )
        self._running[child.name] = process
        log.info("the %s runs as process %d", child.name, process.pid)
        if self._stop.is_set():
            # Born while the others were told to end.
            process.terminate()
        code = await process.wait()
        del self._running[child.name]
        return code

    async def _is_stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def _drain(self) -> None:
        deadline_s = time.monotonic() + DRAIN_S
        for serves_others in (False, True):
            names = {child.name for child in self._children if child.serves_others == serves_others}
            processes = [self._running[name] for name in sorted(names & self._running.keys())]
            for process in processes:
                _send(process, signal.SIGTERM)
            await self._wait_or_kill(processes, deadline_s)

    async def _wait_or_kill(
        self, processes: Sequence[asyncio.subprocess.Process], deadline_s: float
    ) -> None:
        left_s = max(0.0, deadline_s - time.monotonic())
        waits = [asyncio.create_task(process.wait()) for process in processes]
        if not waits:
            return
        await asyncio.wait(waits, timeout=left_s)
        for process in processes:
            if process.returncode is None:
                log.error("process %d did not end in time and is killed", process.pid)
                _send(process, signal.SIGKILL)
        await asyncio.gather(*waits)


def tell(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
