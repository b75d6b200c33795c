"""Pictures: small PNGs of one plain colour, which a model that sees can name."""

import struct
import zlib
from collections.abc import Mapping

#: Colours that have one plain name each.
COLOURS: Mapping[str, bytes] = {
    "red": bytes((255, 0, 0)),
    "green": bytes((0, 160, 0)),
    "blue": bytes((0, 0, 255)),
    "yellow": bytes((255, 255, 0)),
}
#: Pixels of a side: some models refuse what is smaller, and most charge by the pixel.
SIDE = 128
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR = 2


def paint(colour: bytes, side: int = SIDE) -> bytes:
    """A square PNG of one colour (red, green and blue, a byte each)."""
    header = struct.pack(">IIBBBBB", side, side, 8, _TRUE_COLOUR, 0, 0, 0)
    row = b"\0" + colour * side  # each row begins with its filter: none
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(row * side, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    length, check = struct.pack(">I", len(content)), struct.pack(">I", zlib.crc32(name + content))
    return length + name + content + check
