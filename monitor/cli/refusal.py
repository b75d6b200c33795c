"""Refusals: expected trouble, told in a line or some, without a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.settings.problems import SettingsError

USAGE = 2
_INTERRUPTED = 130


class Refusal(Exception):
    """A command that cannot do what it was asked; the text says why and what to do."""

    def __init__(self, text: str, exit_code: int = USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@contextmanager
def refusing() -> Iterator[None]:
    """Turn expected trouble into a line on stderr and an exit code."""
    try:
        yield
    except Refusal as refusal:
        sys.stderr.write(f"inferwatch: {refusal}\n")
        sys.exit(refusal.exit_code)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
