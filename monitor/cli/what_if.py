"""`inferwatch what-if`: what calls that were made would cost at other endpoints."""

from typing import Annotated

import typer

_FILTER = typer.Option(help="Only these calls; (none): those of which it is not known.")


def what_if(
    endpoints: Annotated[
        list[str] | None, typer.Argument(help="Endpoints such as openai/gpt-4o. [default: all]")
    ] = None,
    *,
    window: Annotated[
        str, typer.Option(help="1h, 24h, 7d, 30d, 90d, mtd (this month), last (the month before).")
    ] = "30d",
    model: Annotated[str | None, _FILTER] = None,
    provider: Annotated[str | None, _FILTER] = None,
    team: Annotated[str | None, _FILTER] = None,
    project: Annotated[str | None, _FILTER] = None,
    app: Annotated[str | None, _FILTER] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show what the team's calls would have cost at the prices that other endpoints have now.

    The same tokens, call by call, with tiers, caching and hours of the day. What cannot be carried
    over is said; that another model counts, thinks and writes differently is not known to anybody.
    """
    from monitor.cli import elsewhere

    only = {"model": model, "provider": provider, "team": team, "project": project, "app": app}
    elsewhere.show(endpoints or [], only | {"window": window}, as_json=as_json)
