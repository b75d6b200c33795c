"""Channels: how a message gets to people, one module for each way."""

from monitor.channels import webhook
from monitor.channels.posting import Send
from monitor.domain.routes import ChannelKind

CHANNELS: dict[ChannelKind, Send] = {ChannelKind.WEBHOOK: webhook.send}
