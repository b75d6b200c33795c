"""The page of alerts: channels, dead letters and deliveries, each state drawn."""

from dataclasses import replace

import pytest
from dash.development.base_component import Component
from sqlalchemy import delete

from dashboard import ids
from dashboard.pages.alert_holds import WRITES, Asked
from dashboard.reads import Reads
from monitor.domain.channel_health import ChannelHealth
from monitor.domain.channels import Pace
from monitor.domain.deliveries import Refused
from monitor.domain.notes import Unsayable
from monitor.domain.pauses import Scope as Place
from monitor.domain.recurrence import name_window
from monitor.domain.rules import DEFAULTS, Finding, Notice, RuleName
from monitor.domain.silences import Scope, Silence
from monitor.domain.windows import HOUR_MS, Window
from monitor.services import alerts, deliveries, maintenance, rules, silences
from monitor.services.silences import UnknownScope
from monitor.storage import channels
from monitor.storage.models.alerts import DeliveryRow
from monitor.storage.queries import maintenance as queries
from tests.alerting import to_hooks
from tests.dashboard.book import GOOD, Book
from tests.dashboard.components import cell, rows, texts
from tests.dashboard.test_incidents import write_outage
from tests.dashboard.test_pages import draw

ROOM = {"free_bytes": 1, "total_bytes": 100}
HOOKS = to_hooks("https://hooks.example.com/T0KEN", "https://other.example.com/T0KEN")


def tell(book: Book, refused: Refused | None, *, is_sent: bool = True) -> None:
    """Plan what an outage has to tell, and let each channel take or refuse it."""
    write_outage(book, ends=False)
    with book.database.writing() as session:
        channels.state(session, HOOKS.channels)
        alerts.plan(session, HOOKS, book.now_ms)
        sent = list(deliveries.due(session, book.now_ms, ())) if is_sent else []
        for parcel in sent:
            deliveries.note(session, parcel, refused, book.now_ms, 0.5)


def page(book: Book, path: str = "/alerts") -> Component:
    return draw(Reads(book.database, book.home), path)


def test_without_a_channel_the_page_says_that_nobody_is_told(reads: Reads) -> None:
    drawn = draw(reads, "/alerts")

    assert "Nobody is told No channel is in the settings." in texts(drawn)
    assert rows(drawn, ids.ALERTS_CHANNELS) == []


def test_what_was_delivered_is_listed_with_how_long_it_took(book: Book) -> None:
    tell(book, None)
    drawn = page(book)
    [first, _] = rows(drawn, ids.ALERTS_LOG)

    assert "Every alert was delivered 2 channels" in texts(drawn).replace("\u00a0", " ")
    assert cell(first, 1) == f"{GOOD} failing · endpoint down"
    assert cell(first, 3).startswith("Delivered")
    assert first["h"] == "/incidents/1"


def test_a_channel_shows_where_it_leads_and_not_its_token(book: Book) -> None:
    tell(book, None)
    drawn = page(book)

    assert cell(rows(drawn, ids.ALERTS_CHANNELS)[0], 0) == "hook https://hooks.example.com/•••"
    assert "T0KEN" not in str(drawn)


@pytest.mark.parametrize(
    ("refused", "headline", "state"),
    [
        (
            Refused("answered HTTP 404", is_permanent=True),
            "2 messages could not be delivered",
            "Dead letter answered HTTP 404",
        ),
        (
            Refused("answered HTTP 503"),
            "A channel refuses what it is sent",
            "On its way answered HTTP 503; again",
        ),
    ],
)
def test_what_was_refused_says_why_and_what_becomes_of_it(
    book: Book, refused: Refused, headline: str, state: str
) -> None:
    tell(book, refused)
    drawn = page(book)
    [first, _] = rows(drawn, ids.ALERTS_LOG)

    assert headline in texts(drawn).replace("\u00a0", " ")
    assert cell(first, 3).startswith(state)
    assert cell(rows(drawn, ids.ALERTS_CHANNELS)[0], 1) == "Refuses its newest try failed"
    assert len(rows(drawn, ids.ALERTS_DEAD)) == (2 if refused.is_permanent else 0)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (None, "Told hook: failing, "),
        (
            Refused("answered HTTP 404", is_permanent=True),
            "Not delivered hook: failing, given up: answered",
        ),
        (Refused("answered HTTP 503"), "On its way hook: failing (answered HTTP 503), due "),
    ],
)
def test_an_incident_says_who_was_told_of_it(
    book: Book, refused: Refused | None, said: str
) -> None:
    tell(book, refused)

    assert said in texts(page(book, "/incidents/1"))


def test_a_channel_that_is_off_says_why_and_can_be_switched_on(book: Book) -> None:
    tell(book, None)
    with book.database.writing() as session:
        fares = ChannelHealth(book.now_ms, 3, 3, book.now_ms, "answered HTTP 404")
        channels.note(session, "hook", fares)
    drawn = page(book)
    [first, second] = rows(drawn, ids.ALERTS_CHANNELS)

    assert "Channel hook is off Nothing is sent there but tests" in texts(drawn)
    assert cell(first, 1).startswith("Off since ")
    assert cell(first, 3).endswith("answered HTTP 404")
    assert [each["do"] for each in first["c"][-1]["asks"]] == ["test", "enable"]
    assert [each["do"] for each in second["c"][-1]["asks"]] == ["test"]


