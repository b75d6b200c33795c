"""`inferwatch init`: writes the settings that `up` would begin with, and starts nothing."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    path: Annotated[
        Path | None, typer.Option(help="Where to write; else ./inferwatch.yaml.")
    ] = None,
    local: Annotated[
        bool, typer.Option("--local/--no-local", help="Look for servers on this machine.")
    ] = True,
) -> None:
    """Write settings from what is found here.

    It looks for keys in the environment and for servers on this machine, and starts nothing. Keys
    stay in the environment: the file refers to them. An existing file is never overwritten. With
    nothing found, it is the settings of the demo.
    """
    from monitor.cli.first_start import begin
    from monitor.settings.environment import settings_path

    begin(path or settings_path(), looks_locally=local)
