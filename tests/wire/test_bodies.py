import gzip
import zlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.bodies import MAX_BODY_BYTES, BodyError, Decoder, parse


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("", bytes), ("identity", bytes)],
)
def test_a_known_encoding_is_undone(encoding: str, pack: type[bytes]) -> None:
    packed, decoder = pack(b"pong" * 50_000), Decoder(encoding)
    pieces = [p for i in range(0, len(packed), 100) for p in decoder.decode(packed[i : i + 100])]

    assert b"".join(pieces) == b"pong" * 50_000
    assert max(map(len, pieces)) <= 64 * 1024


def test_a_bomb_is_refused_at_a_mebibyte() -> None:
    decoder, total = Decoder("gzip"), 0
    bomb = gzip.compress(bytes(50 * MAX_BODY_BYTES))

    with pytest.raises(BodyError, match="body over 1 MiB"):  # noqa: PT012
        for piece in decoder.decode(bomb):
            total += len(piece)
    assert total <= MAX_BODY_BYTES


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(BodyError, match="not asked for"):
        Decoder(encoding)


def test_corrupt_compression_is_refused() -> None:
    with pytest.raises(BodyError, match="not the compressed data"):
        list(Decoder("gzip").decode(b"not gzip at all"))


def test_money_in_json_is_never_a_float() -> None:
    assert parse('{"cost": 0.0000525}') == {"cost": Decimal("0.0000525")}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 9_000, "1" * 5_000, "[" + "{}," * 10_001 + "{}]", b"\xff\xfe{", "nope"],
    ids=["empty", "open", "deep", "digits", "many", "bytes", "word"],
)
def test_what_is_no_json_or_too_much_of_it_is_refused(text: str | bytes) -> None:
    with pytest.raises(BodyError):
        parse(text)


def test_a_number_that_is_none_is_not_known() -> None:
    assert parse("[NaN, Infinity, 1.0e99999999999999999999]") == [None, None, None]


@settings(deadline=None)
@given(st.text() | st.binary())
def test_parsing_raises_nothing_but_its_own_error(text: str | bytes) -> None:
    try:
        parse(text)
    except BodyError:
        return
