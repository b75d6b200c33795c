import zlib
from struct import unpack

import pytest

from monitor.probes.pictures import COLOURS, SIDE, paint
from monitor.simulator.pictures import look_at


@pytest.mark.parametrize("colour", COLOURS)
def test_another_reader_sees_the_colour_and_the_size(colour: str) -> None:
    picture = look_at(paint(COLOURS[colour]))

    assert (picture.colour, picture.width, picture.height) == (colour, SIDE, SIDE)


def test_every_chunk_is_as_long_as_it_says_and_sums_up() -> None:
    png, at, names = paint(COLOURS["blue"]), 8, []
    while at < len(png):
        (length,) = unpack(">I", png[at : at + 4])
        body = png[at + 4 : at + 8 + length]
        names.append(body[:4])
        assert unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(body),)
        at += 12 + length

    assert names == [b"IHDR", b"IDAT", b"IEND"]


def test_a_picture_is_small_on_the_wire() -> None:
    assert max(len(paint(colour)) for colour in COLOURS.values()) < 1_000
