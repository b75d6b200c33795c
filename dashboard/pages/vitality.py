"""Vitality: whether the monitor runs, in a sentence, and its figures of now."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.attributes import hyphened
from dashboard.components.parts import card
from monitor.domain.vitals import Vitals
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.storage import lease
from monitor.storage.engine import Session
from monitor.storage.lease import Holder
from monitor.storage.queries import operations, vitals
from monitor.storage.queries.vitals import Step

#: A monitor that runs says so once a minute; after this long without, it does not.
_SILENT_MS = 150_000
_TENSE_S = 0.05
_NEVER = "No monitor has run here yet"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the monitor said of itself, and what it did."""

    holder: Holder | None
    look: Vitals | None
    last_probe_ms: int | None
    steps: Sequence[Step]

    def is_alive(self, now_ms: int) -> bool:
        """Whether it was heard of just now."""
        return self.holder is not None and now_ms - self.holder.heartbeat_ms <= _SILENT_MS


def see(session: Session, steps: Sequence[Step]) -> Seen:
    """Everything that the figures of now are drawn from."""
    return Seen(
        holder=lease.holder(session),
        look=vitals.newest(session),
        last_probe_ms=operations.last_call_ms(session),
        steps=steps,
    )


def headline(seen: Seen, choice: Choice) -> Component:
    """Whether it runs, since when, and where that is known from."""
    tone, sentence = _sentence(seen, choice)
    return html.Div(
        [html.H1(sentence), html.P(_basis(seen, choice))], className=f"iw-headline is-{tone}"
    )


def _sentence(seen: Seen, choice: Choice) -> tuple[str, str]:
    holder, look = seen.holder, seen.look
    if holder is None:
        if look is None:
            return "unknown", _NEVER
        return "unknown", f"The monitor was ended after {_at(look.at_ms, choice)}"
    if not seen.is_alive(choice.now_ms):
        return "down", f"The monitor was not heard of since {_at(holder.heartbeat_ms, choice)}"
    if look is not None and not look.is_writable:
        return "warn", "The monitor runs, but its last write was refused"
    if look is not None and look.lost:
        lost = fmt.plural(look.lost, "probe")
        return "warn", f"The monitor runs; {lost} found no room on the spool"
    return "up", "The monitor runs"


def _basis(seen: Seen, choice: Choice) -> list[Component | str]:
    start: list[Component | str] = ["Start it with ", html.Code("inferwatch up"), "."]
    holder, look = seen.holder, seen.look
    if holder is None and look is None:
        return start
    said: list[Component | str] = []
    if holder is not None:
        since = _at(holder.acquired_ms, choice)
        said.append(f"Writer: process {holder.pid} on {holder.host}, since {since}. ")
    if look is not None:
        ago = html.Span("just now", **hyphened(data_ago=str(look.at_ms)))
        said.extend(("Its last look at itself: ", ago, ". "))
    return said if seen.is_alive(choice.now_ms) else [*said, *start]


def _at(instant_ms: int, choice: Choice) -> str:
    at = fmt.clock(instant_ms, choice.zone, choice.now_ms)
    return f"{at} ({fmt.zone_name(choice.zone)})"


def cards(seen: Seen, choice: Choice) -> list[Component]:
    """Lag, queue, spool, lost runs, size, last probe."""
    return [
        _lag_card(seen.look),
        _queue_card(seen.look),
        _spool_card(seen.look),
        _runs_card(seen.steps, choice),
        _size_card(seen.look, seen.steps),
        _probe_card(seen, choice),
    ]


def _lag_card(look: Vitals | None) -> Component:
    name = "Event-loop lag"
    if look is None or look.lag_s is None:
        return card(name, "Not measured yet", tone="state")
    judged = "probes are timed late" if look.lag_s > _TENSE_S else "probes are timed well"
    behind = f"clock {fmt.seconds(look.clock_behind_s)} behind" if look.clock_behind_s else ""
    below = [each for each in ("the worst of a minute", judged, behind) if each]
    return card(name, fmt.fine_seconds(look.lag_s), *below)


def _queue_card(look: Vitals | None) -> Component:
    name = "Writer queue"
    if look is None:
        return card(name, "Not known yet", tone="state")
    waiting = fmt.plural(look.queued, "call")
    quarantined = f"{look.quarantined:,} in quarantine" if look.quarantined else ""
    below = ["the most of a minute", f"{fmt.plural(look.in_flight, 'job')} under way", quarantined]
    return card(name, waiting, *[each for each in below if each])


def _spool_card(look: Vitals | None) -> Component:
    name = "Spool"
    if look is None:
        return card(name, "Not known yet", tone="state")
    room = f"{fmt.size(look.spool_bytes)} of {fmt.size(look.spool_limit_bytes)} used"
    if not look.spooled:
        room = f"{fmt.size(look.spool_limit_bytes)} reserved, all of it free"
    lost = f"{look.lost:,} lost for want of room" if look.lost else "none was ever lost"
    return card(name, fmt.plural(look.spooled, "call"), room, lost)


def _runs_card(steps: Sequence[Step], choice: Choice) -> Component:
    name = "Runs not made"
    if not any(step.looks for step in steps):
        return card(name, "Not known in this window", choice.label(), tone="state")
    missed = sum(step.missed_runs for step in steps)
    skipped = sum(step.skipped_runs for step in steps)
    told = f"{missed:,} missed, {skipped:,} skipped"
    return card(name, f"{missed + skipped:,}", told, choice.label())


def _size_card(look: Vitals | None, steps: Sequence[Step]) -> Component:
    name = "Database"
    if look is None or look.database_bytes is None:
        return card(name, "No file to measure", tone="state")
    wal = "" if look.wal_bytes is None else f"write-ahead log {fmt.size(look.wal_bytes)}"
    below = [each for each in (_growth(steps), wal) if each]
    return card(name, fmt.size(look.database_bytes), *below)


def _growth(steps: Sequence[Step]) -> str:
    known = [(step.from_ms, step.database_bytes) for step in steps if step.database_bytes]
    if len(known) < 2 or known[-1][0] - known[0][0] < HOUR_MS:  # noqa: PLR2004 - two ends
        return "growth not known yet"
    (first_ms, first), (last_ms, last) = known[0], known[-1]
    grown = ((last or 0) - (first or 0)) * DAY_MS // (last_ms - first_ms)
    return f"{'+' if grown >= 0 else '−'}{fmt.size(abs(grown))} a day in this window"


def _probe_card(seen: Seen, choice: Choice) -> Component:
    name = "Newest call"
    if seen.last_probe_ms is None:
        return card(name, "No call yet", tone="state")
    ago = fmt.lasting(choice.now_ms - seen.last_probe_ms)
    return card(name, f"{ago} ago", f"at {_at(seen.last_probe_ms, choice)}")
