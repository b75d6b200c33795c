"""The desk: turns jobs into transactions, and keeps the reference data at hand."""

import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from monitor.domain import wording
from monitor.domain.calls import Call
from monitor.domain.verdicts import Verdict
from monitor.runtime.inbox import CALLS_AT_ONCE, Job
from monitor.services import calls, reference
from monitor.services.calls import Receipt
from monitor.storage import attributions, quarantine
from monitor.storage.engine import Database, DatabaseRefused, Session

_LOG = logging.getLogger(__name__)
#: A part of bulk aims at a third of what a probe may wait, and grows slowly: the next may take
#: longer. On a busy machine it gets no smaller than pays for its transaction.
_BULK_S = 0.03
_BULK_GROWTH = 1.25
_BULK_LEAST = 250


class Quarantined(ValueError):
    """A call that can never be recorded; it lies in quarantine with this reason."""


class Desk:
    """Where the writer's thread works. Not for other threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: Told of the endpoints whose users' calls were just seen to fail.
        self.listener: Callable[[frozenset[str]], None] | None = None
        self._bulk_size = CALLS_AT_ONCE
        with database.reading() as session:
            self._reference = reference.load(session)
            self.quarantined = quarantine.count(session)

    def serve(self, jobs: Sequence[Job[Any]], now_ms: int) -> None:
        """Do jobs and answer them. Raises DatabaseRefused with the jobs left unanswered.

        Of a bulk job only the next part is done; it is answered with its last part.
        """
        for job in jobs:
            if job.task is not None:
                self._do_task(job, job.task)
            elif job.is_bulk:
                self._record_part(job, now_ms)
        self._record([job for job in jobs if job.task is None and not job.is_bulk], now_ms)

    def drain(self, kept: Sequence[tuple[int, Call]]) -> None:
        """Write calls as if they had been written when they were kept."""
        for start in range(0, len(kept), CALLS_AT_ONCE):
            chunk = kept[start : start + CALLS_AT_ONCE]
            try:
                self._write(chunk)
            except DatabaseRefused:
                raise
            except Exception:  # noqa: BLE001 -- one bad line must not hold the others back
                for kept_ms, call in chunk:
                    self._write_or_put_aside(call, kept_ms)

    def _record(self, jobs: Sequence[Job[Any]], now_ms: int) -> None:
        together = [(now_ms, call) for job in jobs for call in job.calls]
        try:
            receipts = self._write(together)
        except DatabaseRefused:
            raise
        except Exception:  # noqa: BLE001 -- whatever one call did must not take the others along
            for job in jobs:
                self._record_one_by_one(job, now_ms)
            return
        for job in jobs:
            mine, receipts = receipts[: len(job.calls)], receipts[len(job.calls) :]
            job.answer.set_result(mine)

    def _record_one_by_one(self, job: Job[Any], now_ms: int) -> None:
        written = [self._write_or_put_aside(call, now_ms) for call in job.calls]
        if len(written) == 1 and isinstance(written[0], Quarantined):
            job.answer.set_exception(written[0])
        else:
            job.answer.set_result([_tell_of(result) for result in written])

    def _record_part(self, job: Job[Any], now_ms: int) -> None:
        begun = perf_counter()
        part = job.calls[len(job.receipts) : len(job.receipts) + self._bulk_size]
        try:
            job.receipts += self._write([(now_ms, call) for call in part])
        except DatabaseRefused:
            raise
        except Exception:  # noqa: BLE001 -- as above: the bad one goes aside, the others stand
            for call in part:
                result = self._write_or_put_aside(call, now_ms)
                job.receipts.append(_tell_of(result))
        self._fit_bulk(len(part), perf_counter() - begun)
        if len(job.receipts) == len(job.calls):
            job.answer.set_result(job.receipts)

    def _fit_bulk(self, size: int, took_s: float) -> None:
        wished = int(size * _BULK_S / took_s)
        self._bulk_size = max(_BULK_LEAST, min(wished, int(_BULK_GROWTH * self._bulk_size)))

    def _write_or_put_aside(self, call: Call, now_ms: int) -> Receipt | Quarantined:
        try:
            return self._write([(now_ms, call)])[0]
        except DatabaseRefused:
            raise
        except Exception as error:  # noqa: BLE001 -- kept with its reason, and told
            reason = Quarantined(f"{type(error).__name__}: {error}")
        _LOG.error("ledger: call at %s put into quarantine: %s", call.endpoint, reason)
        with self._database.writing() as session:
            quarantine.add(session, now_ms, str(reason), wording.write(call))
            self.quarantined = quarantine.count(session)
        return reason

    def _do_task(self, job: Job[Any], task: Callable[[Session], Any]) -> None:
        try:
            with self._database.writing() as session:
                result = task(session)
        except DatabaseRefused:
            raise
        except Exception as error:  # noqa: BLE001 -- it belongs to whoever gave the task
            job.answer.set_exception(error)
            return
        if job.reforms:
            self.look_up()
        job.answer.set_result(result)

    def look_up(self) -> None:
        """Read the reference data again: they were changed."""
        with self._database.reading() as session:
            self._reference = reference.load(session)
            self.quarantined = quarantine.count(session)

    def _write(self, timed: Sequence[tuple[int, Call]]) -> list[Receipt]:
        if not timed:
            return []
        self._intern([call for _, call in timed])
        entries = [calls.price(call, self._reference, at_ms) for at_ms, call in timed]
        with self._database.writing() as session:
            receipts = calls.record(session, entries, self._reference)
            if any(receipt.verdict is Verdict.QUARANTINED for receipt in receipts):
                self.quarantined = quarantine.count(session)
        # Each receipt of a transaction names all whom it made suspect.
        if self.listener is not None and receipts[0].suspected:
            self._tell(self.listener, receipts[0].suspected)
        return receipts

    def _tell(self, listener: Callable[[frozenset[str]], None], suspected: frozenset[str]) -> None:
        try:
            listener(suspected)
        except Exception:  # noqa: BLE001 -- they are committed, and must not be written again
            _LOG.exception("ledger: who listens to it failed")

    def _intern(self, recorded: Sequence[Call]) -> None:
        known = self._reference.attribution_ids
        unknown = {call.attribution for call in recorded} - known.keys()
        if unknown:
            with self._database.writing() as session:
                numbers = attributions.intern(session, unknown)
            known.update(numbers)


def _tell_of(result: Receipt | Quarantined) -> Receipt:
    if isinstance(result, Quarantined):
        return Receipt(None, verdict=Verdict.QUARANTINED, reason=str(result))
    return result
