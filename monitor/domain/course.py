"""Course: the way of a row of health through ticks (the state table of docs/semantics.md, 3).

A pure function of the row, the ticks and the rule: replaying the calls gives the same spans and
transitions, bit for bit, however they are cut into batches.
"""

from collections.abc import Iterable
from typing import assert_never

from monitor.domain.confirmation import (
    NOTHING,
    Counts,
    add_failure,
    add_pass,
    confirmed_from_ms,
)
from monitor.domain.health import (
    Advanced,
    Closed,
    Health,
    Opened,
    Rule,
    Span,
    State,
    Tick,
    Transition,
    Unobserved,
    Verdict,
)


def advance(health: Health, ticks: Iterable[Tick], rule: Rule) -> Advanced:
    """Move a row forward by ticks, in their order of recording; all at once or one by one.

    The spans are contiguous and start at the row's `settled_ms`. Each is a run of one state; the
    first goes on with the row's own where that is of the same state and not empty. A tick that
    ends at or before the newest one (or before creation) moves nothing.
    """
    course = _Course(health, rule)
    newest_ms, gap_ms, is_steady = course.newest_ms, course.gap_ms, course.is_steady
    is_calm, is_degraded = course.is_calm, course.state is State.DEGRADED
    for tick in ticks:
        started_ms, ended_ms, verdict, is_probe, tick_gap_ms, says_degraded = tick
        if ended_ms <= newest_ms:
            continue
        if (
            is_steady
            and verdict is Verdict.PASS
            and started_ms - newest_ms <= 2 * gap_ms
            and (is_calm or not is_probe)
            and (says_degraded is None or says_degraded is is_degraded)
        ):
            # Thousands of good calls on a healthy endpoint: nothing but its end moves.
            newest_ms, gap_ms = ended_ms, tick_gap_ms
            continue
        course.hold_until(newest_ms, gap_ms)
        # A call takes a millisecond at least: so no state is held for no time.
        course.take(tick if started_ms < ended_ms else tick._replace(started_ms=ended_ms - 1))
        newest_ms, gap_ms, is_steady = course.newest_ms, course.gap_ms, course.is_steady
        is_calm, is_degraded = course.is_calm, course.state is State.DEGRADED
    course.hold_until(newest_ms, gap_ms)
    return course.freeze(health)


