"""Importing: the rows of a file, read here and told to a sink, batch by batch."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from monitor.cli.import_sinks import Answer, Sink
from monitor.cli.refusal import Refusal
from monitor.domain.imports import Position
from monitor.domain.verdicts import Verdict
from monitor.imports.files import Unreadable
from monitor.imports.reading import Item, Reading, Survey, reading
from monitor.imports.rejects import Rejects, place_beside

BATCH = 1_000
INTERRUPTED = "interrupted"
_SENDERS = 2
_AHEAD = 3
_NOTE_EACH_S = 2.0
_SHOWN_NAME = 200
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Tally:
    """What became of a file. `rows` are all that were dealt with, `skipped` those that were before.

    `stopped` says why it was not read to its end; `rejects` is where the rows lie that were not
    taken. `was_whole` says that all of it was imported before.
    """

    file: str
    rows: int = 0
    skipped: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0
    rejects: str | None = None
    stopped: str | None = None
    was_whole: bool = False

    @property
    def bad(self) -> int:
        """Rows that were not taken as they were told."""
        return self.counts[Verdict.REFUSED] + self.counts[Verdict.QUARANTINED]

    def describe(self) -> dict[str, Any]:
        """The same for scripts."""
        told = asdict(self) | {each: self.counts[each] for each in Verdict}
        del told["counts"]
        return told


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be imported: from which row on, and where its rejects go.

    `is_strict` stops at the first row that cannot be taken, `is_stopping` when it says so.
    """

    known: Position | None = None
    rejects: Path | None = None
    is_strict: bool = False
    is_stopping: Callable[[], bool] = bool


def run(found: Survey, sink: Sink, wish: Wish, tell: Tell = lambda _, __: None) -> Tally:
    """Import a file. Raises Refusal where the sink takes nothing more; then rows taken stay taken.

    `tell` hears of rows and bytes done.
    """
    begun_s = time.monotonic()
    with reading(found) as opened:
        under_way = _Run(found, opened, sink, wish, tell)
        tally = under_way.tally
        try:
            under_way.go()
        except Unreadable as error:
            tally.stopped = f"the file {error}"
        except Refusal as error:
            advice = f"{tally.rows:,} rows are dealt with, and the same command goes on there"
            raise Refusal(f"{found.path}: {error}; {advice}", 1) from None
        under_way.finish()
    tally.took_s = time.monotonic() - begun_s
    return tally


class _Run:
    """One import under way."""

    def __init__(self, found: Survey, opened: Reading, sink: Sink, wish: Wish, tell: Tell) -> None:
        self._found, self._opened, self._sink = found, opened, sink
        self._wish, self._tell = wish, tell
        self.tally = Tally(str(found.path))
        self._reached = Position(
            found.digest(),
            _shown(found.path),
            0,
            0 if wish.known is None else wish.known.bad,
            False,
        )
        self._rejects: Rejects | None = None
        self._noted_s = time.monotonic()

    def go(self) -> None:
        """Read to the end, or to what stops it; what was sent is settled in the order of rows."""
        items = self._opened.items()
        if self._wish.known is not None:
            self._skip(items, self._wish.known.rows)
        waiting: deque[tuple[list[Item], Future[Answer]]] = deque()
        pool = ThreadPoolExecutor(_SENDERS, "import")
        try:
            while self.tally.stopped is None and (batch := _take(items)):
                waiting.append((batch, pool.submit(self._send, batch)))
                self._settle(waiting, _AHEAD)
                if self._wish.is_stopping():
                    self.tally.stopped = INTERRUPTED
            self._settle(waiting, 0)
        except Unreadable:
            self._settle(waiting, 0)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            items.close()

    def finish(self) -> None:
        """Remember how far it came, and close the rejects."""
        self._reached = self._reached._replace(is_whole=self.tally.stopped is None)
        self._note()
        if self._rejects is not None:
            self._rejects.close()

    def _skip(self, items: Iterator[Item], count: int) -> None:
        for number, _ in enumerate(islice(items, count), 1):
            if number % BATCH == 0:
                self._tell(number, self._opened.done_bytes)
        self.tally.rows = self.tally.skipped = count
        self._reached = self._reached._replace(rows=count)

    def _send(self, batch: list[Item]) -> Answer:
        events = [item.event for item in batch if item.event is not None]
        return self._sink.send(events) if events else Answer({}, {})

    def _settle(self, waiting: deque[tuple[list[Item], Future[Answer]]], ahead: int) -> None:
        while len(waiting) > ahead:
            batch, future = waiting.popleft()
            self._take_note(batch, future.result())

    def _take_note(self, batch: list[Item], answer: Answer) -> None:
        tally, before = self.tally, self._reached
        tally.counts.update(answer.counts)
        reasons = _reasons(batch, answer)
        tally.counts[Verdict.REFUSED] += sum(item.event is None for item in batch)
        for item, reason in reasons:
            self._reject(item, reason)
        tally.rows += len(batch)
        self._tell(tally.rows, self._opened.done_bytes)
        if reasons and self._wish.is_strict:
            item, reason = reasons[0]
            tally.stopped = tally.stopped or f"line {item.line:,} was not taken: {reason}"
        if tally.stopped is None or not self._wish.is_strict:
            self._reached = before._replace(rows=tally.rows, bad=before.bad + len(reasons))
        if time.monotonic() - self._noted_s > _NOTE_EACH_S:
            self._note()

    def _reject(self, item: Item, reason: str) -> None:
        if self._rejects is None:
            path = self._wish.rejects or place_beside(self._found.path, self._found.format)
            self.tally.rejects = str(path)
            self._rejects = Rejects(path, self._opened.dress, goes_on=self.tally.skipped > 0)
        try:
            self._rejects.add(item.line, item.cells, reason)
        except OSError as error:
            why = f"{self._rejects.path} cannot be written ({error.strerror})"
            advice = "say with --rejects where rows go that are not taken"
            raise Refusal(f"{why}; {advice}", 1) from None

    def _note(self) -> None:
        """Only now, when its rows are durable."""
        if self._rejects is not None:
            self._rejects.flush()
        if self._reached.rows:
            self._sink.note(self._reached)
        self._noted_s = time.monotonic()


def _reasons(batch: list[Item], answer: Answer) -> list[tuple[Item, str]]:
    """The rows that were not taken, in their order, and why."""
    places = iter(range(len(batch)))
    told = [
        (item, item.reason if item.event is None else answer.problems.get(next(places)))
        for item in batch
    ]
    return [(item, reason) for item, reason in told if reason is not None]


def _take(items: Iterator[Item]) -> list[Item]:
    return list(islice(items, BATCH))


def _shown(path: Path) -> str:
    return "".join(each for each in path.name if each.isprintable())[:_SHOWN_NAME] or "file"
