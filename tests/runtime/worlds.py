"""Worlds: random outages, channels that fail in every way, and a courier that is killed at will.

Many worlds share a database and a courier, as providers do; each has a provider and channels of
its own. Time is virtual. What a world came to is judged by `tests.runtime.judgement`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from random import Random
from typing import Any, NamedTuple, TypeVar, cast

import pytest
from sqlalchemy import delete

from monitor.channels.posting import Line, Posting
from monitor.domain.alerts import Severity, Telling
from monitor.domain.channels import Channel
from monitor.domain.deliveries import Refused
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.health import Closed
from monitor.domain.outcomes import Outcome
from monitor.domain.routes import Alerting, Route
from monitor.domain.rules import RuleName
from monitor.runtime import lines
from monitor.runtime.clock import Clock
from monitor.runtime.courier import Courier
from monitor.services.reference import load
from monitor.settings.model import Settings
from monitor.storage import incidents
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.incidents import Opening
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow, DeliveryRow
from monitor.storage.models.health import IncidentRow, OutboxRow
from tests.alerting import hook
from tests.making import MONDAY_MS
from tests.runtime.virtual_time import Killed, live

T = TypeVar("T")
#: In virtual seconds: how long things happen, and how long until all of it must have been told.
EVENTFUL_S, SETTLED_S = 1_200.0, 8_000.0
_BUSY_ROUND_S, _CALM_ROUND_S = 12.0, 300.0
#: One write in so many is refused; as many kill the monitor before their commit, or after it.
RISK = 60
_FAILED = Outcome.SERVER_ERROR
_MODELS = ("small", "large")


class Way(StrEnum):
    """What a channel does with a message."""

    TAKE = "take"
    REFUSE = "refuse"
    ASK_TO_WAIT = "ask to wait"
    HANG = "hang"
    TAKE_AND_HANG = "take it, and then time out"
    REFUSE_FOR_GOOD = "refuse for good"
    DIE_BEFORE = "the monitor dies before it is sent"
    DIE_AFTER = "the monitor dies when it was taken"


_CHANCES = {
    Way.TAKE: 20,
    Way.REFUSE: 3,
    Way.ASK_TO_WAIT: 2,
    Way.HANG: 2,
    Way.TAKE_AND_HANG: 4,
    Way.REFUSE_FOR_GOOD: 1,
    Way.DIE_BEFORE: 1,
    Way.DIE_AFTER: 1,
}
_TAKING = {Way.TAKE, Way.TAKE_AND_HANG, Way.DIE_AFTER}
_DEADLY = {Way.DIE_BEFORE, Way.DIE_AFTER}


class Heard(NamedTuple):
    """A message that a channel took: when, and what it said."""

    at_ms: int
    key: str
    alert_id: int
    telling: Telling
    subjects: tuple[str, ...]
    told_before: bool


@dataclass(slots=True)
class Listener:
    """A channel of a world: what it does, and what it heard; a key that it knows is nothing new."""

    name: str
    chance: Random
    heard: list[Heard] = field(default_factory=list)
    under_way: set[tuple[int, int]] = field(default_factory=set)
    overlaps: int = 0

    async def react(self, posting: Posting, now_s: float) -> Refused | None:
        """Do something with a message; once things have settled, take it."""
        [way] = self.chance.choices(list(_CHANCES), list(_CHANCES.values()))
        if now_s > EVENTFUL_S:
            way = Way.TAKE
        await asyncio.sleep(self.chance.choice((0.0, 0.1, 15.0)))
        if way in _TAKING:
            self._hear(posting)
        if way in _DEADLY:
            raise Killed
        if way in {Way.HANG, Way.TAKE_AND_HANG}:
            await asyncio.sleep(15.0)
        if way is Way.TAKE:
            return None
        wait_s = self.chance.uniform(1, 300) if way is Way.ASK_TO_WAIT else None
        return Refused(way, way is Way.REFUSE_FOR_GOOD, wait_s)

    def _hear(self, posting: Posting) -> None:
        case = posting.message.case
        assert case is not None
        if posting.key not in {each.key for each in self.heard}:
            telling = posting.message.telling
            said = case.number, telling, case.subjects, case.told_before
            self.heard.append(Heard(posting.sent_ms, posting.key, *said))


class Event(NamedTuple):
    """An incident of an endpoint opens or closes at an instant."""

    at_s: float
    endpoint: str
    is_opening: bool


@dataclass(slots=True)
class World:
    """A provider, what befalls it, and those who are told."""

    number: int
    events: list[Event]
    listeners: list[Listener]

    @property
    def provider(self) -> str:
        return provider_of(self.number)


def provider_of(number: int) -> str:
    return f"p{number}"


def endpoints_of(number: int) -> list[Endpoint]:
    name = provider_of(number)
    target = Target(
        f"{name}@default", name, "http://127.0.0.1:1", Flavour.OPENAI_CHAT, "default", None
    )
    return [Endpoint(f"{name}/{model}", target, f"{name}/{model}", model) for model in _MODELS]


def make_world(number: int, seed: int) -> World:
    """What a seed makes of a world."""
    chance = Random(seed)
    events = [
        event
        for endpoint in endpoints_of(number)[: chance.choice((1, 1, 1, 2))]
        for event in _happen(endpoint.id, chance)
    ]
    names = [f"{provider_of(number)}-{letter}" for letter in "ab"[: chance.choice((1, 1, 1, 2))]]
    listeners = [Listener(name, Random(f"{seed} {name}")) for name in names]
    return World(number, events, listeners)


def _happen(endpoint: str, chance: Random) -> Iterator[Event]:
    """Mostly it goes and comes once; some flap, and some stay away."""
    at_s = chance.uniform(0, 600)
    longest_s = chance.choice((5, 60, 300))
    for number in range(chance.choice((1, 2, 2, 2, 2, 6))):
        if at_s < EVENTFUL_S:
            yield Event(at_s, endpoint, number % 2 == 0)
        at_s += chance.uniform(1, longest_s)


@dataclass(slots=True)
class Universe:
    """Worlds over one database, and what makes things happen in them.

    `deaths` counts how often the monitor was killed.
    """

    database: Database
    worlds: Sequence[World]
    chance: Random
    settings: Settings
    couriers: int = 1
    now_s: float = 0.0
    deaths: int = 0
    _coming: deque[Event] = field(default_factory=deque)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = chain.from_iterable(world.events for world in self.worlds)
        self._coming.extend(sorted(every))
        with self.database.reading() as session:
            self._numbers.update(load(session).endpoint_ids)
        self.settings = replace(self.settings, alerts=self._alerting())

    def _alerting(self) -> Alerting:
        """All of a world goes to its own channels."""
        names = [[each.name for each in world.listeners] for world in self.worlds]
        channels = tuple(hook("http://127.0.0.1:1/", name) for name in chain(*names))
        routes = tuple(
            Route(tuple(to), providers=frozenset({world.provider}))
            for world, to in zip(self.worlds, names, strict=True)
        )
        return Alerting(channels, routes)

    def run(self) -> None:
        """Live, die and live again, until all is told that ever will be."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lines, "open_line", self._open)
            while self.now_s < SETTLED_S:
                round_s = _BUSY_ROUND_S if self.now_s < EVENTFUL_S else _CALM_ROUND_S
                couriers = [self._hire(round_s) for _ in range(self.couriers)]
                self.now_s, is_over = live(self.now_s, self._live(couriers, round_s))
                if not is_over:
                    self.deaths += 1
                    self.now_s += self.chance.uniform(0, 90)
                for each in couriers:
                    each._duty.release()  # the server does, as the connection ends

    async def _live(self, couriers: Sequence[Courier], round_s: float) -> None:
        loop = asyncio.get_running_loop()
        end_s = EVENTFUL_S + 30 if self.now_s < EVENTFUL_S else SETTLED_S
        for each in couriers:
            each.start()
            await asyncio.sleep(self.chance.uniform(0, round_s))
        while self._coming and self._coming[0].at_s < end_s:
            await asyncio.sleep(max(0.0, self._coming[0].at_s - loop.time()))
            self._happen(self._coming[0], MONDAY_MS + round(loop.time() * 1000))
            self._coming.popleft()
        await asyncio.sleep(max(0.0, end_s - loop.time()))
        for each in couriers:
            await each.stop(120.0)

    def _hire(self, round_s: float) -> Courier:
        desk = Desk(self.database, self.chance)
        around = Around(self.database, desk, Watch(), None, self.settings)
        return Courier(cast("Any", around), round_s)

    def _happen(self, event: Event, now_ms: int) -> None:
        number = self._numbers[event.endpoint]
        rule, subject = RuleName.DOWN, str(number)
        with self.database.writing() as session:
            if event.is_opening:
                opening = Opening(
                    number, rule, subject, Severity.CRITICAL, now_ms - 40_000, now_ms, 1, _FAILED, 1
                )
                incidents.open_incident(session, opening)
            else:
                incidents.close_incident(session, rule, subject, Closed(now_ms - 10_000, now_ms))

    def _open(self, channel: Channel, _: object) -> Line:
        listeners = chain.from_iterable(world.listeners for world in self.worlds)
        [listener] = [each for each in listeners if each.name == channel.name]
        return Wire(listener, self.deaths)


