"""Files: what is imported, as lines of text that are never longer than they may be.

Packed files are recognised by their first bytes, encodings by their mark. Bytes that are none of
the encoding become lone surrogates, so that only the row that they stand in is spoilt.
"""

import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, TextIO, cast

#: A row, its quoted line ends included, has no more characters.
MAX_ROW = 1024 * 1024
_GZIP = b"\x1f\x8b"
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_CHUNK = 1024 * 1024


class Unreadable(OSError):
    """A file that cannot be read, or not to its end."""


class TooLong(ValueError):
    """A row that has no end where it should have one."""


class File:
    """A file that is being read: its text, and how many of its bytes are done."""

    def __init__(self, raw: BinaryIO, text: TextIO) -> None:
        self._raw, self.text = raw, text

    @property
    def done_bytes(self) -> int:
        """How far it was read, as it lies on disk."""
        return self._raw.tell()


class Lines:
    """Physical lines, which may be read again from the second line of a row that was spoilt.

    `number` is that of the line given last, `taken` are the lines since `begin`; `is_over` says
    that a row asked for more than there is.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []
        self._size = 0
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            self.is_over = True
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            self._skip_rest(line)
            # Its end is gone, and must not be sought again.
            self.taken[-1] = line.rstrip("\r\n") + "\n"
            raise TooLong
        return line

    def begin(self) -> int:
        """Begin a row; the number of its first line."""
        self.taken, self._size, self.is_over = [], 0, False
        return self.number + 1

    def peek(self) -> str:
        """The first line of what comes that is not empty; nothing is taken."""
        ahead = [self._read()]
        while ahead[-1].isspace():
            ahead.append(self._read())
        self._again.extend(line for line in ahead if line)
        return ahead[-1]

    def retry(self) -> None:
        """Give the lines of this row again, but for its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]

    def _read(self) -> str:
        try:
            return self._text.readline(MAX_ROW + 1)
        except (OSError, EOFError, zlib.error, UnicodeError) as error:
            raise Unreadable(f"breaks off after line {self.number:,}: {error}") from None

    def _skip_rest(self, line: str) -> None:
        while len(line) > MAX_ROW and not line.endswith(("\n", "\r")):
            line = self._read()


@contextmanager
def opened(path: Path, encoding: str | None = None) -> Iterator[File]:
    """A file to be read once. Raises Unreadable."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    with raw:
        bare = _unpack(raw)
        text = io.TextIOWrapper(
            cast("BinaryIO", bare),
            encoding or _encoding(bare),
            errors="surrogateescape",
            newline="",
        )
        yield File(raw, text)


def digest(path: Path) -> bytes:
    """What stands for the content of a file. Raises Unreadable."""
    found = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    return found.digest()


def is_text(text: str) -> bool:
    """Whether all of it was in the encoding that it is read by."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unpack(raw: BinaryIO) -> io.BufferedReader | gzip.GzipFile:
    buffered = cast("io.BufferedReader", raw)
    if buffered.peek(2)[:2] == _GZIP:
        return gzip.GzipFile(fileobj=raw, mode="rb")
    return buffered


def _encoding(file: io.BufferedReader | gzip.GzipFile) -> str:
    try:
        begins = file.peek(4)[:4]
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"is no whole gzip: {error}") from None
    return next((name for mark, name in _MARKS.items() if begins.startswith(mark)), "utf-8")
