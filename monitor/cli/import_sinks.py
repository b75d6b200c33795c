"""Sinks: where the events of an import go: to the running monitor, or into the ledger itself."""

import asyncio
import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread, local
from typing import Any, NamedTuple, Protocol

from monitor.api.usage import MAX_BODY_BYTES, read_event
from monitor.cli.alone import alone
from monitor.cli.refusal import Refusal
from monitor.domain.calls import NOBODY, Origin
from monitor.domain.events import Event
from monitor.domain.imports import Position
from monitor.domain.tokens import IMPORT, ticket
from monitor.domain.verdicts import Verdict
from monitor.runtime.arrangement import arrange, fit
from monitor.runtime.clock import Clock
from monitor.runtime.intake import Intake
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.settings.model import Settings
from monitor.storage import facts, imports
from monitor.storage.engine import Database, DatabaseRefused

_TICKET_MS = 60_000
_TIMEOUT_S = 120.0
_PATIENCE_S = 60.0
_WAIT_S = 1.0
_SPOOL_BYTES = 65_536
_TAKEN = frozenset({Verdict.RECORDED, Verdict.FILLED, Verdict.REPEATED})


class Answer(NamedTuple):
    """How many events became what, and by their places those of which something is to be said."""

    counts: Mapping[str, int]
    problems: Mapping[int, str]


class Sink(Protocol):
    """Takes events, durably. Both methods raise Refusal where that cannot be."""

    def send(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """What became of events; may be called from several threads."""

    def note(self, reached: Position) -> None:
        """Remember how far a file was read."""


class ByMonitor:
    """Tells the running monitor, as every other source does."""

    def __init__(self, port: int, key: bytes) -> None:
        self._port, self._key = port, key
        self._own = local()
        self._connections: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        """No more comes."""
        for each in self._connections:
            each.close()

    def send(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """As Sink."""
        body = json.dumps(events).encode()
        if len(body) > MAX_BODY_BYTES:
            return self._send_parts(events)
        expected = {HTTPStatus.OK, HTTPStatus.MULTI_STATUS, HTTPStatus.UNPROCESSABLE_ENTITY}
        told = self._ask("/v1/usage?source=import", body, expected)
        problems = {
            each["index"]: f"{each['verdict']}: {each['error']}" for each in told["problems"]
        }
        return Answer({each: told[each] for each in Verdict}, problems)

    def note(self, reached: Position) -> None:
        """As Sink."""
        body = reached._asdict() | {"digest": reached.digest.hex()}
        self._ask("/v1/imports", json.dumps(body).encode(), {HTTPStatus.OK})

    def _send_parts(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        if len(events) == 1:
            return Answer(Counter({Verdict.REFUSED: 1}), {0: "refused: it is over 8 MiB"})
        half = len(events) // 2
        first, second = self.send(events[:half]), self.send(events[half:])
        later = {half + place: why for place, why in second.problems.items()}
        return Answer(Counter(first.counts) + Counter(second.counts), {**first.problems, **later})

    def _ask(self, path: str, body: bytes, expected: set[HTTPStatus]) -> Any:  # noqa: ANN401 -- JSON
        """The monitor's answer; one that is busy or being restarted is asked again for a minute."""
        until_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                status, answer = self._exchange(path, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._hang_up()
                trouble = f"broke off ({type(error).__name__})"
            else:
                if status in expected:
                    return answer
                trouble = f"refused ({status}): {answer.get('error') or answer.get('detail')}"
                if status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise Refusal(f"the monitor on port {self._port} {trouble}", 1)
            if time.monotonic() > until_s:
                raise Refusal(f"the monitor on port {self._port} {trouble}", 1)
            time.sleep(_WAIT_S)

    def _exchange(self, path: str, body: bytes) -> tuple[int, Any]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_S)
            self._own.connection = connection
            self._connections.append(connection)
        until_ms = time.time_ns() // 1_000_000 + _TICKET_MS
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {ticket(self._key, until_ms).reveal()}",
        }
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def _hang_up(self) -> None:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None


class Alone:
    """Records by itself, where no monitor runs, with the monitor's own intake and writer."""

    def __init__(self, intake: Intake, ledger: Ledger, clock: Clock) -> None:
        self._intake, self._ledger, self._clock = intake, ledger, clock
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="import", daemon=True)
        self._thread.start()

    def send(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """As Sink."""
        read = [read_event(each) for each in events]
        told = [each for each in read if isinstance(each, Event)]
        taking = self._intake.take(told, Origin.IMPORT, IMPORT, NOBODY)
        try:
            rest = iter(asyncio.run_coroutine_threadsafe(taking, self._loop).result())
        except DatabaseRefused as error:
            raise Refusal(f"the ledger cannot be written: {error}", 1) from None
        counts: Counter[str] = Counter()
        problems = {}
        for place, each in enumerate(read):
            verdict, reason = (Verdict.REFUSED, each) if isinstance(each, str) else next(rest)
            counts[verdict] += 1
            if verdict not in _TAKEN:
                problems[place] = f"{verdict}: {reason}"
        return Answer(counts, problems)

    def note(self, reached: Position) -> None:
        """As Sink."""
        now_ms = self._clock.now_ms()
        try:
            self._ledger.write(lambda session: imports.note(session, reached, now_ms)).result()
        except DatabaseRefused as error:
            raise Refusal(f"the ledger cannot be written: {error}", 1) from None

    def close(self) -> None:
        """No more comes."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def by_monitor(port: int, database: Database) -> Iterator[ByMonitor]:
    """The monitor on a port, told with a ticket: whoever may read its key may write calls."""
    sink = ByMonitor(port, _key(database))
    try:
        yield sink
    finally:
        sink.close()


def _key(database: Database) -> bytes:
    with database.reading() as session:
        told = facts.read(session, facts.TOKEN_KEY)
    if told is not None:
        return bytes.fromhex(told)
    with database.writing() as session:
        return facts.ensure_key(session, facts.TOKEN_KEY)


@contextmanager
def by_itself(settings: Settings, database: Database) -> Iterator[Alone]:
    """The ledger, as long as nobody else writes. Raises Refusal where somebody does."""
    clock = Clock()
    with alone(database), TemporaryDirectory(prefix="inferwatch-import-") as folder:
        # As at a start of the monitor: endpoints and prices that the settings name are known.
        fitted = fit(database, settings, clock.now_ms())
        with database.writing() as session:
            arrange(session, settings, fitted, clock.now_ms())
        # Its own spool stays empty: only probes are spooled, and what the monitor's has is his.
        ledger = Ledger(database, Spool(Path(folder) / "spool", _SPOOL_BYTES), clock)
        sink = Alone(Intake(database, ledger, clock, lambda: settings.secrets), ledger, clock)
        try:
            yield sink
        finally:
            sink.close()
            ledger.close()
