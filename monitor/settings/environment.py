"""Environment: the only place that reads the process's environment variables."""

import os
from collections.abc import Mapping
from pathlib import Path

SETTINGS_VARIABLE = "INFERWATCH_SETTINGS"
DEFAULT_PATH = Path("inferwatch.yaml")


def environment() -> Mapping[str, str]:
    """The process's environment variables."""
    return os.environ


def settings_path(variables: Mapping[str, str] | None = None) -> Path:
    """The settings file: what INFERWATCH_SETTINGS says, else `inferwatch.yaml` here."""
    variables = environment() if variables is None else variables
    return Path(variables.get(SETTINGS_VARIABLE) or DEFAULT_PATH)


def child_environment(path: Path) -> dict[str, str]:
    """The variables for a process of ours that is to read the settings at `path`."""
    return {**os.environ, SETTINGS_VARIABLE: str(path.resolve())}
