"""Problems: what is wrong with a settings file, where, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `text` is "problem; remedy"; `value` is as written, or masked."""

    file: Path
    line: int
    text: str
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        parts = (f"{self.file}:{self.line}", self.key, self.value, self.text)
        return ": ".join(part for part in parts if part)


class SettingsError(Exception):
    """A settings file that cannot be used; `problems` holds all that was found, by line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.key)))
        super().__init__("\n".join(map(str, self.problems)))


def spell(path: KeyPath) -> str:
    """A key path as a reader writes it: `providers.openai.models[0].interval`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
