"""Asking: what the clients in these tests ask, in the words of no client."""

import base64
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

CANARY: Final = "Reply with exactly this word and nothing else: heliotrope7"
WORD: Final = "heliotrope7"
COLOUR: Final = "Which colour is the square? Answer with one word."
#: Wishes for a long answer to a long prompt, as a probe of speed makes them.
LONG: Final = "Write at least 120 words. " + "the valley " * 360
THOUGHT: Final = "Think about rivers."
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "count": {"type": "integer", "minimum": 3}},
    "required": ["word", "count"],
    "additionalProperties": False,
}
FILLED: Final = {"word": WORD, "count": 3}
CACHED: Final = "cached 0 " + "x" * 8000
UNCACHED: Final = "uncached 0 " + "x" * 8000


def paint(rgb: tuple[int, int, int], size: int = 8) -> bytes:
    """A PNG of one colour, a square of so many pixels a side."""
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(rgb) * size) * size
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*it) for it in chunks)


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def to_text(png: bytes) -> str:
    """A PNG as base64."""
    return base64.b64encode(png).decode()
