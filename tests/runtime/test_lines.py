"""Lines to channels: open while they are used, closed when their channel is gone."""

import asyncio
import threading
from dataclasses import dataclass

from monitor.channels.posting import Posting
from monitor.channels.wording import words
from monitor.domain.channels import Channel
from monitor.domain.messages import compose_test
from monitor.runtime.lines import Lines
from monitor.wire.transport import Transport
from tests.alerting import hook
from tests.making import MONDAY_MS
from tests.receiver import Answer, Got, run_receiver


@dataclass
class Around:
    """What lines need of a monitor."""

    transport: Transport


def posting(channel: Channel) -> Posting:
    message = compose_test(channel.name, "https://watch.example")
    return Posting(message, words(channel, message), "key", MONDAY_MS)


def test_a_line_is_closed_only_once_nobody_uses_it() -> None:
    begun, release = threading.Event(), threading.Event()

    def hang(_: Got) -> Answer:
        begun.set()
        release.wait(30)
        return Answer()

    async def run(url: str) -> None:
        channel = hook(url)
        async with Transport() as transport:
            lines = Lines(Around(transport))
            sending = asyncio.create_task(lines.send(channel, posting(channel)))
            await asyncio.to_thread(begun.wait, 30)
            await lines.keep(())
            release.set()
            assert await sending is None
            assert list(lines._open) == [channel]
            await lines.keep(())
            assert not lines._open

    with run_receiver() as receiver:
        receiver.answer = hang
        asyncio.run(run(receiver.url))
