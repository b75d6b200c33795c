"""Reminders and escalation on a virtual clock."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import Alert, AlertKind, Root, Severity, Telling
from monitor.domain.escalation import Escalation, Reminders, escalations_due, reminder_due
from monitor.domain.windows import HOUR_MS, MINUTE_MS

OPEN = Alert(Root(AlertKind.AVAILABILITY, "acme"), Severity.CRITICAL, 0, 0, told_ms=0)
WANTED = (Escalation(15 * MINUTE_MS, ("boss", "ops")), Escalation(HOUR_MS, ("boss",)))
SPANS = st.lists(st.integers(0, 3 * HOUR_MS), max_size=40)


def walk(alert: Alert, spans: list[int]) -> list[tuple[int, str]]:
    """The steps that are taken by one who looks after each of these spans."""
    taken: dict[str, int] = {}
    found, now_ms = [], 0
    for span_ms in spans:
        now_ms += span_ms
        steps = [
            *reminder_due(alert, taken, Reminders(), now_ms),
            *escalations_due(alert, taken, WANTED, now_ms),
        ]
        for step in steps:
            taken[step.name] = now_ms
            found.append((now_ms, step.name))
    return found


@given(SPANS)
def test_nothing_is_told_twice_or_too_often(spans: list[int]) -> None:
    steps = walk(OPEN, spans)
    reminders = [at_ms for at_ms, name in steps if name.startswith("reminder")]
    pairs = zip([0, *reminders], reminders, strict=False)

    assert len({name for _, name in steps}) == len(steps)
    assert len(reminders) <= 6
    assert all(later - earlier >= HOUR_MS for earlier, later in pairs)


@given(SPANS)
def test_whoever_looks_late_misses_no_escalation(spans: list[int]) -> None:
    times = {"900000 boss": 900_000, "900000 ops": 900_000, "3600000 boss": HOUR_MS}
    due = {name for name, after_ms in times.items() if after_ms <= sum(spans)}
    steps = [name for _, name in walk(OPEN, spans)]
    escalated = {name.removeprefix("escalation ") for name in steps if "reminder" not in name}

    assert escalated == (due if spans else set())


def test_what_is_over_held_or_flapping_is_told_nobody_again() -> None:
    over, held = replace(OPEN, closed_ms=1), replace(OPEN, told_ms=None)
    flapping = replace(OPEN, is_flapping=True)

    assert walk(over, [10 * HOUR_MS]) == walk(held, [10 * HOUR_MS]) == []
    assert not [name for _, name in walk(flapping, [10 * HOUR_MS]) if "reminder" in name]


def test_a_step_says_to_whom_it_is() -> None:
    [first, second] = list(escalations_due(OPEN, {}, WANTED[:1], HOUR_MS))

    assert (first.to, second.to) == (("boss",), ("ops",))
    assert first.telling is Telling.ESCALATED
