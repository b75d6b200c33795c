"""`inferwatch keys`: tokens for whoever tells the monitor of calls, or reads what it knows."""

from typing import Annotated

import typer

app = typer.Typer(help="Tokens of the monitor's own API: make, list, revoke.", no_args_is_help=True)
_NAME = typer.Argument(help="How the token is called, for you to know it by.")


@app.command("create")
def create(
    name: Annotated[str, _NAME],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="ingest: tell of calls; read: from other machines. [default: ingest]"),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="90d or '2027-01-31 12:00'; none: until revoked.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Whose calls are, that do not say.")] = None,
    project: Annotated[str | None, typer.Option(help="As --team.")] = None,
    app_url: Annotated[str | None, typer.Option("--app", help="As --team.")] = None,
    key: Annotated[str | None, typer.Option(help="As --team: a provider's key alias.")] = None,
) -> None:
    """Make a token, and print it: once, and never again.

    The monitor takes it at once. Only a hash of it is stored.
    """
    from monitor.cli import tokens
    from monitor.domain.calls import Attribution

    whose = Attribution(team, project, app_url, key)
    tokens.create(name, scope or ["ingest"], expires, whose)


@app.command("list")
def list_() -> None:
    """Show all tokens by name: scopes, whose, and when they were made, used, and end."""
    from monitor.cli import tokens

    tokens.show()


@app.command("revoke")
def revoke(name: Annotated[str, _NAME]) -> None:
    """Let a token hold no longer; within two seconds the monitor takes it no more."""
    from monitor.cli import tokens

    tokens.revoke(name)
