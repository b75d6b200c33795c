"""A monitor that kills itself at a step between a failing call and a delivered message.

`python -m tests.reliability.dying_monitor` loads everything once and forks a real monitor for each
line of its input, which names the step (or `never`). It prints the monitor's pid, and once that
has ended its status. Each outage is told by itself there, and sooner.
"""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from monitor.channels.webhook import WebhookLine
from monitor.cli import monitoring
from monitor.domain import alerts as rules
from monitor.runtime.courier import Courier
from monitor.services import deliveries
from monitor.storage import deliveries as rows
from monitor.storage import outbox
from monitor.storage.engine import Database, Session


class Step(StrEnum):
    """Every step on the way; the receiver itself kills at `SENT`."""

    CONFIRMED = "the call is written, and not what is to be told of it"
    TOLD = "both are written, and not committed"
    COMMITTED = "both are committed"
    PLANNED = "a message is planned, and not committed"
    WAITING = "a message waits"
    DUE = "a message is about to be sent"
    SENT = "it is sent, and not answered"
    ANSWERED = "it is answered, and that is not noted"
    NOTED = "it is noted, and not committed"
    DELIVERED = "it counts as delivered"


_armed: list[Step] = []


def main() -> None:
    """Fork a monitor for each line, one after the other."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _lie_in_wait(line.strip())
            monitoring.run(is_supervised=False)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _lie_in_wait(named: str) -> None:
    """Put a trap at the step of that name."""
    rules.GATHER_MS, rules.JOIN_MS = 50, -1
    Courier.__init__.__defaults__ = (0.1,)
    if named != "never":
        _TRAPS[Step(named)](Step(named))


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: object, name: str) -> Callable[[Step], None]:
    """Die where a function is called."""

    def trap(_: Step) -> None:
        setattr(owner, name, _die)

    return trap


def _within(owner: object, name: str) -> Callable[[Step], None]:
    """Die where a function has done its work, and its transaction is still open."""

    def trap(_: Step) -> None:
        work = getattr(owner, name)

        def die_after(*args: object, **named: object) -> None:
            work(*args, **named)
            _die()

        setattr(owner, name, die_after)

    return trap


def _after(owner: object, name: str) -> Callable[[Step], None]:
    """Die where the transaction of a function was committed."""

    def trap(step: Step) -> None:
        work, write = getattr(owner, name), Database.writing

        def arm(*args: object, **named: object) -> object:
            _armed.append(step)
            return work(*args, **named)

        @contextmanager
        def writing(database: Database) -> Iterator[Session]:
            with write(database) as session:
                yield session
            if _armed:
                _die()

        setattr(owner, name, arm)
        Database.writing = writing  # type: ignore[assignment,method-assign]

    return trap


def _answered(_: Step) -> None:
    send: Callable[..., Awaitable[object]] = WebhookLine.send

    async def die_after(*args: object) -> None:
        await send(*args)
        _die()

    WebhookLine.send = die_after  # type: ignore[assignment,method-assign]


_TRAPS: dict[Step, Callable[[Step], None]] = {
    Step.CONFIRMED: _before(outbox, "put"),
    Step.TOLD: _within(outbox, "put"),
    Step.COMMITTED: _after(outbox, "put"),
    Step.PLANNED: _within(rows, "add"),
    Step.WAITING: _after(rows, "add"),
    Step.DUE: _before(WebhookLine, "send"),
    Step.SENT: lambda _: None,
    Step.ANSWERED: _answered,
    Step.NOTED: _within(deliveries, "note"),
    Step.DELIVERED: _after(deliveries, "note"),
}


if __name__ == "__main__":
    main()
