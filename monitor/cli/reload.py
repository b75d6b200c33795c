"""`inferwatch reload`: let the monitor read its settings again."""

import json
from typing import Annotated

import typer


def reload(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Let the running monitor read its settings again, and say what is different.

    It does so by itself some seconds after an edit. A file with a mistake is refused as a whole,
    and the settings before it hold on. Exit code: 0 read, 1 refused or no monitor.
    """
    from monitor.cli import asking
    from monitor.cli.refusal import Refusal
    from monitor.cli.starting import read_settings
    from monitor.settings.problems import SettingsError

    try:
        settings = read_settings()
    except SettingsError as error:
        text = f"the settings are refused; a running monitor keeps those before\n{error}"
        raise Refusal(text, 1) from None
    if not asking.is_running(settings.monitor_port):
        text = f"no monitor answers on port {settings.monitor_port}; it reads them at its start"
        raise Refusal(text, 1)
    found = asking.reload(settings.monitor_port)
    typer.echo(json.dumps(found, indent=2) if as_json else _spell(found))
    if found["problems"]:
        raise typer.Exit(1)


def _spell(found: dict[str, list[str]]) -> str:
    if found["problems"]:
        return "\n".join(["Refused; the settings before hold on.", *found["problems"]])
    lines = [
        f"{name.capitalize()}: {', '.join(sorted(found[name]))}"
        for name in ("added", "removed", "renamed", "changed")
        if found[name]
    ]
    return "\n".join([*(lines or ["No endpoint is different."]), *found["restarts"]])
