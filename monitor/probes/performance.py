"""Performance: how fast a model reads about a thousand tokens and writes more than a hundred."""

from collections.abc import Callable, Iterator
from random import Random

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.plan import Size
from monitor.probes.asking import ask, size_up
from monitor.probes.floors import add_thoughts
from monitor.probes.infer import WORDS
from monitor.wire.questions import Question
from monitor.wire.transport import Transport

LINES, WORDS_A_LINE = 40, 21
TYPICAL_INPUT_TOKENS = 1_000
OUTPUT_TOKENS = 160
_ANY_NONCE = "0" * 16
#: A story, no copy: what repeats its prompt is guessed ahead, and looks faster than it is.
_TASK = (
    "Above are lines of words, drawn by lot. Write a story of at least 200 words in which the "
    "first five of them play a part. Begin at once, without a title."
)


async def probe(
    endpoint: Endpoint, transport: Transport, now: Callable[[], int], nonce: str
) -> Call:
    """One streamed completion of a long text that was never sent before, as a call.

    `nonce` is new each time and decides all of the text, so that no cache answers for the model,
    nor has read a part of it. The answer's limit cuts the story short; what it says is not judged.
    """
    question = _question(endpoint, nonce)
    return await ask(endpoint, transport, now, Kind.PERFORMANCE, question, lambda r: r.outcome)


def size(endpoint: Endpoint) -> Size:
    """How many tokens a probe takes."""
    return size_up(_question(endpoint, _ANY_NONCE), TYPICAL_INPUT_TOKENS)


def _question(endpoint: Endpoint, nonce: str) -> Question:
    text = "\n".join([f"[{nonce}]", *_lines(nonce), "", _TASK])
    return Question(text, add_thoughts(endpoint, OUTPUT_TOKENS))


def _lines(nonce: str) -> Iterator[str]:
    chance = Random(nonce)  # noqa: S311 - it makes texts differ and keeps no secret
    for _ in range(LINES):
        yield " ".join(chance.choices(WORDS, k=WORDS_A_LINE))
