"""Sending: one message over a line to a channel."""

import asyncio
from dataclasses import replace

from monitor.channels import open_line
from monitor.channels.posting import Posting
from monitor.channels.wording import words
from monitor.domain.alerts import AlertKind, Severity, Telling
from monitor.domain.channels import Channel, Hook, Mailbox, Service
from monitor.domain.deliveries import Refused
from monitor.domain.messages import Case, Message, compose_test
from monitor.domain.outcomes import Outcome
from monitor.domain.templates import PLAIN, Wording
from monitor.wire.transport import Transport
from tests.making import MONDAY_MS

TEST = compose_test("ops", "https://watch.example")


def opened(severity: Severity = Severity.CRITICAL, telling: Telling = Telling.OPENED) -> Message:
    """A message of an alert, number 7."""
    case = Case(
        7,
        AlertKind.AVAILABILITY,
        severity,
        "acme",
        ("acme/small",),
        ("acme/small",),
        Outcome.OVERLOADED,
        MONDAY_MS,
    )
    return replace(TEST, telling=telling, title="acme/small is down", case=case)


def send(
    way: Hook | Service | Mailbox,
    message: Message = TEST,
    key: str = "key-1",
    tries: int = 0,
    wording: Wording = PLAIN,
) -> Refused | None:
    """What comes of it."""

    async def post() -> Refused | None:
        async with Transport() as transport:
            channel = Channel("ops", way, "shown", wording=wording)
            line = open_line(channel, transport)
            posting = Posting(message, words(channel, message), key, MONDAY_MS, tries)
            refused = await line.send(posting)
            await line.aclose()
            return refused

    return asyncio.run(post())
