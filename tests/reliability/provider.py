"""The real model as a provider: behind a relay, on a port that refuses while it is stopped."""

import json
from contextlib import ExitStack

from tests.reliability.model_server import ModelServer, TokenCounts
from tests.reliability.relay import Event, Exchange, Relay, run_relay


class RealProvider:
    """A model server and the relay before it, which stop and start together."""

    def __init__(self) -> None:
        self._server = ModelServer()
        self._open = ExitStack()
        self._relay = Relay(self._server.port, port=0)

    @property
    def base_url(self) -> str:
        """What settings say; the same after a new start."""
        return self._relay.base_url

    def start(self) -> None:
        """Answer. The server's counts and the relay's exchanges begin anew."""
        self._server.start()
        relay = run_relay(self._server.port, self._relay.port)
        self._relay = self._open.enter_context(relay)

    def stop(self) -> None:
        """Refuse connections from here on."""
        self._open.close()
        self._server.stop()

    def count_tokens(self) -> TokenCounts:
        """What the server itself counts; the relay does not see the question."""
        return self._server.count_tokens()

    def list_chats(self) -> tuple[Exchange, ...]:
        """The chats that the relay saw, in the order of their start, the one under way too."""
        exchanges = self._relay.list_exchanges()
        return tuple(each for each in exchanges if each.request[0].data.startswith(b"POST"))


def find_first_token(chat: Exchange) -> Event:
    """The event that brought the first text."""
    chunks = ((event, json.loads(event.data)) for event in chat.list_events()[:-1])
    return next(
        event
        for event, chunk in chunks
        for choice in chunk["choices"]
        if choice["delta"].get("content")
    )


def is_answered(chat: Exchange) -> bool:
    """Whether a chat came to its own end."""
    return any(event.data == "[DONE]" for event in chat.list_events())
