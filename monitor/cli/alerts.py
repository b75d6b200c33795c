"""`inferwatch alerts`: who is told, what was told, and what could not be."""

import json
from typing import Annotated

import typer

from monitor.cli import silence
from monitor.domain.alerts import AlertKind, Severity

app = typer.Typer(
    help="Channels, deliveries and dead letters.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@app.callback()
def alerts(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many deliveries.")] = 20,
) -> None:
    """Channels with their last success and last error, dead letters, the newest deliveries.

    Exit code: 0 all is well, 1 there are dead letters, or a channel is off.
    """
    if context.invoked_subcommand is not None:
        return
    from monitor.cli import alerting

    book = alerting.read(limit)
    typer.echo(json.dumps(alerting.describe(book), indent=2) if as_json else alerting.spell(book))
    if book.dead or any(each.off_ms is not None for each in book.channels):
        raise typer.Exit(1)


@app.command("test")
def test(channel: Annotated[str, typer.Argument(help="The channel's name.")]) -> None:
    """Send a test to a channel now, through the running monitor. Exit code: 0 taken, 1 not."""
    from monitor.cli import alerting

    typer.echo(alerting.test(channel))


@app.command("enable")
def enable(channel: Annotated[str, typer.Argument(help="The channel's name.")]) -> None:
    """Send to a channel again that was switched off because it refused all the time."""
    from monitor.cli import alerting

    typer.echo(alerting.enable(channel))


@app.command("routes")
def routes(
    severity: Annotated[Severity, typer.Option(help="Of which severity.")] = Severity.CRITICAL,
    kind: Annotated[AlertKind, typer.Option(help="Of which kind.")] = AlertKind.AVAILABILITY,
    provider: Annotated[str | None, typer.Option(help="At which provider.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Of which endpoint, by its id.")] = None,
    team: Annotated[str | None, typer.Option(help="Whose calls it would affect.")] = None,
) -> None:
    """Say who would be told now of an alert like this, and when. Nothing is sent."""
    from monitor.cli import routing

    supposed = routing.Supposed(severity, kind, provider, endpoint, team)
    typer.echo(routing.explain(supposed))


@app.command("preview")
def preview(
    channel: Annotated[str | None, typer.Argument(help="The channel's name; else all.")] = None,
) -> None:
    """Print each kind of message as a channel would word it. Nothing is sent."""
    from monitor.cli import previewing

    typer.echo(previewing.spell(channel))


@app.command("resend")
def resend(
    number: Annotated[int, typer.Argument(min=1, help="The dead letter's number.")],
) -> None:
    """Send a dead letter again. If its alert is over meanwhile, it tells all of it at once."""
    from monitor.cli import alerting

    typer.echo(alerting.resend(number))


app.command("silence")(silence.silence)
app.command("silences")(silence.silences)
app.command("unsilence")(silence.unsilence)
