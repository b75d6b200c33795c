"""At random: whatever holds and quiet hours come in between, no alert is lost or told twice."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.deliveries import PENDING, Delivery, DeliveryState, Refused, was_told
from monitor.domain.digests import Schedule
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.outcomes import Outcome
from monitor.domain.pauses import Scope as Place
from monitor.domain.recurrence import name_window
from monitor.domain.routes import Alerting, Hours, Route
from monitor.domain.silences import HoldKind, Scope, Silence
from monitor.domain.windows import Window
from monitor.services import acknowledgements, alerts, deliveries, maintenance, silences
from monitor.services.acknowledgements import IncidentOver, UnknownIncident
from monitor.services.silences import UnknownScope
from monitor.storage import alerts as alert_rows
from monitor.storage import deliveries as rows
from monitor.storage import digests as digest_rows
from monitor.storage import silences as silence_rows
from monitor.storage.engine import Database
from monitor.storage.models.alerts import AlertRow
from tests.alerting import hook, outage, recovery
from tests.making import ENDPOINT, OTHER, open_database, record
from tests.services.test_silences import at_ms

UTC = ZoneInfo("UTC")
NAMES = ("day", "boss", "mail")
EIGHT = Schedule(time(8), frozenset(range(7)), UTC)
HOOKS = tuple(hook(f"https://example.com/{name}", name) for name in NAMES)
#: All goes to `day`, warnings also into the digest of `mail`, and up to `boss`.
ALERTING = Alerting(
    channels=HOOKS,
    routes=(Route(("day",)), Route(("mail",), digest=EIGHT)),
    quiet=Hours(time(22), time(7), UTC),
    reminders=Reminders(),
    escalate=(Escalation(1_800_000, ("boss",)),),
)
FAILURES = (Outcome.OVERLOADED, Outcome.RATE_LIMITED, Outcome.AUTH)
ONCE = (Telling.OPENED, Telling.CLOSED, Telling.ESCALATED, Telling.FLAPPING)


@dataclass
class World:
    """A ledger, a clock in seconds, and what each channel took: of which alert, saying what."""

    database: Database
    chance: random.Random
    at_s: float = 1000.0
    failing: dict[str, bool] = field(default_factory=lambda: {ENDPOINT.id: False, OTHER.id: False})
    taken: Counter[tuple[int, str, Telling]] = field(default_factory=Counter)

    def go_on(self, by_s: float) -> None:
        self.at_s += by_s
        for _ in range(3):
            with self.database.writing() as session:
                alerts.plan(session, ALERTING, at_ms(self.at_s))
        self._send()

    def _send(self) -> None:
        """Some messages are refused, others taken and not noted: these come again, by their key."""
        with self.database.reading() as session:
            parcels = list(deliveries.due(session, at_ms(self.at_s), (), ALERTING))
        for parcel in parcels:
            refused = Refused("busy") if self.chance.random() < 0.2 else None
            with self.database.writing() as session:
                deliveries.note(session, parcel, refused, at_ms(self.at_s), 0.5)
            if refused is None:
                told = parcel.picked.delivery.telling
                self.taken[parcel.standing.id, parcel.channel, told] += 1

    def turn(self) -> None:
        """An endpoint fails that was well, or is well again."""
        endpoint = self.chance.choice(list(self.failing))
        self.failing[endpoint] = not self.failing[endpoint]
        if self.failing[endpoint]:
            record(self.database, outage(self.at_s, endpoint, self.chance.choice(FAILURES)))
        else:
            record(self.database, recovery(self.at_s, endpoint))
        self.at_s += 60

    def hold(self) -> None:
        scope = self.chance.choice(
            [
                Scope(),
                Scope(endpoint=ENDPOINT.id),
                Scope(kind=AlertKind.ACCOUNT),
                Scope(provider="acme"),
            ]
        )
        until = None if self.chance.random() < 0.3 else at_ms(self.at_s + self._span_s())
        made = Silence(scope, at_ms(self.at_s), until, "alice")
        with self.database.writing() as session:
            try:
                silences.silence(session, made)
            except UnknownScope:
                assert until is None

    def let_go(self) -> None:
        with self.database.writing() as session:
            for number in silence_rows.holding(session):
                silences.unsilence(session, number, "bob", at_ms(self.at_s))

    def upkeep(self) -> None:
        window = Window(at_ms(self.at_s), at_ms(self.at_s + self._span_s()))
        place = self.chance.choice([Place(), Place(endpoint=OTHER.id)])
        with self.database.writing() as session:
            maintenance.add(session, name_window(window, place, ""), at_ms(self.at_s))

    def acknowledge(self) -> None:
        with self.database.writing() as session:
            for standing in alert_rows.standing(session)[:1]:
                number = max(standing.alert.open, default=0)
                said = Acknowledgement(number, at_ms(self.at_s), "carol", "", "page")
                with suppress(IncidentOver, UnknownIncident):
                    acknowledgements.acknowledge(session, said)

    def _span_s(self) -> float:
        return self.chance.choice([300.0, 3600.0, 20_000.0])

    def live(self, steps: int) -> None:
        acts = [self.turn, self.turn, self.turn, self.hold, self.let_go, self.upkeep]
        for _ in range(steps):
            self.chance.choice([*acts, self.acknowledge])()
            self.go_on(self.chance.choice([1.0, 50.0, 700.0, 4000.0, 15_000.0]))

    def end(self) -> None:
        """All is well again, nothing holds any more, and time goes by."""
        for endpoint, is_failing in self.failing.items():
            if is_failing:
                record(self.database, recovery(self.at_s, endpoint))
                self.at_s += 60
        self.let_go()
        for _ in range(60):
            self.go_on(4000.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def _told(database: Database) -> tuple[dict[tuple[int, str], list[Delivery]], set[tuple[int, str]]]:
    """All messages of alerts by alert and channel, and of which a digest or summary told there."""
    with database.reading() as session:
        numbers = list(session.scalars(select(AlertRow.id)))
        everything = rows.of_alerts(session, numbers)
        gathered = {number: digest_rows.find(session, number) for number in numbers}
    summed = {
        (told, channel)
        for (number, channel), messages in everything.items()
        if (found := gathered[number]) is not None and was_told(messages)
        for told in found.facts["alerts"]
    }
    own = {pair: each for pair, each in everything.items() if gathered[pair[0]] is None}
    return own, summed


def _is_logged(message: Delivery) -> bool:
    """Left to the log, as only maintenance and a silence until the recovery may."""
    is_left = message.state is DeliveryState.UNTOLD and message.hold is not HoldKind.SILENCE
    return is_left or message.state is DeliveryState.MERGED


@pytest.mark.parametrize("seed", range(6))
def test_no_alert_is_lost_and_none_is_told_twice(database: Database, seed: int) -> None:
    world = World(database, random.Random(seed))
    world.live(24)
    world.end()
    own, summed = _told(database)
    heard = {(number, channel) for number, channel, _ in world.taken}
    logged = {pair for pair, messages in own.items() if all(map(_is_logged, messages))}

    assert own
    assert [pair for pair, each in own.items() if any(m.state in PENDING for m in each)] == []
    assert own.keys() - heard - summed - logged == set(), "nobody was told"
    assert not logged & (heard | summed), "what was left to the log was told to nobody"
    twice = {key: n for key, n in world.taken.items() if n > 1 and key[2] in ONCE}
    assert twice == {}
