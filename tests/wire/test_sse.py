from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.sse import MAX_EVENT_BYTES, Event, SseError, SseParser


def read(pieces: Iterable[bytes]) -> tuple[list[Event], bool]:
    """The events, and whether the parser gave up."""
    parser = SseParser()
    events: list[Event] = []
    try:
        for piece in pieces:
            events.extend(parser.feed(piece))
        events.extend(parser.close())
    except SseError:
        return events, True
    return events, False


def texts(*pieces: bytes) -> list[str]:
    return [event.data for event in read(pieces)[0]]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b": keep-alive\n\n: OPENROUTER PROCESSING\n\ndata: a\n\n", ["a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"id: 7\nretry: 5\nnonsense\ndata: a\n\n", ["a"]),
        (b"data\n\n", [""]),
        (b"\n\n\n", []),
        (b"data: a", ["a"]),
        (b"data: \xff\n\n", ["\ufffd"]),
        (b'data: a\n\n{\n "error": {\n }\n}\n', ["a", '{\n "error": {\n }\n}']),
        (b'data: a\n\n{"error": {}}\ndata: b\n\n', ["a", '{"error": {}}', "b"]),
        (b'data: a\n\n{"error":\r\n', ["a", '{"error":']),
    ],
)
def test_a_stream_is_read_by_the_standard(stream: bytes, expected: list[str]) -> None:
    assert texts(stream) == expected


def test_an_event_has_its_name() -> None:
    assert read([b"event: error\ndata: a\n\ndata: b\n\n"])[0] == [Event("a", "error"), Event("b")]


def test_a_character_may_be_cut_between_pieces() -> None:
    assert texts(b"data: \xe2\x82", b"\xac\n\n") == ["\u20ac"]


def test_a_line_end_may_be_cut_between_pieces() -> None:
    assert texts(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == ["a\nb"]


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * MAX_EVENT_BYTES,
        b"data: " + b"x" * MAX_EVENT_BYTES + b"\n\n",
        b"data: xxxxxxxxxx\n" * (MAX_EVENT_BYTES // 10),
    ],
    ids=["endless line", "long line", "many lines"],
)
def test_an_event_over_the_cap_is_refused(stream: bytes) -> None:
    assert read([stream]) == ([], True)


FRAGMENTS = st.sampled_from(
    [
        b"data: a",
        b"data:",
        b"event: e",
        b"\n",
        b"\r",
        b"\r\n",
        b":c",
        b"\xef\xbb\xbf",
        b"\xe2\x82",
        b"{",
        b"}",
    ]
)


@settings(deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=8), max_size=30), st.lists(st.integers(0, 200)))
def test_any_cutting_gives_the_same_events(fragments: list[bytes], cuts: Sequence[int]) -> None:
    stream = b"".join(fragments)
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(bounds)]

    assert read(pieces) == read([stream]) == read(stream[i : i + 1] for i in range(len(stream)))