def test_dead_letters_can_be_sent_again_and_tests_that_failed_are_none(book: Book) -> None:
    tell(book, Refused("answered HTTP 404", is_permanent=True))
    with book.database.writing() as session:
        deliveries.note_test(session, "hook", "key of the test", "answered HTTP 404", book.now_ms)
    drawn = page(book)
    found = rows(drawn, ids.ALERTS_DEAD)

    assert [each["c"][-1]["asks"][0] for each in found] == [
        {"t": "Send again", "do": "resend", "whom": each["k"]} for each in found
    ]
    assert len(found) == 2
    assert cell(rows(drawn, ids.ALERTS_CHANNELS)[0], 6) == "1"


def test_limit_and_fallback_stand_beside_a_channel(book: Book) -> None:
    paced = replace(HOOKS.channels[0], pace=Pace(20, HOUR_MS), fallback="hook1")
    with book.database.writing() as session:
        channels.state(session, [paced, HOOKS.channels[1]])
    found = rows(page(book), ids.ALERTS_CHANNELS)

    assert [cell(each, 4) for each in found] == ["20/h fallback: hook1", "none no fallback"]


def test_what_no_endpoint_befell_says_whom_it_is_of(book: Book) -> None:
    disk = Finding(RuleName.DISK, "database", True, book.now_ms, book.now_ms, ROOM)  # noqa: FBT003 -- by position
    end = Notice(RuleName.RETIREMENT, GOOD, "some", book.now_ms)
    with book.database.writing() as session:
        rules.report(session, DEFAULTS[RuleName.DISK], disk)
        rules.notice(session, DEFAULTS[RuleName.RETIREMENT], end)
        alerts.plan(session, to_hooks("https://hooks.example.com/T0KEN"), book.now_ms)
    listed = [cell(row, 1) for row in rows(page(book), ids.ALERTS_LOG)]

    assert listed == [
        f"{GOOD} noticed · prices and models",
        "database failing · the monitor itself",
    ]


def test_an_incident_whose_messages_are_gone_was_told_all_the_same(book: Book) -> None:
    tell(book, None)
    with book.database.writing() as session:
        session.execute(delete(DeliveryRow))

    assert "its messages are so old that they are no longer kept" in texts(
        page(book, "/incidents/1")
    )


def test_silences_and_maintenance_are_listed_with_who_and_why(book: Book) -> None:
    tell(book, None)
    until_ms = book.now_ms + 3_600_000
    with book.database.writing() as session:
        silences.silence(session, Silence(Scope(), book.now_ms, until_ms, "alice", "<b>busy"))
        window, place = Window(book.now_ms - 1000, until_ms), Place(endpoint=GOOD)
        maintenance.add(session, name_window(window, place, "disks", "bob"), book.now_ms)
        listed = [name_window(Window(until_ms, until_ms + 1000), Place(), "", line=12)]
        maintenance.declare(session, maintenance.SETTINGS, listed, book.now_ms)
    drawn = page(book)
    [silence] = rows(drawn, ids.ALERTS_SILENCES)
    running, coming = rows(drawn, ids.ALERTS_UPKEEP)

    assert [cell(silence, n) for n in (0, 1)] == ["everything <b>busy", "Holds"]
    assert cell(silence, 3).startswith("alice")
    assert [cell(running, n) for n in (0, 1, 4)] == [f"{GOOD} disks", "Runs", "bob"]
    assert [cell(coming, n) for n in (0, 1, 4)] == [
        "everything",
        "To come",
        "settings in the settings, line 12",
    ]
    assert "unsilence" in str(silence["c"][4])
    assert "upkept" not in str(coming["c"][5]), "it is ended where it stands"


def asked(book: Book, what: str, **more: str) -> Asked:
    said = {"begin": "", "until": "2h", "why": "", "who": "alice"} | more
    return Asked(what, **said, choice=Reads(book.database, book.home).choice(None))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("all", "Silenced everything until "),
        (f"endpoint {GOOD}", f"Silenced endpoint {GOOD} until "),
        ("kind account", "Silenced kind account until "),
        ("alert 1", "Silenced alert 1 until "),
    ],
)
def test_the_form_silences_what_is_chosen(book: Book, what: str, said: str) -> None:
    tell(book, None)
    with book.database.writing() as session:
        told = WRITES[ids.HOLD_SILENCE](session, asked(book, what))

    assert told.startswith(said)


def test_the_form_declares_maintenance_from_a_time_on(book: Book) -> None:
    tell(book, None)
    given = asked(book, f"endpoint {GOOD}", begin="3h", until="1h")
    with book.database.writing() as session:
        WRITES[ids.HOLD_UPKEEP](session, given)
        [window] = queries.between(session, Window(0, 2**60))

    now_ms = given.choice.now_ms
    assert (window.from_ms - now_ms, window.to_ms - now_ms) == (3 * 3_600_000, 4 * 3_600_000)


@pytest.mark.parametrize(
    ("button", "what", "more", "why"),
    [
        (ids.HOLD_SILENCE, "all", {"who": ""}, "a name is missing"),
        (ids.HOLD_SILENCE, "all", {"until": "soon"}, "Until: 'soon' is no time"),
        (ids.HOLD_SILENCE, "alert x", {}, "Choose what is to be held"),
        (ids.HOLD_RECOVERY, "all", {}, "no open alert is of everything alone"),
        (ids.HOLD_UPKEEP, "kind account", {}, "Maintenance is of an endpoint"),
        (ids.HOLD_UPKEEP, "all", {"begin": "soon"}, "From: 'soon' is no time"),
    ],
)
def test_what_the_form_cannot_mean_is_said(
    book: Book, button: str, what: str, more: dict[str, str], why: str
) -> None:
    with (
        book.database.writing() as session,
        pytest.raises((Unsayable, UnknownScope), match=why),
    ):
        WRITES[button](session, asked(book, what, **more))
