"""Channels: how a message gets to people, one module for each way."""

from typing import assert_never

from monitor.channels.apprise import AppriseLine
from monitor.channels.email import MailLine
from monitor.channels.posting import Line
from monitor.channels.webhook import WebhookLine
from monitor.domain.channels import Channel, Hook, Mailbox, Service
from monitor.wire.transport import Transport


def open_line(channel: Channel, transport: Transport) -> Line:
    """A line to a channel; nothing is connected yet."""
    match channel.way:
        case Hook():
            return WebhookLine(channel.way, transport.make_client())
        case Service():
            return AppriseLine(channel.way)
        case Mailbox():
            return MailLine(channel.way)
        case _:
            assert_never(channel.way)
