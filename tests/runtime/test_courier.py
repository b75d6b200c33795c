"""The courier, between a real database and real receivers."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.channel_health import ChannelHealth
from monitor.domain.channels import Channel, Service
from monitor.domain.invitations import invite, is_genuine
from monitor.domain.routes import Alerting, Route
from monitor.domain.secrets import Secret
from monitor.runtime import lateness
from monitor.runtime.clock import Clock
from monitor.runtime.courier import Courier
from monitor.runtime.lateness import Lateness
from monitor.runtime.ledger import Ledger
from monitor.runtime.switchboard import NoChannel, Switchboard, UnderTest
from monitor.services import acknowledgements
from monitor.settings.model import Settings
from monitor.storage import channels, facts
from monitor.storage.engine import Database
from monitor.storage.queries import alerts
from monitor.storage.queries.alerts import Line
from monitor.wire.transport import Transport
from tests.alerting import hook, outage, recovery, to_hooks
from tests.making import MONDAY_MS, OTHER
from tests.monitors import make_settings
from tests.receiver import Answer, Got, Receiver, run_receiver
from tests.runtime.truth import Installation


@dataclass
class Around:
    """What a courier needs of a monitor."""

    database: Database
    ledger: Ledger
    clock: Clock
    transport: Transport
    settings: Settings


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation.open(tmp_path / "home")
    yield installation
    installation.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


def work(
    installation: Installation,
    alerting: Alerting,
    use: Callable[[Switchboard], Awaitable[None]],
    patience_s: float = 5.0,
) -> None:
    """Let a courier work while `use` does something."""
    folder = installation.folder / "other"
    folder.mkdir(exist_ok=True)
    settings = replace(make_settings(folder, "http://127.0.0.1:1"), alerts=alerting)

    with installation.database.writing() as session:
        channels.state(session, alerting.channels)

    async def run() -> None:
        async with Transport() as transport:
            own = installation
            around = Around(own.database, own.ledger, own.clock, transport, settings)
            courier = Courier(around, round_s=0.05)
            courier.start()
            await use(Switchboard(around, courier))
            await courier.stop(patience_s)

    asyncio.run(run())


def lines(installation: Installation) -> list[Line]:
    with installation.database.reading() as session:
        return alerts.log(session, 100)[::-1]


def later(installation: Installation, seconds: float) -> None:
    installation.clock.at_ms += round(seconds * 1000)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.03)
    raise AssertionError("it never came")


def test_an_outage_gives_one_opening_and_one_closing(
    installation: Installation, receiver: Receiver
) -> None:
    async def use(_: Switchboard) -> None:
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: len(receiver.got) == 1)
        installation.hear(recovery(200))
        await until(lambda: len(receiver.got) == 2)
        later(installation, 3600)
        await asyncio.sleep(0.3)  # a further round has nothing to say

    work(installation, to_hooks(receiver.url), use)

    assert [each.said["event"] for each in receiver.got] == ["alert.opened", "alert.closed"]
    assert receiver.got[0].said["title"] == "acme/small is down"
    assert receiver.got[1].said["title"] == "acme/small is up again after 1 min"
    assert [line.state for line in lines(installation)] == ["delivered", "delivered"]


def test_only_what_goes_on_carries_a_link_to_acknowledge_it(
    installation: Installation, receiver: Receiver
) -> None:
    with installation.database.writing() as session:
        key = facts.ensure_key(session, facts.LINK_KEY)

    async def use(_: Switchboard) -> None:
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: len(receiver.got) == 1)
        installation.hear(outage(110, OTHER.id))
        with installation.database.writing() as session:
            said = Acknowledgement(1, 1, "ada", "", "api")
            acknowledgements.acknowledge(session, said)
        later(installation, 40)
        await until(lambda: len(receiver.got) == 2)

    work(installation, to_hooks(receiver.url), use)
    opened, grew = (each.said for each in receiver.got)
    made = invite(1, MONDAY_MS + 100_000, "hook", installation.clock.at_ms)
    number, expires_s, channel, signature = opened["acknowledge"].rsplit("/", 4)[1:]

    assert opened["acknowledge"].startswith("https://watch.example/acknowledge/1/")
    assert (number, channel) == ("1", "hook")
    assert is_genuine(replace(made, expires_s=int(expires_s)), signature, key)
    assert (grew["acknowledge"], grew["alert"]["acknowledged_by"]) == (None, "ada")
    assert "ada is at it." in grew["body"]


def test_a_channel_that_hangs_delays_no_other(
    installation: Installation, receiver: Receiver
) -> None:
    release = threading.Event()

    def hang(_: Got) -> Answer:
        release.wait(30)
        return Answer()

    with run_receiver() as slow:
        slow.answer = hang

        async def use(_: Switchboard) -> None:
            installation.hear(outage(100))
            later(installation, 5)
            await until(lambda: len(slow.got) == len(receiver.got) == 1)
            installation.hear(outage(1_100, OTHER.id))
            later(installation, 5)
            await until(lambda: len(slow.got) == len(receiver.got) == 2)
            release.set()

        work(installation, to_hooks(slow.url, receiver.url), use)

    assert [each.said["alert"]["endpoints"] for each in receiver.got] == [
        ["acme/small"],
        ["acme/large"],
    ]


def test_a_channel_at_which_nothing_goes_on_is_named_and_no_round_is_signed(
    installation: Installation, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    receiver.answer = lambda _: Answer() if release.wait(30) else Answer(500)
    monkeypatch.setattr(lateness, "LATE_S", 0.2)

    def sign(late: Lateness) -> int | None:
        with installation.database.writing() as session:
            facts.forget(session, facts.COURIER_ROUND)
            late.sign(session)
            told = facts.read(session, facts.COURIER_ROUND)
        return None if told is None else int(told)

    async def use(board: Switchboard) -> None:
        late = board._courier.lateness
        await until(lambda: sign(late) == installation.clock.at_ms)
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: late.names() == ["hook"])
        assert sign(late) is None
        release.set()
        await until(lambda: late.names() == [])

    work(installation, to_hooks(receiver.url), use)


def test_a_wait_that_was_asked_for_is_kept_and_the_key_stays(
    installation: Installation, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Answer(503, {"retry-after": "600"})

    async def use(_: Switchboard) -> None:
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: any(line.error for line in lines(installation)))
        later(installation, 590)
        await asyncio.sleep(0.3)
        assert len(receiver.got) == 1
        receiver.answer = lambda _: Answer()
        later(installation, 30)
        await until(lambda: len(receiver.got) == 2)

    work(installation, to_hooks(receiver.url), use)

    [line] = lines(installation)
    assert (line.state, line.attempts, line.error) == ("delivered", 2, None)
    assert len({each.headers["idempotency-key"] for each in receiver.got}) == 1


def test_what_a_channel_refuses_for_good_is_a_dead_letter_and_can_be_sent_again(
    installation: Installation, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Answer(404)

    async def use(switchboard: Switchboard) -> None:
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: [line.state for line in lines(installation)] == ["dead"])
        receiver.answer = lambda _: Answer()
        await switchboard.resend(lines(installation)[0].id)
        await until(lambda: len(receiver.got) == 2)

    work(installation, to_hooks(receiver.url), use)

    assert [line.state for line in lines(installation)] == ["delivered"]


def test_a_channel_that_left_the_settings_leaves_a_dead_letter(
    installation: Installation, receiver: Receiver
) -> None:
    async def plan(_: Switchboard) -> None:
        installation.hear(outage(100))
        await until(lambda: bool(lines(installation)))

    async def use(_: Switchboard) -> None:
        later(installation, 60)
        await until(lambda: lines(installation)[0].state == "dead")

    work(installation, to_hooks(receiver.url), plan)
    work(installation, Alerting(), use)

    assert lines(installation)[0].error == "the settings no longer have this channel"


def test_a_test_is_sent_once_and_noted(installation: Installation, receiver: Receiver) -> None:
    async def use(switchboard: Switchboard) -> None:
        assert await switchboard.test("hook") is None
        receiver.answer = lambda _: Answer(500)
        refused = await switchboard.test("hook")
        assert refused is not None
        assert refused.reason == "answered HTTP 500"
        with pytest.raises(
            NoChannel, match="channel 'pager' is not in the settings; these are: hook"
        ):
            await switchboard.test("pager")

    work(installation, to_hooks(receiver.url), use)

    assert [(line.telling, line.state, line.error) for line in lines(installation)] == [
        ("test", "delivered", None),
        ("test", "dead", "answered HTTP 500"),
    ]


def test_while_the_database_refuses_alerts_wait_and_go_out_after_it(
    installation: Installation, receiver: Receiver
) -> None:
    async def use(_: Switchboard) -> None:
        installation.hear(outage(100))
        await until(lambda: bool(lines(installation)))
        free = threading.Event()
        lent = installation.ledger.lend(lambda: free.wait(30))
        later(installation, 5)
        await until(lambda: len(receiver.got) == 1)  # taken, but it cannot be noted now
        free.set()
        await asyncio.wrap_future(lent)
        await until(lambda: lines(installation)[0].state == "delivered")

    work(installation, to_hooks(receiver.url), use)

    assert len(receiver.got) == 1


def test_what_a_channel_cannot_take_is_told_by_its_fallback(
    installation: Installation, receiver: Receiver
) -> None:
    with run_receiver() as failing:
        failing.answer = lambda _: Answer(404)
        main = replace(hook(failing.url, "main"), fallback="spare")
        route = Route(("main",))
        alerting = Alerting((main, hook(receiver.url, "spare")), (route,))

        async def use(_: Switchboard) -> None:
            installation.hear(outage(100))
            later(installation, 5)
            await until(lambda: len(receiver.got) == 1)
            installation.hear(recovery(200))
            await until(lambda: len(receiver.got) == 2)

        work(installation, alerting, use)

    assert [each.said["event"] for each in receiver.got] == ["alert.opened", "alert.closed"]
    assert len(failing.got) == 1
    assert [(line.channel, line.state) for line in lines(installation)] == [
        ("main", "passed"),
        ("spare", "delivered"),
        ("spare", "delivered"),
    ]


def test_a_channel_that_is_off_is_sent_nothing_until_a_test_works(
    installation: Installation, receiver: Receiver
) -> None:
    def switch_off() -> None:
        fares = ChannelHealth(MONDAY_MS, 3, 3, MONDAY_MS, "answered HTTP 404")
        with installation.database.writing() as session:
            channels.note(session, "hook", fares)

    async def use(switchboard: Switchboard) -> None:
        switch_off()
        installation.hear(outage(100))
        later(installation, 5)
        await until(lambda: bool(lines(installation)))
        await asyncio.sleep(0.2)
        assert receiver.got == []
        await switchboard.test("hook")
        await until(lambda: len(receiver.got) == 2)

    work(installation, to_hooks(receiver.url), use)

    assert [each.said["event"] for each in receiver.got] == ["alert.test", "alert.opened"]


def test_a_channel_is_tested_once_at_a_time(installation: Installation, receiver: Receiver) -> None:
    release = threading.Event()

    def hang(_: Got) -> Answer:
        release.wait(30)
        return Answer()

    receiver.answer = hang

    async def use(switchboard: Switchboard) -> None:
        first = asyncio.create_task(switchboard.test("hook"))
        await until(lambda: len(receiver.got) == 1)
        with pytest.raises(UnderTest, match="a test of channel hook is under way"):
            await switchboard.test("hook")
        release.set()
        assert await first is None

    work(installation, to_hooks(receiver.url), use)

    assert len(receiver.got) == 1


def test_a_service_that_hangs_delays_neither_another_channel_nor_the_end(
    installation: Installation, receiver: Receiver
) -> None:
    release = threading.Event()

    def hang(_: Got) -> Answer:
        release.wait(30)
        return Answer()

    with run_receiver() as slow:
        slow.answer = hang
        service = Service(Secret(f"json://{slow.url.split('/')[2]}/T0KEN?rto=30"))
        alerting = Alerting((Channel("slow", service, "json://•••"), hook(receiver.url)))

        async def use(_: Switchboard) -> None:
            installation.hear(outage(100))
            later(installation, 5)
            await until(lambda: len(slow.got) == len(receiver.got) == 1)

        work(installation, alerting, use, patience_s=0.1)
        release.set()

    found = {line.channel: line.state for line in lines(installation)}
    assert found == {"slow": "waiting", "hook": "delivered"}
