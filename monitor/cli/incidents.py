"""`inferwatch incidents`: what failed, who is at it, and what was learnt of it."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Incidents: what failed, who is at it, and what was learnt of it.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
_NUMBER = typer.Argument(min=1, help="The incident's number.")
_JSON = typer.Option("--json", help="Print JSON, for scripts.")
_BY = typer.Option("--by", help="Who says it; else your user name.")
_TEXT = typer.Argument(help="The text; - reads it from the input.")


@app.callback()
def incidents(
    context: typer.Context,
    as_json: Annotated[bool, _JSON] = False,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far back.")] = 30,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> None:
    """List the newest incidents: since when, of whom, how grave, at which stage, how long."""
    if context.invoked_subcommand is None:
        from monitor.cli import witnessing

        typer.echo(witnessing.list_(days, limit, as_json=as_json))


@app.command("show")
def show(number: Annotated[int, _NUMBER], as_json: Annotated[bool, _JSON] = False) -> None:
    """Show all that is known of one: cause, cost, who was told, who is at it, what was noted."""
    from monitor.cli import witnessing

    typer.echo(witnessing.show(number, as_json=as_json))


@app.command("ack")
def acknowledge(
    number: Annotated[int, _NUMBER],
    words: Annotated[str, typer.Argument(help="What you say to it.")] = "",
    by: Annotated[str, _BY] = "",
) -> None:
    """Say that you are at it, and at all that is told with it: nobody is reminded any more."""
    from monitor.cli import saying

    typer.echo(saying.acknowledge(number, words, by))


@app.command("note")
def note(
    number: Annotated[int, _NUMBER],
    text: Annotated[str, _TEXT],
    by: Annotated[str, _BY] = "",
) -> None:
    """Note something beside it."""
    from monitor.cli import saying

    typer.echo(saying.note(number, text, by))


@app.command("post-mortem")
def post_mortem(
    number: Annotated[int, _NUMBER],
    text: Annotated[str, _TEXT],
    by: Annotated[str, _BY] = "",
) -> None:
    """Write the post-mortem of one that is over; a newer one takes the place of it."""
    from monitor.cli import saying

    typer.echo(saying.post_mortem(number, text, by))
