"""Probing: the checks that a monitor would have made of the simulated providers.

Every model is asked for a word every five minutes; before the last two weeks it was every
half hour. A failure is confirmed by further calls 3 s and 22 s later. `GET /models` is tried every
minute; only its failures are told.
"""

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from monitor.simulator import faults
from monitor.simulator.attempts import VERDICTS, Ask, Record, Who, attempt, refuse
from monitor.simulator.catalogue import Model
from monitor.simulator.pace import DAY_MS
from monitor.simulator.refusals import RETRY_AFTER_S
from monitor.simulator.span import Span

INFER_INTERVAL_S = 300.0
EARLY_INTERVAL_S = 1800.0
EARLY_UNTIL_DAYS_AGO = 14
REACH_INTERVAL_S = 60.0
GOOD = frozenset({"ok", "wrong_answer"})
#: Failures for which our account answers, not the provider: one more call confirms them.
ACCOUNT = frozenset({"auth", "quota_exhausted", "rate_limited"})
_CONFIRM_AFTER_S = (3.0, 22.0)
_JITTER_MS = 5000
_INFER = Who("infer")
_REACH = Who("reach")


class Due(NamedTuple):
    """A probe to make, and after how many seconds each a failure of it is to be confirmed."""

    at_ms: int
    confirm_after_s: tuple[float, ...] = _CONFIRM_AFTER_S
    is_alarm: bool = False
    gap_s: float = INFER_INTERVAL_S


def reach(provider: str, span: Span, rng: Random) -> Iterator[Record]:
    """The failed reachability checks of a provider, in order."""
    step_ms = round(REACH_INTERVAL_S * 1000)
    offset_ms = rng.randrange(step_ms)
    for start_ms, end_ms in faults.list_edge_windows(provider, span.start_ms, span.end_ms):
        first_ms = start_ms + (offset_ms - start_ms) % step_ms
        for at_ms in range(first_ms, min(end_ms, span.end_ms), step_ms):
            fault = faults.at(provider, None, at_ms)
            if fault and span.is_watched(at_ms):
                verdict = VERDICTS[fault.kind]
                record = refuse((provider, None), at_ms, verdict, _REACH, rng)
                yield record._replace(gap_s=REACH_INTERVAL_S)


def list_alarms(checks: Sequence[Record]) -> list[Due]:
    """The probes of each endpoint that a provider's first failed check in a row calls for."""
    alarms: list[Due] = []
    last_ms = 0
    for check in checks:
        is_first = check.started_ms - last_ms > 2 * REACH_INTERVAL_S * 1000
        if is_first and check.outcome not in ACCOUNT:
            wait_s, *later_s = _CONFIRM_AFTER_S
            alarms.append(Due(check.ended_ms + round(wait_s * 1000), tuple(later_s), is_alarm=True))
        last_ms = check.started_ms
    return alarms


def probe(model: Model, span: Span, alarms: Sequence[Due], rng: Random) -> Iterator[Record]:
    """The inference probes of a model, in order, each begun after the last one's end."""
    prober = _Prober(model, rng)
    for due in _schedule(span, alarms, rng):
        if not (due.is_alarm and prober.is_failing):
            yield from prober.check(due)


def interval_s(at_ms: int, span: Span) -> float:
    """The time between two probes of a model, as it was at an instant of the span."""
    return EARLY_INTERVAL_S if at_ms < _turn_ms(span) else INFER_INTERVAL_S


def _turn_ms(span: Span) -> int:
    return max(span.start_ms, span.end_ms - EARLY_UNTIL_DAYS_AGO * DAY_MS)


def _schedule(span: Span, alarms: Sequence[Due], rng: Random) -> list[Due]:
    turn_ms = _turn_ms(span)
    early = _regular(span.start_ms, turn_ms, EARLY_INTERVAL_S, rng)
    late = _regular(turn_ms, span.end_ms, INFER_INTERVAL_S, rng)
    dues = [*early, *late, *alarms]
    return sorted(due for due in dues if span.is_watched(due.at_ms))


def _regular(from_ms: int, to_ms: int, interval_s: float, rng: Random) -> Iterator[Due]:
    step_ms = round(interval_s * 1000)
    for at_ms in range(from_ms + rng.randrange(step_ms), to_ms, step_ms):
        yield Due(at_ms + int(rng.random() * _JITTER_MS), gap_s=interval_s)


class _Prober:
    """Asks one model for a word, and knows whether its last answer was a confirmed failure."""

    def __init__(self, model: Model, rng: Random) -> None:
        self.model, self.rng = model, rng
        self.asks = itertools.cycle(_list_asks(model))
        self.is_failing = False
        self.free_ms = 0

    def check(self, due: Due) -> Iterator[Record]:
        """The probe that is due and, where the model was well, the calls that confirm a failure."""
        waits_s = () if self.is_failing else due.confirm_after_s
        record = self._call(max(due.at_ms, self.free_ms))
        for wait_s in waits_s[: 1 if record.outcome in ACCOUNT else None]:
            if record.outcome in GOOD:
                break
            gap_s = self._stretch(wait_s, record.outcome)
            yield record._replace(gap_s=gap_s)
            record = self._call(record.ended_ms + round(gap_s * 1000))
        yield record._replace(gap_s=due.gap_s)
        self.is_failing = record.outcome not in GOOD

    def _call(self, at_ms: int) -> Record:
        record = attempt(self.model, at_ms, next(self.asks), _INFER, self.rng)
        self.free_ms = record.ended_ms + 1
        return record

    def _stretch(self, wait_s: float, outcome: str) -> float:
        jittered_s = wait_s * self.rng.uniform(0.8, 1.2)
        return max(jittered_s, RETRY_AFTER_S) if outcome == "rate_limited" else jittered_s


def _list_asks(model: Model) -> list[Ask]:
    thoughts = (13, 31, 18, 24, 36, 12, 27) if model.is_reasoning else (0, 0, 0)
    return [
        Ask(
            prompt_tokens=24,
            completion_tokens=thought + 2 + i % 2,
            reasoning_tokens=thought,
            gap_s=INFER_INTERVAL_S,
        )
        for i, thought in enumerate(thoughts)
    ]
