"""Asking: one question to one endpoint, in its turn, as the call that it amounts to."""

from collections.abc import Callable

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Result
from monitor.domain.plan import Size
from monitor.probes.calls import call_from
from monitor.wire import FLAVOURS
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

#: What a chat's own frame adds to a prompt, at most.
_FRAME_TOKENS = 64

Judge = Callable[[Reply], Result]


async def ask(
    endpoint: Endpoint,
    transport: Transport,
    now: Callable[[], int],
    kind: Kind,
    question: Question,
    judge: Judge,
) -> Call:
    """The call of one question. The wait for our own turn is not in it.

    `now` gives milliseconds of the anchored clock; `judge` says what the reply is worth.
    """
    async with transport.slot:
        started_ms = now()
        reply = await FLAVOURS[endpoint.target.flavour].ask(endpoint, transport, question)
        span_ms = started_ms, now()
    return call_from(reply, judge(reply), endpoint.id, kind, span_ms)


def size_up(question: Question, typical_input: int, most_beside_text: int = 0) -> Size:
    """The size of a question. No tokeniser makes more tokens of a text than it has bytes."""
    most = len(question.prompt.encode()) + _FRAME_TOKENS + most_beside_text
    return Size(typical_input, max(most, typical_input), question.output_tokens)
