"""Judgement: what the worlds of a universe came to, and all that is wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import select

from monitor.domain.alerts import Telling
from monitor.domain.deliveries import DeliveryState
from monitor.storage.engine import Database
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow, DeliveryRow
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import EndpointRow
from tests.runtime.worlds import Heard, World


@dataclass(frozen=True, slots=True)
class Member:
    """An incident, and the alert that tells of it."""

    number: int
    slug: str
    provider: str
    confirmed_ms: int
    closed_ms: int | None
    alert_id: int | None
    alert_closed_ms: int | None


@dataclass(frozen=True, slots=True)
class Book:
    """All incidents, and all messages by alert and channel, in order."""

    members: Sequence[Member]
    messages: dict[tuple[int, str], list[DeliveryRow]]


def read(database: Database) -> Book:
    """What the ledger says."""
    chosen = (
        select(
            IncidentRow.id,
            EndpointRow.slug,
            EndpointRow.provider,
            IncidentRow.confirmed_ms,
            IncidentRow.closed_ms,
            AlertIncidentRow.alert_id,
            AlertRow.closed_ms,
        )
        .join(EndpointRow, EndpointRow.id == IncidentRow.endpoint_id)
        .outerjoin(AlertIncidentRow, AlertIncidentRow.incident_id == IncidentRow.id)
        .outerjoin(AlertRow, AlertRow.id == AlertIncidentRow.alert_id)
    )
    messages: dict[tuple[int, str], list[DeliveryRow]] = {}
    with database.reading() as session:
        members = [Member(*row) for row in session.execute(chosen)]
        for row in session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)):
            assert row.alert_id is not None
            messages.setdefault((row.alert_id, row.channel), []).append(row)
    return Book(members, messages)


def judge(world: World, book: Book) -> Iterator[str]:
    """What is wrong with a world; nothing, one hopes."""
    members = [each for each in book.members if each.provider == world.provider]
    yield from (f"incident {each.number} is of no alert" for each in members if not each.alert_id)
    for listener in world.listeners:
        known = {each.alert_id for each in members if each.alert_id is not None}
        strange = [each for each in listener.heard if each.alert_id not in known]
        yield from (f"{listener.name} heard of nothing: {each}" for each in strange)
        if listener.overlaps:
            yield f"{listener.name} was sent two at a time {listener.overlaps} times"
        for alert_id in known:
            told = [each for each in members if each.alert_id == alert_id]
            rows = book.messages.get((alert_id, listener.name), [])
            heard = [each for each in listener.heard if each.alert_id == alert_id]
            for wrong in _judge(told, rows, heard):
                yield f"alert {alert_id}, {listener.name}: {wrong}; {_spell(rows, heard)}"


def _judge(
    members: Sequence[Member], rows: Sequence[DeliveryRow], heard: Sequence[Heard]
) -> Iterator[str]:
    yield from _nothing_lost(members, rows, heard)
    yield from _nothing_made_up(members, rows, heard)
    yield from _in_order(rows, heard)
    yield from _closed_to_hearers(members, rows, heard)


def _nothing_lost(
    members: Sequence[Member], rows: Sequence[DeliveryRow], heard: Sequence[Heard]
) -> Iterator[str]:
    if not rows:
        yield "no message was planned"
    states = [DeliveryState(each.state) for each in rows]
    if DeliveryState.WAITING in states:
        yield "a message never left"
    for place, state in enumerate(states):
        if state is DeliveryState.MERGED and set(_around(states, place)) <= {state}:
            yield f"{rows[place].telling} was merged into nothing"
    if DeliveryState.DEAD in states:
        return
    for each in members:
        later = (said.subjects for said in heard if said.at_ms >= each.confirmed_ms)
        if not any(each.slug in subjects for subjects in later):
            yield f"nobody told of {each.slug}"


def _around(states: Sequence[DeliveryState], place: int) -> Sequence[DeliveryState]:
    """What a message may be told by: those after it, or the opening that it joined."""
    return [*states[:place], *states[place + 1 :]]


def _nothing_made_up(
    members: Sequence[Member], rows: Sequence[DeliveryRow], heard: Sequence[Heard]
) -> Iterator[str]:
    keys = {each.key for each in heard}
    if not keys <= {each.key for each in rows}:
        yield "a message was sent that nobody planned"
    for place, row in enumerate(rows):
        joined = takewhile(_is_merged, rows[place + 1 :])
        if row.state == DeliveryState.DELIVERED and keys.isdisjoint(
            each.key for each in (row, *joined)
        ):
            yield f"{row.telling} counts as delivered and was not taken"
    grown = sum(_is_merged(each) for each in rows)
    for telling, most in ((Telling.OPENED, 1 + grown), (Telling.FLAPPING, 1), (Telling.CLOSED, 1)):
        if sum(each.telling is telling for each in heard) > most:
            yield f"{telling} was told twice"
    is_open = any(each.closed_ms is None for each in members)
    if is_open and any(each.telling is Telling.CLOSED for each in heard):
        yield "it was told as over, and is not"


def _is_merged(row: DeliveryRow) -> bool:
    return row.telling == Telling.GREW and row.state == DeliveryState.MERGED


def _in_order(rows: Sequence[DeliveryRow], heard: Sequence[Heard]) -> Iterator[str]:
    places = {each.key: place for place, each in enumerate(rows)}
    order = [places[each.key] for each in heard if each.key in places]
    if order != sorted(order):
        yield "told out of order"
    for place, each in enumerate(heard):
        if each.told_before and not place:
            yield "the first message speaks of one before it"


def _closed_to_hearers(
    members: Sequence[Member], rows: Sequence[DeliveryRow], heard: Sequence[Heard]
) -> Iterator[str]:
    closing = [each for each in rows if each.telling == Telling.CLOSED]
    states = [each.state for each in rows if each not in closing]
    heard_of_it = DeliveryState.DELIVERED in states
    if members[0].alert_closed_ms is not None and heard_of_it and not closing:
        yield "who heard of it does not hear of its end"
    if not closing:
        return
    is_whole = DeliveryState.DEAD not in [each.state for each in rows]
    if heard and is_whole and heard[-1].telling is not Telling.CLOSED:
        yield "its end was not the last word"
    refused_ms = [each.tried_ms or 0 for each in rows if each.state == DeliveryState.DEAD]
    if states and set(states) == {DeliveryState.DEAD} and max(refused_ms) < closing[0].created_ms:
        yield "its end goes to who never heard of it"


def _spell(rows: Sequence[DeliveryRow], heard: Sequence[Heard]) -> str:
    planned = ", ".join(f"{each.telling} {each.state}" for each in rows)
    said = ", ".join(f"{each.telling} ({' '.join(each.subjects)})" for each in heard)
    return f"planned: {planned}; heard: {said}"
