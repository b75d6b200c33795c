"""Lines of JSON, cut anywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.lines import LineParser
from monitor.wire.sse import MAX_EVENT_BYTES, SseError


def lines_of(*pieces: bytes) -> list[str]:
    parser = LineParser()
    fed = [event.data for piece in pieces for event in parser.feed(piece)]
    return fed + [event.data for event in parser.close()]


@pytest.mark.parametrize(
    ("stream", "lines"),
    [
        (b'{"a": 1}\n{"b": 2}\n', ['{"a": 1}', '{"b": 2}']),
        (b'{"a": 1}\r\n\r\n \n{"b": 2}', ['{"a": 1}', '{"b": 2}']),
        (b'\xef\xbb\xbf{"a": 1}\n', ['{"a": 1}']),
        ('{"a": "é"}\n'.encode(), ['{"a": "é"}']),
        (b"\xff\n", ["�"]),
        (b"", []),
    ],
)
def test_each_line_that_is_not_blank_is_an_event(stream: bytes, lines: list[str]) -> None:
    assert lines_of(stream) == lines


@settings(deadline=None)
@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n", "é".encode()])))
def test_any_cutting_gives_the_same_lines(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)

    assert lines_of(*pieces) == lines_of(stream) == lines_of(*(bytes([b]) for b in stream))


@pytest.mark.parametrize("pieces", [[b"x" * (MAX_EVENT_BYTES + 1)], [b"x" * 65_536] * 5])
def test_a_line_without_end_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(SseError, match="a line of over 64 KiB"):
        lines_of(*pieces)
