"""Imports: files of calls, and how far they were read."""

from typing import NamedTuple


class Position(NamedTuple):
    """How far a file was read: its first `rows` rows, `bad` of which were not taken.

    `digest` stands for its content and for how it is read; `is_whole` says that no row is left.
    """

    digest: bytes
    name: str
    rows: int
    bad: int
    is_whole: bool
