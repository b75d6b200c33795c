"""Webhooks, against a real receiver; it verifies them by the snippet that the docs give away."""

import asyncio
import hmac
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from monitor.channels import open_line
from monitor.channels.posting import Posting
from monitor.channels.wording import words
from monitor.domain.channels import Channel
from monitor.domain.deliveries import Refused
from monitor.domain.messages import compose_test
from monitor.wire.transport import Transport
from tests.alerting import SECRET, hook
from tests.making import MONDAY_MS
from tests.receiver import Answer, Got, Receiver, run_receiver

DOCS = Path(__file__).parents[2] / "docs" / "alerts.md"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


def send(channel: Channel, key: str = "key-1") -> Refused | None:
    async def post() -> Refused | None:
        message = compose_test("hook", "https://watch.example")
        posting = Posting(message, words(channel, message), key, MONDAY_MS)
        async with Transport() as transport:
            line = open_line(channel, transport)
            refused = await line.send(posting)
            await line.aclose()
            return refused

    return asyncio.run(post())


def documented() -> Callable[..., bool]:
    """The function of the docs' snippet."""
    snippet = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert snippet is not None
    names: dict[str, Any] = {}
    exec(snippet[1], names)  # noqa: S102 -- it is our own documentation
    verify: Callable[..., bool] = names["is_from_inferwatch"]
    return verify


@pytest.fixture
def got(receiver: Receiver) -> Got:
    send(hook(receiver.url))
    return receiver.got[0]


def test_a_webhook_is_signed_over_its_time_and_body(got: Got) -> None:
    stamp = str(MONDAY_MS // 1000)
    signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + got.body, sha256).hexdigest()

    assert got.headers["inferwatch-timestamp"] == stamp
    assert got.headers["inferwatch-signature"] == f"v1={signed}"


def test_the_key_stands_in_the_header_and_in_what_is_signed(got: Got) -> None:
    assert got.headers["idempotency-key"] == got.said["key"] == "key-1"


def test_the_snippet_of_the_docs_takes_what_we_send(got: Got) -> None:
    assert documented()(SECRET, got.headers, got.body, now_s=MONDAY_MS / 1000 + 299)


@pytest.mark.parametrize("age_s", [301, -301])
def test_the_snippet_refuses_what_is_replayed_later(got: Got, age_s: int) -> None:
    assert not documented()(SECRET, got.headers, got.body, now_s=MONDAY_MS / 1000 + age_s)


def test_the_snippet_refuses_another_body_and_another_secret(got: Got) -> None:
    at_s = MONDAY_MS / 1000

    assert not documented()(SECRET, got.headers, got.body + b" ", now_s=at_s)
    assert not documented()("another secret", got.headers, got.body, now_s=at_s)
    assert not documented()(SECRET, {}, got.body, now_s=at_s)


PASSING = (408, 409, 423, 425, 429, 500, 503)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, *PASSING])
def test_a_refusal_says_whether_trying_again_can_help(receiver: Receiver, status: int) -> None:
    receiver.answer = lambda _: Answer(status)

    assert send(hook(receiver.url)) == Refused(
        f"answered HTTP {status}", is_permanent=status not in PASSING
    )


def test_a_receiver_says_how_long_it_wants_to_be_left_alone(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(429, {"retry-after": "120"})

    assert send(hook(receiver.url)) == Refused("answered HTTP 429", wait_s=120.0)


def test_a_receiver_that_breaks_off_may_be_tried_again(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(0)
    refused = send(hook(receiver.url))

    assert refused is not None
    assert not refused.is_permanent
    assert refused.reason.startswith("not reached: ")


def test_a_refusal_never_shows_the_address() -> None:
    refused = send(hook("http://127.0.0.1:1/hooks/T0KEN-in-the-path"))

    assert "T0KEN" not in repr(refused)
