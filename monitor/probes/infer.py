"""Infer: whether a model answers a tiny question, how fast, and rightly."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import EMBEDDING, Endpoint
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.plan import Size
from monitor.probes.asking import ask, size_up
from monitor.probes.floors import raise_to_floor
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

#: Common, harmless, short: one or two tokens in any vocabulary, none inside another.
WORDS = (
    "apple", "bridge", "candle", "desert", "engine", "forest", "garden", "harbor",
    "island", "jacket", "kitchen", "lemon", "mountain", "needle", "orange", "pencil",
)  # fmt: skip
#: What the question takes at a typical tokeniser.
TYPICAL_INPUT_TOKENS = 40
#: As long as the longest nonce, to size the question up by.
_ANY_NONCE = "0" * 16


async def probe(
    endpoint: Endpoint, transport: Transport, now: Callable[[], int], nonce: str
) -> Call:
    """One streamed completion with a known answer, as a call.

    `nonce` is new each time, so that no cache answers for the model; `now` gives milliseconds of
    the anchored clock. The wait for our own turn is not in the call.
    """
    prompt, word = ask_for(nonce)
    judge = partial(_check, word=word)
    return await ask(endpoint, transport, now, Kind.INFER, _question(endpoint, prompt), judge)


def size(endpoint: Endpoint) -> Size:
    """How many tokens a probe takes."""
    longest = ask_for(_ANY_NONCE)[0] + max(WORDS, key=len)
    return size_up(_question(endpoint, longest), TYPICAL_INPUT_TOKENS)


def ask_for(nonce: str) -> tuple[str, str]:
    """A prompt that only this nonce has, and the word that answers it."""
    word = WORDS[sha256(nonce.encode()).digest()[0] % len(WORDS)]
    return f"[{nonce}] Reply with exactly this word and nothing else: {word}", word


def _question(endpoint: Endpoint, prompt: str) -> Question:
    is_silent = endpoint.target.flavour in EMBEDDING
    tokens = 0 if is_silent else raise_to_floor(endpoint.model_name, endpoint.output_tokens)
    return Question(prompt, tokens)


def _check(reply: Reply, word: str) -> Result:
    """A call that was ok stays so if it said the word, or was stopped before it said anything."""
    if reply.outcome is not Outcome.OK or not reply.text or word in reply.text.lower():
        return reply.outcome
    return Outcome.WRONG_ANSWER
