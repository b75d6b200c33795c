"""`inferwatch alerts silence`, `silences` and `unsilence`: hold alerts for a while."""

import json
from typing import Annotated

import typer

from monitor.domain.alerts import AlertKind


def silence(
    alert: Annotated[int | None, typer.Argument(min=1, help="An alert's number.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Alerts of the endpoint of this id.")] = None,
    provider: Annotated[str | None, typer.Option(help="Alerts of this provider.")] = None,
    kind: Annotated[AlertKind | None, typer.Option(help="Alerts of this kind.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="All alerts.")] = False,
    until: Annotated[str | None, typer.Option(help="2h, 18:30 or '2026-12-01 22:00'.")] = None,
    until_recovered: Annotated[
        bool, typer.Option("--until-recovered", help="Until what fails now is over.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; shown wherever the silence is.")] = "",
) -> None:
    """Hold alerts, and tell them afterwards.

    At its end what still lasts is told, and what came and went as one summary. With
    --until-recovered the open alerts it names are told no more, their end included.
    """
    from monitor.cli import silencing

    scope = silencing.scope(alert, endpoint, provider, kind, is_all=is_all)
    typer.echo(silencing.silence(scope, until, reason, until_recovered=until_recovered))


def silences(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """The silences that hold."""
    from monitor.cli import silencing

    found = silencing.read()
    typer.echo(json.dumps(silencing.describe(found), indent=2) if as_json else found.spell())


def unsilence(
    number: Annotated[int, typer.Argument(min=1, help="The silence's number.")],
) -> None:
    """End a silence now; what it held and still lasts is told."""
    from monitor.cli import silencing

    typer.echo(silencing.unsilence(number))
