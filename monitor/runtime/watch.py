"""Watching a file: whether it is another one than before, however it was written."""

import os
from pathlib import Path

Signature = tuple[int, ...]


class FileWatch:
    """One file, looked at from time to time.

    What stands at the path counts: a file written in place or put there by a rename, or another
    target of a symbolic link on the way. Polling sees all of them, on network disks too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: Signature | None = ()
        self._seen: Signature | None = ()

    def has_changed(self) -> bool:
        """Whether it differs from what was told last, and has stood still since the last look.

        An editor may write in pieces; the file as it was at first counts as a change.
        """
        now, before = _sign(self._path), self._seen
        self._seen = now
        if now != before or now == self._told:
            return False
        self._told = now
        return True


def _sign(path: Path) -> Signature | None:
    try:
        found = os.stat(path)  # noqa: PTH116 -- follows links, and says why not by the same error
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns, found.st_mtime_ns, found.st_size
