"""`inferwatch alerts` over a real database, and through a real monitor's API."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.domain.alerts import Telling
from monitor.domain.channel_health import ChannelHealth
from monitor.domain.deliveries import Refused
from monitor.services import alerts, deliveries
from monitor.storage import channels, rounds
from monitor.storage.engine import Database
from tests.alerting import outage, to_hooks
from tests.cli.conftest import Command
from tests.making import ENDPOINT, MONDAY_MS, open_database, record

HOOKS = to_hooks("https://hooks.example.com/T0KEN")


@pytest.fixture
def database(home: Path, write_settings: Callable[..., None]) -> Iterator[Database]:
    write_settings()
    database = open_database(home, (ENDPOINT,))
    yield database
    database.close()


def tell(database: Database, refused: Refused | None) -> None:
    record(database, outage(100))
    with database.writing() as session:
        channels.state(session, HOOKS.channels)
        alerts.plan(session, HOOKS, MONDAY_MS + 141_000)
        [parcel] = list(deliveries.due(session, MONDAY_MS + 200_000, ()))
        deliveries.note(session, parcel, refused, MONDAY_MS + 200_000, 0.5)


def test_how_soon_messages_arrived_is_told_by_channel(
    database: Database, inferwatch: Command
) -> None:
    now_ms = time.time_ns() // 1_000_000
    record(database, outage((now_ms - MONDAY_MS) / 1000 - 100), now_ms)
    with database.writing() as session:
        channels.state(session, HOOKS.channels)
        alerts.plan(session, HOOKS, now_ms)
        [parcel] = list(deliveries.due(session, now_ms, ()))
        deliveries.note(session, parcel, None, now_ms, 0.5)
    told = [" ".join(line.split()) for line in inferwatch("alerts").out.splitlines()]
    latency = json.loads(inferwatch("alerts", "--json").out)["latency"]

    assert any(line.startswith("hook 1 5") and line.endswith(" s 1 s") for line in told)
    assert latency["hook"]["held_ms"] == 1_500
    assert latency["hook"]["n"] == 1


@pytest.mark.usefixtures("database")
def test_without_a_channel_it_says_that_nobody_is_told(inferwatch: Command) -> None:
    told = inferwatch("alerts")

    assert (told.code, told.out.startswith("Nobody is told:")) == (0, True)


def test_channels_and_deliveries_are_listed_without_secrets(
    database: Database, inferwatch: Command
) -> None:
    tell(database, None)
    told = inferwatch("alerts")
    lines = [" ".join(line.split()) for line in told.out.splitlines()]

    assert told.code == 0
    assert lines[1].startswith("hook https://hooks.example.com/••• on none none 1 0 2026-03")
    assert lines[-1].endswith(f"hook opened {ENDPOINT.id} delivered")
    assert "T0KEN" not in told.out


def test_dead_letters_are_listed_and_make_the_command_fail(
    database: Database, inferwatch: Command
) -> None:
    tell(database, Refused("answered HTTP 404", is_permanent=True))
    told = inferwatch("alerts")
    found = json.loads(inferwatch("alerts", "--json").out)

    assert told.code == 1
    assert "Dead letters (1); `inferwatch alerts resend NUMBER` tries again" in told.out
    assert [each["error"] for each in found["dead_letters"]] == ["answered HTTP 404"]
    assert found["channels"][0]["failed_at"] == "2026-03-02T00:03:20+00:00"


def test_a_channel_that_is_off_is_told_and_makes_the_command_fail(
    database: Database, inferwatch: Command
) -> None:
    with database.writing() as session:
        channels.state(session, HOOKS.channels)
        fares = ChannelHealth(MONDAY_MS, 3, 3, MONDAY_MS, "answered HTTP 404")
        channels.note(session, "hook", fares)
    told = inferwatch("alerts")

    assert told.code == 1
    assert "Channel hook is off since 2026-03-02" in told.out
    assert (
        "all the time: answered HTTP 404. Mend it, then `inferwatch alerts test hook`." in told.out
    )


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("words", [("test", "hook"), ("resend", "1"), ("enable", "hook")])
def test_without_a_monitor_nothing_is_sent(inferwatch: Command, words: tuple[str, str]) -> None:
    told = inferwatch("alerts", *words)

    assert told.code == 1
    assert "no monitor answers on port" in told.err


def test_a_silence_is_made_listed_and_ended(database: Database, inferwatch: Command) -> None:
    tell(database, None)
    made = inferwatch("alerts", "silence", "1", "--until-recovered", "--reason", "on it")
    listed = inferwatch("alerts", "silences")
    [told] = json.loads(inferwatch("alerts", "silences", "--json").out)
    ended = inferwatch("alerts", "unsilence", str(told["id"]))

    assert (made.code, made.out.strip()) == (0, "Silenced alert 1 until what fails now is over")
    assert listed.out.startswith("1  alert 1 until it is over, by ")
    assert (told["reason"], told["until_at"]) == ("on it", None)
    assert (ended.code, inferwatch("alerts", "silences").out) == (0, "Nothing is silenced.\n")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("silence", "--all"), "give --until or --until-recovered"),
        (("silence", "--until", "2h"), "name an ALERT, --endpoint, --provider, --kind or --all"),
        (("silence", "--endpoint", "x/y", "--until", "2h"), "endpoint x/y is not in the settings"),
        (("silence", "7", "--until", "2h"), "no open alert is of alert 7 alone"),
        (("silence", "--all", "--until", "soon"), "--until 'soon' is no time"),
        (("unsilence", "7"), "no silence has the number 7"),
    ],
)
def test_what_cannot_be_silenced_says_why(
    inferwatch: Command, words: tuple[str, ...], why: str
) -> None:
    told = inferwatch("alerts", *words)

    assert told.code != 0
    assert why in " ".join(told.err.replace("│", " ").split())


def test_status_and_doctor_say_when_nobody_delivers(
    database: Database, inferwatch: Command
) -> None:
    tell(database, Refused("answered HTTP 404", is_permanent=True))
    before = inferwatch("doctor").out
    with database.writing() as session:
        rounds.note(session, MONDAY_MS)

    assert "1 could not be delivered; `inferwatch alerts` says why" in before
    assert "FAIL  alerts    not delivered for " in inferwatch("doctor").out
    assert "Alerts: not delivered since 2026-03-02 00:00:00" in inferwatch("status").out
    said = json.loads(inferwatch("status", "--json").out)
    assert said["alerts_not_delivered_since"] == "2026-03-02T00:00:00.000Z"


def test_a_preview_words_every_kind_of_message(
    write_settings: Callable[..., None], home: Path, inferwatch: Command
) -> None:
    write_settings()
    with (home / "inferwatch.yaml").open("a") as file:
        file.write(
            "alerts: {templates: {title: 'Hear: {title}'}, channels: "
            "{chat: {apprise: 'ntfy://ntfy.example.com/T0KEN'}}}\n"
        )
    told = inferwatch("alerts", "preview", "chat")
    kinds = [line.partition(": Hear: ")[0] for line in told.out.splitlines() if ": Hear: " in line]

    assert sorted(kinds) == sorted(Telling)
    assert told.out.startswith("── chat (apprise, ntfy://•••)")
    assert "T0KEN" not in told.out
    assert inferwatch("alerts", "preview", "x").code != 0


ROUTED = """
alerts:
  channels:
    ops: {webhook: 'https://hooks.example.com/a', secret: 0123456789abcdef}
    team: {webhook: 'https://hooks.example.com/b', secret: 0123456789abcdef}
    mail: {webhook: 'https://hooks.example.com/c', secret: 0123456789abcdef}
  escalate: [{after: 15m, to: [mail]}]
  routes:
    - {to: [team], teams: [search], stop: true}
    - {to: [ops], severity: critical}
    - {to: [mail], severity: warning, digest: {at: '08:00'}}
"""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ["route 2 (ops): takes it", "ops: at once"]),
        (("--team", "search"), ["route 2 (ops): is not asked", "team: at once"]),
        (("--severity", "warning"), ["route 2 (ops): does not take it", "mail: in the digest of "]),
        (("--endpoint", "aurora/aurora-small"), ["route 1 (team): does not take it"]),
    ],
)
def test_routes_say_who_would_be_told_of_what(
    home: Path,
    write_settings: Callable[..., None],
    inferwatch: Command,
    words: tuple[str, ...],
    told: list[str],
) -> None:
    write_settings()
    with (home / "inferwatch.yaml").open("a") as file:
        file.write(ROUTED)
    found = inferwatch("alerts", "routes", *words)

    assert [text for text in told if text not in found.out] == []
    assert "mail: after 15 min, where nobody acknowledged it" in found.out
