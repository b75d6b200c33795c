"""Write: a first settings file, put down whole or not at all, and never over another."""

import os
import tempfile
from pathlib import Path

from monitor.settings.problems import Problem, SettingsError


def write_new(path: Path, text: str) -> None:
    """A new file with that text, readable by its owner only.

    Raises SettingsError where a file is there already, or none can be written.
    """
    if path.exists():
        raise _taken(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _write_aside(path, text)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        os.link(temporary, path)  # unlike a rename, this fails where the name is taken
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink()


def _taken(path: Path) -> SettingsError:
    text = "is there already and is never overwritten; move it away, or use another --path"
    return SettingsError([Problem(path, 1, text)])


def _unwritable(path: Path, error: OSError) -> SettingsError:
    reason = error.strerror or type(error).__name__
    text = f"cannot be written ({reason}); choose another folder with --path"
    return SettingsError([Problem(path, 1, text)])


def _write_aside(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
