"""Embedding: vectors that look random, are of length 1, and depend on the text alone."""

from math import sqrt
from random import Random

from monitor.simulator.chats import Chat

DIMENSIONS = 64


def embed(chat: Chat) -> tuple[tuple[float, ...], ...]:
    """A vector for each of the texts, in their order."""
    count = chat.dimensions or DIMENSIONS
    return tuple(_make_vector(text, count) for text in chat.inputs)


def _make_vector(text: str, count: int) -> tuple[float, ...]:
    rng = Random(text)
    raw = [rng.uniform(-1, 1) for _ in range(count)]
    length = sqrt(sum(x * x for x in raw))
    return tuple(round(x / length, 6) for x in raw)
