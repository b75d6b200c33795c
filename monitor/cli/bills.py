"""`inferwatch bills`: what providers say that days cost, beside our own sums."""

from typing import Annotated

import typer

app = typer.Typer(help="Bills: what providers say that days cost, beside our own sums.")
_JSON = typer.Option("--json", help="Print JSON, for scripts.")


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show what each source billed in the last 30 complete days (UTC), beside our own sums.

    Sources are in the settings, under `bills:` (docs/bills.md). What they say is added to nothing.
    """
    if context.invoked_subcommand is None:
        from monitor.cli import billing

        billing.show(as_json=as_json)


@app.command("fetch")
def fetch(as_json: Annotated[bool, _JSON] = False) -> None:
    """Ask all sources now, and show what they say."""
    from monitor.cli import billing

    billing.fetch(as_json=as_json)
