"""Pictures: a PNG, read far enough to say how large it is and which colour is in its middle."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_PIXELS = 4_000_000
#: Samples a pixel by PNG's colour types: grey, RGB, palette, grey with alpha, RGB with alpha.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
_GREYS = {0, 4}
_BYTE = 8
COLOURS = {
    "red": (220, 20, 20),
    "green": (20, 160, 40),
    "blue": (30, 60, 220),
    "yellow": (250, 220, 20),
    "orange": (250, 140, 10),
    "purple": (130, 30, 150),
    "pink": (250, 150, 190),
    "brown": (120, 70, 30),
    "cyan": (0, 220, 230),
    "magenta": (250, 0, 250),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
}


class PictureError(ValueError):
    """Raised where the bytes are no PNG that we read: broken, interlaced, or not 8 bits deep."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a model sees of an image: width and height in pixels, and the name of a colour."""

    width: int
    height: int
    colour: str

    @property
    def tokens(self) -> int:
        """What it costs: a fixed part, and a token for each 750 pixels."""
        return 85 + self.width * self.height // 750


def look_at(png: bytes) -> Picture:
    """The picture in a PNG; raises `PictureError`."""
    if not png.startswith(_SIGNATURE):
        raise PictureError("the image is no PNG")
    try:
        chunks = dict(_merge(_list_chunks(png)))
        width, height, depth, kind, *_, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        if depth != _BYTE or interlace or not 0 < width * height <= _MAX_PIXELS:
            raise PictureError("the PNG is interlaced, not 8 bits deep, or too large")
        pixel = _read_middle(zlib.decompress(chunks[b"IDAT"]), (width, height), _CHANNELS[kind])
        rgb = _to_rgb(pixel, kind, chunks.get(b"PLTE", b""))
    except (KeyError, IndexError, struct.error, zlib.error) as error:
        raise PictureError("the PNG is broken") from error
    return Picture(width, height, _name_colour(rgb))


def _list_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + length]
        [checksum] = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        if checksum != zlib.crc32(name + data):
            raise PictureError("a checksum of the PNG is wrong")
        yield name, data
        at += 12 + length


def _merge(chunks: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The chunks, those of the image data as one."""
    image = b""
    for name, data in chunks:
        if name == b"IDAT":
            image += data
        yield name, image if name == b"IDAT" else data


def _read_middle(raw: bytes, size: tuple[int, int], channels: int) -> bytes:
    width, height = size
    stride = width * channels
    line = bytes(stride)
    for y in range(height // 2 + 1):
        start = y * (stride + 1)
        line = _unfilter(raw[start], raw[start + 1 : start + 1 + stride], line, channels)
    middle = width // 2 * channels
    return line[middle : middle + channels]


def _unfilter(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    if not kind:
        return line
    out = bytearray(line)
    for i in range(len(out)):
        left, up = out[i - step] if i >= step else 0, above[i]
        corner = above[i - step] if i >= step else 0
        out[i] = (out[i] + _predict(kind, left, up, corner)) % 256
    return bytes(out)


def _predict(kind: int, left: int, up: int, corner: int) -> int:
    """PNG's five filters: none, sub, up, average, Paeth."""
    guess = left + up - corner
    paeth = min((left, up, corner), key=lambda near: abs(guess - near))
    return (0, left, up, (left + up) // 2, paeth)[kind]


def _to_rgb(pixel: bytes, kind: int, palette: bytes) -> tuple[int, ...]:
    if kind == _PALETTE:
        return tuple(palette[pixel[0] * 3 + i] for i in range(3))
    return (pixel[0],) * 3 if kind in _GREYS else tuple(pixel[:3])


def _name_colour(rgb: tuple[int, ...]) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(COLOURS[name], rgb, strict=True))

    return min(COLOURS, key=distance)
