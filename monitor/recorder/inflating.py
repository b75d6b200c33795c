"""Inflating: a second reading of a compressed body. The program's own is none of our business.

Brotli and zstandard are not in the standard library; where a client offers them, its own package
is loaded already, and is used without importing anything.
"""

import sys
import zlib
from collections.abc import Callable
from typing import Any

Inflate = Callable[[bytes], bytes]


def inflater_for(encoding: str) -> Inflate | None:
    """What undoes a Content-Encoding; `None` where nobody here can."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    match names:
        case [] | ["identity"]:
            return bytes
        case ["gzip" | "x-gzip" | "deflate" as name]:
            return _zlib(raw=name == "deflate")
        case ["br"]:
            return _brotli()
        case ["zstd"]:
            return _zstandard()
        case _:
            return None


def _zlib(*, raw: bool) -> Inflate:
    """Gzip or zlib, told apart by their head; "deflate" may mean a bare stream, too."""
    opened: list[Any] = []

    def inflate(piece: bytes) -> bytes:
        if not opened and piece:
            is_bare = raw and piece[0] & 0x0F != zlib.DEFLATED
            opened.append(zlib.decompressobj(-zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS | 32))
        return opened[0].decompress(piece) if opened else b""

    return inflate


def _brotli() -> Inflate | None:
    module: Any = sys.modules.get("brotli") or sys.modules.get("brotlicffi")
    if module is None:
        return None
    opened = module.Decompressor()
    inflate: Inflate = getattr(opened, "decompress", None) or opened.process
    return inflate


def _zstandard() -> Inflate | None:
    module: Any = sys.modules.get("compression.zstd") or sys.modules.get("zstandard")
    if module is None:
        return None
    bare = getattr(module, "ZstdDecompressor")()  # noqa: B009 - either module has its own
    opened = bare.decompressobj() if hasattr(bare, "decompressobj") else bare
    inflate: Inflate = opened.decompress
    return inflate
