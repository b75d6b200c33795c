"""Packing: short runs of whole numbers in one column, 8 bytes each, little-endian."""

from struct import calcsize, pack, unpack

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

_SIZE = calcsize("<q")


def pack_whole(numbers: tuple[int, ...]) -> bytes:
    """The bytes of numbers."""
    return pack(f"<{len(numbers)}q", *numbers)


def unpack_whole(blob: bytes) -> tuple[int, ...]:
    """The numbers of bytes."""
    return unpack(f"<{len(blob) // _SIZE}q", blob)


class Packed(TypeDecorator[tuple[int, ...]]):
    """A run of whole numbers."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """The bytes of a run."""
        return None if value is None else pack_whole(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> tuple[int, ...] | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """The run of bytes."""
        return None if value is None else unpack_whole(value)
