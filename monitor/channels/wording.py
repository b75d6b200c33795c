"""Wording: what each kind of channel says of a message, where no template says otherwise."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from monitor.domain.channels import Channel, ChannelKind
from monitor.domain.markup import tame
from monitor.domain.messages import Message
from monitor.domain.templates import Words, word


class _Way(NamedTuple):
    body: str
    clean: Callable[[str], str]


def _keep(text: str) -> str:
    """Of one who shows text as text."""
    return text


_WAYS: Mapping[ChannelKind, _Way] = {
    ChannelKind.WEBHOOK: _Way("{body}", _keep),
    ChannelKind.APPRISE: _Way("{body}\n{links}", tame),
    ChannelKind.EMAIL: _Way("{body}\n\n{links}", _keep),
}


def words(channel: Channel, message: Message) -> Words:
    """What a channel says of a message."""
    way = _WAYS[channel.kind]
    return word(message, channel.name, channel.wording, way.body, way.clean)