class _Course:
    """A row on its way: the fields of `Health`, open to change, and what they left behind."""

    __slots__ = (
        "counts",
        "failures",
        "first_failed_ms",
        "first_pass_ms",
        "gap_ms",
        "has_incident",
        "is_interrupted",
        "newest_ms",
        "passes",
        "rule",
        "settled_ms",
        "since_ms",
        "spans",
        "state",
        "transitions",
    )

    def __init__(self, health: Health, rule: Rule) -> None:
        last_ms = health.last_tick_ms
        self.rule = rule
        self.newest_ms = health.created_ms if last_ms is None else last_ms
        self.settled_ms, self.since_ms = health.settled_ms, health.since_ms
        self.state, self.gap_ms = health.state, health.gap_ms
        self.is_interrupted, self.has_incident = health.is_interrupted, health.has_incident
        self.first_failed_ms, self.failures = health.first_failed_ms, health.failures
        self.first_pass_ms, self.passes = health.first_pass_ms, health.passes
        self.counts = Counts(health.trail, health.excess, health.excess_from_ms)
        self.spans: list[Span] = []
        self.transitions: list[Transition] = []

    def freeze(self, health: Health) -> Advanced:
        row = Health(
            created_ms=health.created_ms,
            settled_ms=self.settled_ms,
            since_ms=self.since_ms,
            state=self.state,
            # A tick that counts ends after creation, so this tells whether there was one.
            last_tick_ms=self.newest_ms if self.newest_ms > health.created_ms else None,
            gap_ms=self.gap_ms,
            is_interrupted=self.is_interrupted,
            first_failed_ms=self.first_failed_ms,
            failures=self.failures,
            passes=self.passes,
            first_pass_ms=self.first_pass_ms,
            has_incident=self.has_incident,
            trail=self.counts.trail,
            excess=self.counts.excess,
            excess_from_ms=self.counts.excess_from_ms,
        )
        return Advanced(row, tuple(self.spans), tuple(self.transitions))

    @property
    def is_at_ease(self) -> bool:
        """Whether no failure is under confirmation and no incident open: traffic may vouch."""
        return not self.failures and not self.has_incident

    @property
    def is_steady(self) -> bool:
        """Whether a good tick in time changes nothing but how far the state is settled."""
        return self.is_at_ease and not self.is_interrupted and self.state is not State.UNKNOWN

    @property
    def is_calm(self) -> bool:
        """Whether no failure is remembered that a good probe would make older."""
        return not self.counts.trail and not self.counts.excess

    def hold_until(self, newest_ms: int, gap_ms: int) -> None:
        """Settle a steady state up to a tick that vouched for it."""
        if newest_ms > self.newest_ms:
            self._settle(newest_ms, self.state)
            self.newest_ms, self.gap_ms = newest_ms, gap_ms

    def take(self, tick: Tick) -> None:
        match tick.verdict:
            case Verdict.BLIND:
                self.is_interrupted = True
            case Verdict.PASS:
                if tick.is_probe or self.is_at_ease:
                    self._meet(tick)
                    self._pass(tick)
                    self._remember(tick)
            case Verdict.FAIL:
                if tick.is_probe:
                    self._meet(tick)
                    self._fail(tick)
                    self._remember(tick)
            case _:
                assert_never(tick.verdict)

    def _meet(self, tick: Tick) -> None:
        """Bridge the time since the newest tick, or lose sight of it where none vouches."""
        unseen_ms = tick.started_ms - self.newest_ms
        if unseen_ms <= 0 or (unseen_ms <= 2 * self.gap_ms and not self.is_interrupted):
            return
        if self.has_incident and self.state is not State.UNKNOWN:
            self.transitions.append(Unobserved(self.newest_ms))
        self._settle(self.newest_ms, self.state)
        self._settle(tick.started_ms, State.UNKNOWN)
        self._forget_failures()
        self.counts = NOTHING
        self._forget_passes()

    def _remember(self, tick: Tick) -> None:
        self.newest_ms, self.gap_ms, self.is_interrupted = tick.ended_ms, tick.gap_ms, False

    def _pass(self, tick: Tick) -> None:
        if self.has_incident:
            self._recover(tick)
            return
        if tick.is_probe and not self.is_calm:
            self.counts = add_pass(self.counts, self.rule)
        self._settle(tick.ended_ms, self._state_after(tick))
        self._forget_failures()

    def _state_after(self, tick: Tick) -> State:
        """Up or degraded, as the last probes say; as it was where this call does not tell."""
        is_degraded = tick.is_degraded
        if is_degraded is None:
            is_degraded = self.state is State.DEGRADED
        return State.DEGRADED if is_degraded else State.UP

    def _recover(self, tick: Tick) -> None:
        if not self.passes:
            self._settle(tick.ended_ms, self.state)
            self.first_pass_ms = tick.ended_ms
        self.passes += 1
        if self.passes >= self.rule.passes_to_close:
            # Settled is the end of the first good tick: what follows it was pending.
            self.transitions.append(Closed(self.settled_ms, tick.ended_ms))
            self._settle(tick.ended_ms, self._state_after(tick))
            self._forget_passes()
            self.has_incident = False

    def _fail(self, tick: Tick) -> None:
        self._forget_passes()
        if self.state is State.DOWN:
            self._settle(tick.ended_ms, State.DOWN)
            return
        from_ms = max(tick.started_ms, self.newest_ms)
        if not self.failures:
            self._settle(from_ms, self.state)
            self.first_failed_ms = tick.started_ms
        self.failures += 1
        if self.has_incident:
            self._go_down(tick)
            return
        self.counts = add_failure(self.counts, from_ms, self.rule)
        started_ms = self._confirmed_from_ms()
        if started_ms is not None and tick.ended_ms - started_ms >= self.rule.least_span_ms:
            self.transitions.append(Opened(started_ms, tick.ended_ms))
            self._go_down(tick)

    def _go_down(self, tick: Tick) -> None:
        self._settle(tick.ended_ms, State.DOWN)
        self._forget_failures()
        self.counts = NOTHING
        self.has_incident = True

    def _confirmed_from_ms(self) -> int | None:
        """Since when it fails, by the rule that is met with the earliest start; `None` if none."""
        from_ms = confirmed_from_ms(self.counts, self.rule)
        if self.failures < self.rule.failures_to_open:
            return from_ms
        return self.settled_ms if from_ms is None else min(self.settled_ms, from_ms)

    def _forget_failures(self) -> None:
        self.failures, self.first_failed_ms = 0, None

    def _forget_passes(self) -> None:
        self.passes, self.first_pass_ms = 0, None

    def _settle(self, to_ms: int, state: State) -> None:
        """Write the time from `settled_ms` on as one state; turn to it even where none passed."""
        if state is not self.state:
            self.state, self.since_ms = state, self.settled_ms
        if to_ms <= self.settled_ms:
            return
        if self.spans and self.since_ms < self.settled_ms:
            self.spans[-1] = self.spans[-1]._replace(to_ms=to_ms)
        else:
            self.spans.append(Span(self.settled_ms, to_ms, state))
        self.settled_ms = to_ms
