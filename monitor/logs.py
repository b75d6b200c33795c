"""Logs: one line per event, on stderr, free of secrets.

A line is `2026-11-22T10:41:07.123Z WARNING monitor.runtime.ledger: text`; what follows an
exception stands on the same line. Nothing reaches a handler that was not cleaned here.
"""

import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType

from monitor.domain.secrets import Secret, redact

_LONGEST = 4000
_NOISY = ("httpx", "httpcore", "apscheduler", "asyncio", "uvicorn.access", "alembic")


class _OneLine(logging.Formatter):
    """Formats a record on one line, with every secret masked."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        super().__init__()
        self._secrets: list[Secret] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[Secret]) -> None:
        # The longest first: a key may begin with another one.
        known = {*self._secrets, *secrets}
        self._secrets = sorted(known, key=lambda s: len(s.reveal()), reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info:
            text = f"{text} | {self.formatException(record.exc_info)}"
        line = f"{at.replace('+00:00', 'Z')} {record.levelname} {record.name}: {text}"
        return redact(" ⏎ ".join(line.splitlines()), self._secrets, limit=_LONGEST)

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        _, error, trace = ei
        if error is None:
            return "no exception"
        frames = traceback.extract_tb(trace)
        where = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames[-6:]))
        return f"{type(error).__name__}: {error} ({where})"


def configure(level: int | str = logging.INFO, secrets: Iterable[Secret] = ()) -> None:
    """Send all logs of this process to stderr, in place of whatever was configured before.

    `secrets` are masked wherever they stand, as is whatever looks like a key.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(secrets))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide(secrets: Iterable[Secret]) -> None:
    """Mask these, too, from now on; what was masked before stays so."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _OneLine):
            handler.formatter.hide(secrets)
