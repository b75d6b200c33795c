"""`inferwatch maintenance`: windows in which failures are expected, and their alerts held."""

import json
from typing import Annotated

import typer

app = typer.Typer(
    help="Windows in which failures are expected, and their alerts held.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("add")
def add(
    name: Annotated[
        str | None, typer.Argument(help="An endpoint's id, or a provider's name.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="All endpoints.")] = False,
    from_: Annotated[
        str | None, typer.Option("--from", help="18:30 or '2026-12-01 22:00'; none: now.")
    ] = None,
    until: Annotated[str, typer.Option(help="2h, 18:30 or '2026-12-01 22:00'.")] = "",
    reason: Annotated[str, typer.Option(help="What is done then.")] = "",
) -> None:
    """Declare a window. Probes go on; availability leaves the time out, and alerts wait."""
    from monitor.cli import upkeeping

    typer.echo(upkeeping.add(name, from_, until, reason, is_all=is_all))


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """The windows of now and of the next 35 days, those of the settings too."""
    from monitor.cli import upkeeping

    found = upkeeping.read()
    typer.echo(json.dumps(upkeeping.describe(found), indent=2) if as_json else found.spell())


@app.command("end")
def end(number: Annotated[int, typer.Argument(min=1, help="The window's number.")]) -> None:
    """End a window now; one that has not begun is gone. What still fails is told."""
    from monitor.cli import upkeeping

    typer.echo(upkeeping.end(number))
