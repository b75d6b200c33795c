"""Flavours: the wire APIs that endpoints speak, each in a module of this shape."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport


class Speaker(Protocol):
    """A module that speaks one flavour. Both calls take no turn in the transport's queue."""

    async def ask(self, endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
        """The answer to a question, streamed where the flavour streams."""

    async def list_models(
        self, target: Target, transport: Transport, *, is_whole: bool = False
    ) -> Reply:
        """The ids of what is served there; costs nothing.

        One small page, which shows that we are let in, or the whole list, page by page.
        """


#: Asks something free that only a key that is taken answers.
Knock = Callable[[Target, Transport], Awaitable[Reply]]
