"""What the simulator makes of an image."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.simulator.pictures import COLOURS, PictureError, look_at
from tests.simulator.asking import chunk, paint

RED = paint((220, 20, 20))


def make(head: tuple[int, ...], rows: bytes, palette: bytes = b"") -> bytes:
    more = chunk(b"PLTE", palette) if palette else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *head))
    data = zlib.compress(rows)
    halves = chunk(b"IDAT", data[:5]) + chunk(b"IDAT", data[5:])
    return b"\x89PNG\r\n\x1a\n" + header + more + halves + chunk(b"IEND", b"")


@pytest.mark.parametrize(("name", "rgb"), COLOURS.items())
def test_a_colour_is_called_by_its_name(name: str, rgb: tuple[int, int, int]) -> None:
    assert look_at(paint(rgb)).colour == name


def test_the_size_is_read_and_paid_for() -> None:
    picture = look_at(paint((0, 0, 0), 100))

    assert (picture.width, picture.height) == (100, 100)
    assert picture.tokens == 85 + 13


@pytest.mark.parametrize(
    ("kind", "pixel", "palette"),
    [
        (0, b"\x80", b""),
        (2, b"\x80\x80\x80", b""),
        (3, b"\1", b"\0\0\0\x80\x80\x80"),
        (4, b"\x80\xff", b""),
        (6, b"\x80\x80\x80\xff", b""),
    ],
)
def test_each_colour_type_is_read(kind: int, pixel: bytes, palette: bytes) -> None:
    rows = (b"\0" + pixel * 3) * 3

    assert look_at(make((3, 3, 8, kind, 0, 0, 0), rows, palette)).colour == "grey"


@pytest.mark.parametrize("kind", range(5))
def test_each_filter_is_undone(kind: int) -> None:
    plain = [bytes([y * 40 + x * 9 + c * 50 for x in range(4) for c in range(3)]) for y in range(4)]
    rows = b"".join(bytes([kind]) + filtered for filtered in apply(kind, plain))
    unfiltered = b"".join(b"\0" + line for line in plain)
    size = (4, 4, 8, 2, 0, 0, 0)

    assert look_at(make(size, rows)) == look_at(make(size, unfiltered))


def apply(kind: int, lines: list[bytes]) -> list[bytes]:
    """PNG's filters in the writer's direction, from their definition."""
    above, out = bytes(len(lines[0])), []
    for line in lines:
        row = bytearray()
        for i, value in enumerate(line):
            a, b = (line[i - 3], above[i - 3]) if i > 2 else (0, 0)
            left, up, corner = a, above[i], b
            base = left + up - corner
            order = sorted((left, up, corner), key=lambda near: abs(base - near))
            row.append((value - (0, left, up, (left + up) // 2, order[0])[kind]) % 256)
        out.append(bytes(row))
        above = line
    return out


@pytest.mark.parametrize(
    "png",
    [
        b"",
        b"GIF89a",
        RED[:20],
        RED[:-20],
        RED.replace(b"IDAT", b"IDAX"),
        make((3, 3, 16, 2, 0, 0, 0), b""),
        make((3, 3, 8, 2, 0, 0, 1), b""),
        make((0, 3, 8, 2, 0, 0, 0), b""),
        make((90_000, 90_000, 8, 2, 0, 0, 0), b""),
        make((3, 3, 8, 5, 0, 0, 0), b"\0" * 30),
        make((3, 3, 8, 3, 0, 0, 0), (b"\0" + b"\7" * 3) * 3, b"\1\2\3"),
    ],
)
def test_what_is_no_good_png_is_not_looked_at(png: bytes) -> None:
    with pytest.raises(PictureError):
        look_at(png)


@given(st.binary(max_size=8), st.integers(8, len(RED)))
def test_any_other_bytes_are_seen_or_refused(junk: bytes, at: int) -> None:
    try:
        seen = look_at(RED[:at] + junk + RED[at:])
    except PictureError:
        seen = None

    assert seen in {None, look_at(RED)}
