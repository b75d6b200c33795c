import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.bodies import BodyError, Decoder, parse

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "": bytes,
    "Identity": bytes,
}
MIB = 1024 * 1024


def decode(encoding: str, packed: bytes, step: int = 100) -> list[bytes]:
    decoder = Decoder(encoding)
    cuts = range(0, len(packed), step)
    return [piece for at in cuts for piece in decoder.decode(packed[at : at + step])]


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_known_encoding_is_undone(encoding: str) -> None:
    pieces = decode(encoding, PACKERS[encoding](b"pong" * 50_000))

    assert b"".join(pieces) == b"pong" * 50_000
    assert max(map(len, pieces)) <= 32 * 1024


@settings(deadline=None)
@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=5_000), st.integers(1, 5_000))
def test_any_cut_is_undone_alike(encoding: str, content: bytes, step: int) -> None:
    assert b"".join(decode(encoding, PACKERS[encoding](content), step)) == content


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_is_refused_where_its_bound_is(encoding: str) -> None:
    is_plain = PACKERS[encoding] is bytes
    max_kib = 4096 if is_plain else 1000
    decoder, total = Decoder(encoding), 0
    bomb = PACKERS[encoding](bytes(20 * MIB))

    with pytest.raises(BodyError, match=f"body over {max_kib} KiB"):  # noqa: PT012
        for at in range(0, len(bomb), 8192):
            for piece in decoder.decode(bomb[at : at + 8192]):
                total += len(piece)
    assert max_kib * 900 < total <= max_kib * 1024


@pytest.mark.parametrize("window_bits", range(10, 25))
def test_any_window_of_brotli_is_undone(window_bits: int) -> None:
    words = [f"{number * 7919 % 65_521:x}" for number in range(60_000)]
    content = " ".join(words + words + words).encode()[: 1000 * 1024]
    packed = brotli.compress(content, quality=9, lgwin=window_bits)

    assert len(content) > 800_000
    assert b"".join(decode("br", packed, 8192)) == content


def test_bytes_of_which_nothing_comes_are_counted_too() -> None:
    """Empty blocks of deflate, five bytes each, for ever."""
    start, empty = zlib.compressobj().flush(zlib.Z_SYNC_FLUSH), b"\x00\x00\x00\xff\xff"

    with pytest.raises(BodyError, match="body over 1000 KiB"):
        decode("deflate", start + empty * MIB, 8192)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "compress", "x" * 1000])
def test_an_encoding_that_we_do_not_know_is_refused(encoding: str) -> None:
    with pytest.raises(BodyError, match=r"^body is encoded as .{1,20}, which we cannot undo$"):
        Decoder(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_corrupt_compression_is_refused(encoding: str) -> None:
    with pytest.raises(BodyError, match="not the compressed data"):
        list(Decoder(encoding).decode(b"not compressed at all"))


@settings(deadline=None)
@given(st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.binary(), st.integers(1, 20))
def test_no_bytes_make_a_decoder_raise_anything_else(
    encoding: str, packed: bytes, step: int
) -> None:
    with suppress(BodyError):
        decode(encoding, packed, step)


def test_what_follows_the_end_of_gzip_is_not_looked_at() -> None:
    assert b"".join(decode("gzip", gzip.compress(b"pong") + b"padding")) == b"pong"


def test_money_in_json_is_never_a_float() -> None:
    assert parse('{"cost": 0.0000525}') == {"cost": Decimal("0.0000525")}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 9_000, "1" * 5_000, "[" + "{}," * 2_001 + "{}]", b"\xff\xfe{", "nope"],
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
