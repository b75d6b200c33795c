"""Told: who was told of an incident, what joined it, and what people said, as it came about."""

from collections.abc import Iterator, Sequence

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.delivery_rows import said
from dashboard.components.timeline import Event
from monitor.domain.deliveries import DeliveryState
from monitor.domain.notes import Note, NoteKind
from monitor.services.histories import OUR_NETWORK, History
from monitor.storage.queries.alerts import Line

#: So many of each kind are shown.
_MOST = 16
_ENDS = _MOST // 2
_MOST_WORDS = 160


def tell(history: History, choice: Choice) -> list[Event]:
    """All of it, in no order."""
    own = [each for each in history.deliveries if each.state != DeliveryState.MERGED]
    return [*_sent(own, choice), *_joined(history, choice), *_people(history)]


def _sent(own: Sequence[Line], choice: Choice) -> Iterator[Event]:
    """The messages; of too many the first and the last, with how many are between."""
    is_short = len(own) <= _MOST
    for each in own if is_short else (*own[:_ENDS], *own[-_ENDS:]):
        yield _delivery(each, choice)
    if not is_short:
        left = fmt.plural(len(own) - _MOST, "message")
        yield Event(own[_ENDS].created_ms, "told", "And more", f"{left} in between; see Alerts")


def _delivery(line: Line, choice: Choice) -> Event:
    what = f"{line.channel}: {said(line)}"
    match DeliveryState(line.state):
        case DeliveryState.DELIVERED:
            at_ms = line.delivered_ms or line.created_ms
            more = f"{what}, {fmt.lasting(at_ms - line.created_ms)} after it was confirmed"
            return Event(at_ms, "told", "Told", more)
        case DeliveryState.DEAD:
            more = f"{what}, given up: {line.error}"
            return Event(line.tried_ms or line.created_ms, "bad", "Not delivered", more)
        case DeliveryState.PASSED:
            more = f"{what}, for the fallback channel to tell: {line.error}"
            return Event(line.tried_ms or line.created_ms, "unknown", "Passed on", more)
        case DeliveryState.WAITING | DeliveryState.MERGED:
            due = fmt.clock(line.due_ms, choice.zone, choice.now_ms)
            error = f" ({line.error})" if line.error else ""
            return Event(line.created_ms, "unknown", "On its way", f"{what}{error}, due {due}")
        case _ as state:
            return Event(line.created_ms, "unknown", *_kept(what, state))


def _kept(what: str, state: DeliveryState) -> tuple[str, str]:
    match state:
        case DeliveryState.HELD:
            return "Held", f"{what}, until a silence or maintenance is over"
        case DeliveryState.GATHERED:
            return "Gathered", f"{what}, for the next digest"
        case DeliveryState.SUMMED:
            return "Told with others", f"{what}, in a summary"
        case _:
            return "Not told", f"{what}, over while it was held"


def _joined(history: History, choice: Choice) -> Iterator[Event]:
    """The others of the same root cause, by their own first failing call."""
    own = history.incident
    others = [each for each in history.together if each.id != own.id]
    for each in others[:_MOST]:
        href = choice.href(f"/incidents/{each.id}")
        what = "Grew" if each.started_ms >= own.started_ms else "Failing before"
        more = f"{each.slug or each.subject or OUR_NETWORK} failed, too"
        yield Event(each.started_ms, "bad", what, more, href, f"incident {each.id}")


def _people(history: History) -> Iterator[Event]:
    acknowledged = history.acknowledgement
    if acknowledged is not None:
        words = f": {acknowledged.words}" if acknowledged.words else ""
        more = f"by {acknowledged.by} ({acknowledged.via}){words}"
        yield Event(acknowledged.at_ms, "said", "Acknowledged", more)
    for note in history.written[-_MOST:]:
        yield _note(note)


def _note(note: Note) -> Event:
    what = "Note" if note.kind is NoteKind.NOTE else "Post-mortem"
    line = " ".join(note.text.split())
    cut = line if len(line) <= _MOST_WORDS else f"{line[: _MOST_WORDS - 1]}…"
    return Event(note.at_ms, "said", what, f"{note.by}: {cut}")
