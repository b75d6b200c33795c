"""Infer: whether a model answers a tiny question, how fast, and rightly."""

from collections.abc import Callable
from hashlib import sha256

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome, Result
from monitor.probes.calls import call_from
from monitor.probes.floors import raise_to_floor
from monitor.wire import FLAVOURS
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

#: Common, harmless, short: one or two tokens in any vocabulary, none inside another.
WORDS = (
    "apple", "bridge", "candle", "desert", "engine", "forest", "garden", "harbor",
    "island", "jacket", "kitchen", "lemon", "mountain", "needle", "orange", "pencil",
)  # fmt: skip


async def probe(
    endpoint: Endpoint, transport: Transport, now: Callable[[], int], nonce: str
) -> Call:
    """One streamed completion with a known answer, as a call.

    `nonce` is new each time, so that no cache answers for the model; `now` gives milliseconds of
    the anchored clock. The wait for our own turn is not in the call.
    """
    prompt, word = ask_for(nonce)
    tokens = raise_to_floor(endpoint.model_name, endpoint.output_tokens)
    question = Question(prompt, tokens)
    async with transport.slot:
        started_ms = now()
        reply = await FLAVOURS[endpoint.target.flavour].ask(endpoint, transport, question)
        span_ms = started_ms, now()
    return call_from(reply, _check(reply, word), endpoint.id, Kind.INFER, span_ms)


def ask_for(nonce: str) -> tuple[str, str]:
    """A prompt that only this nonce has, and the word that answers it."""
    word = WORDS[sha256(nonce.encode()).digest()[0] % len(WORDS)]
    return f"[{nonce}] Reply with exactly this word and nothing else: {word}", word


def _check(reply: Reply, word: str) -> Result:
    """A call that was ok stays so if it said the word, or was stopped before it said anything."""
    if reply.outcome is not Outcome.OK or not reply.text or word in reply.text.lower():
        return reply.outcome
    return Outcome.WRONG_ANSWER