@dataclass(frozen=True, slots=True)
class Wire:
    """What leads to a listener in one life of the monitor."""

    listener: Listener
    life: int

    async def send(self, posting: Posting) -> Refused | None:
        """What comes of it; of one matter a listener hears one thing after the other."""
        case, listener = posting.message.case, self.listener
        assert case is not None
        matter = self.life, case.number
        listener.overlaps += matter in listener.under_way
        listener.under_way.add(matter)
        try:
            return await listener.react(posting, asyncio.get_running_loop().time())
        finally:
            listener.under_way.discard(matter)

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a courier needs of a monitor, for as long as it lives."""

    database: Database
    ledger: "Desk"
    clock: "Watch"
    transport: None
    settings: Settings


class Watch(Clock):
    """A clock that shows the time of the loop."""

    def now_ms(self) -> int:
        return MONDAY_MS + round(asyncio.get_running_loop().time() * 1000)


@dataclass(frozen=True, slots=True)
class Desk:
    """The ledger's writer, which may be killed before its commit and after it, or refuse."""

    database: Database
    chance: Random

    def write(self, job: Callable[[Session], T]) -> "Future[T]":
        done: Future[T] = Future()
        fate = self.chance.random() * RISK
        if fate < 1:
            done.set_exception(DatabaseRefused("the disk is full"))
            return done
        with self.database.writing() as session:
            written = job(session)
            if 1 <= fate < 2:
                raise Killed
        if 2 <= fate < 3:
            raise Killed
        done.set_result(written)
        return done


def forget(database: Database) -> None:
    """Let another universe begin on the same database."""
    with database.writing() as session:
        for row in (DeliveryRow, AlertIncidentRow, AlertRow, OutboxRow, IncidentRow):
            session.execute(delete(row))
