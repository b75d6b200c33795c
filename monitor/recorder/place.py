"""Place: where the monitor is, and where events wait on disk meanwhile, by the environment."""

import os
from dataclasses import dataclass
from typing import Final

_DEFAULT_URL: Final = "http://127.0.0.1:8051"
_DEFAULT_SPOOL_MB: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where to deliver. `spool` is a folder; a process keeps at most `spool_bytes` in it."""

    url: str
    token: str
    spool: str
    spool_bytes: int

    def __repr__(self) -> str:
        return f"Place({self.url!r})"


def has_token() -> bool:
    return bool(os.environ.get("INFERWATCH_TOKEN"))


def read_place() -> Place:
    """INFERWATCH_URL, _TOKEN, _SPOOL (a folder) and _SPOOL_MB, or what is usual for them."""
    said = os.environ.get
    state = said("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111 - pathlib is slow to load
    return Place(
        url=(said("INFERWATCH_URL") or _DEFAULT_URL).rstrip("/"),
        token=said("INFERWATCH_TOKEN") or "",
        spool=said("INFERWATCH_SPOOL") or f"{state}/inferwatch/recorder",
        spool_bytes=int(said("INFERWATCH_SPOOL_MB") or _DEFAULT_SPOOL_MB) * 1024 * 1024,
    )
