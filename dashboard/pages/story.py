"""Story: an incident call by call, as the ledger has it."""

from collections.abc import Collection, Sequence

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.outcomes import name
from dashboard.components.timeline import Event
from dashboard.pages.incidents import policy_of
from monitor.domain.health import Policy, State, Verdict, verdict
from monitor.domain.outcomes import RULINGS, Blame, Group, LocalFailure
from monitor.domain.windows import Window
from monitor.storage.engine import Session
from monitor.storage.incidents import IncidentKind
from monitor.storage.queries import evidence, slices
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.incidents import Incident

_CLOSED_BY = {
    IncidentKind.ACCOUNT.value: "one good answer closes it",
    IncidentKind.MONITOR.value: "the first probe that gets through again closes it",
}


def tell(
    session: Session, incident: Incident, numbers: Collection[int], choice: Choice
) -> list[Event]:
    """From the first failing call to the last that is needed, with what nobody saw between."""
    if incident.outcome is None:
        return _found(incident, choice)
    opening = _opening(session, incident, numbers, choice)
    closing = _closing(session, incident, numbers, choice)
    return [*opening, *_unseen(session, incident, choice), *closing, *_last(incident, choice)]


def _opening(
    session: Session, incident: Incident, numbers: Collection[int], choice: Choice
) -> list[Event]:
    window = Window(incident.started_ms, incident.confirmed_ms + 1)
    found = evidence.starting(session, window, numbers)
    failed = [line for line in found if _fails(line, incident)]
    events = [_failure(line, place, choice) for place, line in enumerate(failed)]
    after = fmt.lasting(incident.confirmed_ms - incident.started_ms)
    more = f"confirmed after {after} as {incident.cause}"
    href = choice.href(f"/calls/{incident.call_id}")
    return [*events, Event(incident.confirmed_ms, "down", "Confirmed", more, href)]


def _found(incident: Incident, choice: Choice) -> list[Event]:
    """What sums told, and no call of its own."""
    events = [
        Event(incident.started_ms, "bad", "Began", "by what the rule looks at", None),
        Event(incident.confirmed_ms, "down", "Confirmed", incident.cause, None),
    ]
    if incident.closed_ms is None:
        return [*events, Event(choice.now_ms, "down", "Still open", "the rule has not let go")]
    return [*events, Event(incident.closed_ms, "up", "Closed", "the rule has let go")]


def _fails(line: CallLine, incident: Incident) -> bool:
    if incident.kind == IncidentKind.MONITOR:
        return line.outcome is LocalFailure.NETWORK_LOCAL
    if incident.kind == IncidentKind.ACCOUNT:
        return RULINGS[line.outcome].blame is Blame.ACCOUNT
    # An incident that our account opened was opened by OpenRouter's way of counting.
    is_strict = incident.outcome is not None and RULINGS[incident.outcome].is_charged_strictly
    return verdict(line.outcome, line.kind, Policy.PROVIDER, is_strict=is_strict) is Verdict.FAIL


def _failure(line: CallLine, place: int, choice: Choice) -> Event:
    what = "First failing call" if place == 0 else "Failed again"
    status = f", HTTP {line.http_status}" if line.http_status not in {None, 200} else ""
    took = f", {fmt.seconds(line.total_s)}" if line.total_s is not None else ""
    more = f"{line.kind.value}: {name(line.outcome)}{status}{took}"
    return Event(line.started_ms, "bad", what, more, choice.href(f"/calls/{line.id}"))


def _unseen(session: Session, incident: Incident, choice: Choice) -> list[Event]:
    end_ms = choice.now_ms if incident.ended_ms is None else incident.ended_ms
    window = Window(incident.started_ms, end_ms)
    numbers = [] if incident.endpoint_id is None else [incident.endpoint_id]
    held = slices.between(session, window, policy_of(incident), numbers)
    unknown = [each for each in held if each.state is State.UNKNOWN][:20]
    return [
        Event(
            each.from_ms,
            "unknown",
            "Not observed",
            f"for {fmt.lasting(each.to_ms - each.from_ms)}",
        )
        for each in unknown
    ]


def _closing(
    session: Session, incident: Incident, numbers: Collection[int], choice: Choice
) -> list[Event]:
    if incident.ended_ms is None or incident.closed_ms is None:
        return []
    window = Window(incident.ended_ms, incident.closed_ms + 1)
    good = [line for line in evidence.ending(session, window, numbers) if _is_good(line)]
    first, last = _at(good, incident.ended_ms), _at(good, incident.closed_ms)
    events = [Event(incident.ended_ms, "good", "First good call", *_told(first, choice))]
    if last is not None and last != first:
        events.append(Event(incident.closed_ms, "good", "Good again", *_told(last, choice)))
    return events


def _is_good(line: CallLine) -> bool:
    return RULINGS[line.outcome].group is Group.GOOD


def _at(found: Sequence[CallLine], ended_ms: int) -> CallLine | None:
    return next((line for line in found if line.ended_ms == ended_ms), None)


def _told(line: CallLine | None, choice: Choice) -> tuple[str, str | None]:
    if line is None:
        return "the call itself is no longer kept", None
    took = fmt.seconds(line.total_s)
    return f"{line.kind.value}, answered in {took}", choice.href(f"/calls/{line.id}")


def _last(incident: Incident, choice: Choice) -> list[Event]:
    if incident.closed_ms is not None:
        return [Event(incident.closed_ms, "up", "Closed", "the end is that of the first good call")]
    if incident.unobserved_ms is not None:
        more = f"not observed since {fmt.clock(incident.unobserved_ms, choice.zone, choice.now_ms)}"
        return [Event(choice.now_ms, "unknown", "Still open", more)]
    needed = _CLOSED_BY.get(incident.kind, "two good calls close it")
    return [Event(choice.now_ms, "down", "Still open", needed)]
