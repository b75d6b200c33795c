"""What a page asks the monitor for, over its API, played by a real server."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from dashboard.asking import ask
from tests.receiver import Answer, Receiver, run_receiver


@pytest.fixture
def monitor() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


def wish(monitor: Receiver, asked: object) -> str:
    return asyncio.run(ask(int(monitor.url.split(":")[2].split("/")[0]), asked))


@pytest.mark.parametrize(
    ("do", "whom", "answer", "sent", "said"),
    [
        (
            "test",
            "ops",
            {"is_delivered": True, "error": None},
            {"channel": "ops"},
            "Channel ops took the test.",
        ),
        (
            "test",
            "ops",
            {"is_delivered": False, "error": "answered HTTP 404"},
            {"channel": "ops"},
            "Channel ops did not take the test: answered HTTP 404.",
        ),
        (
            "enable",
            "ops",
            {"channel": "ops"},
            {"channel": "ops"},
            "Channel ops is on: what waits for it goes out now.",
        ),
        ("resend", "7", {"id": 7}, {"id": 7}, "Message 7 goes out again."),
    ],
)
def test_what_came_of_a_wish_is_said_in_words(
    monitor: Receiver, do: str, whom: str, answer: object, sent: object, said: str
) -> None:
    monitor.answer = lambda _: Answer(200, body=json.dumps(answer).encode())

    assert wish(monitor, {"do": do, "whom": whom, "at": 1}) == said
    assert monitor.got[0].said == sent


def test_why_the_monitor_refuses_is_said(monitor: Receiver) -> None:
    monitor.answer = lambda _: Answer(409, body=b'{"error": "channel ops is off"}')

    assert (
        wish(monitor, {"do": "resend", "whom": "7"}) == "The monitor refused: channel ops is off."
    )


@pytest.mark.parametrize("asked", [None, {"do": "stop", "whom": "x"}, {"do": "test", "whom": 7}])
def test_nothing_else_can_be_asked_for(monitor: Receiver, asked: object) -> None:
    assert wish(monitor, asked) == "That cannot be asked for; load the page again."
    assert monitor.got == []


def test_without_a_monitor_it_says_so() -> None:
    assert asyncio.run(ask(0, {"do": "test", "whom": "ops"})).startswith("No monitor answers on")


def test_whoever_else_has_the_port_is_no_monitor(monitor: Receiver) -> None:
    monitor.answer = lambda _: Answer(200, body=b"<html>")

    assert wish(monitor, {"do": "test", "whom": "ops"}).startswith("No monitor answers on port")
