"""`inferwatch spend`: what a window cost, for whom, and what changed it."""

from typing import Annotated

import typer

_FILTER = typer.Option(help="Only these calls; (none): those of which it is not known.")


def spend(
    *,
    by: Annotated[
        str,
        typer.Option(
            help="model, provider, endpoint, app, team, project, key, user, tag, origin, or all."
        ),
    ] = "model",
    window: Annotated[
        str, typer.Option(help="1h, 24h, 7d, 30d, 90d, mtd (this month), last (the month before).")
    ] = "mtd",
    since: Annotated[
        str | None, typer.Option("--from", help="A day such as 2026-11-01, or an instant.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="The last day, or the instant of the end.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Whose days. [default: the settings' zone]")
    ] = None,
    model: Annotated[str | None, _FILTER] = None,
    provider: Annotated[str | None, _FILTER] = None,
    team: Annotated[str | None, _FILTER] = None,
    project: Annotated[str | None, _FILTER] = None,
    app: Annotated[str | None, _FILTER] = None,
    key: Annotated[str | None, _FILTER] = None,
    user: Annotated[
        str | None, typer.Option(help="Only this end user: the digits that --by user shows.")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only calls with this tag: name=value.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each owner.")] = False,
) -> None:
    """Show what the team's calls cost: the figures of the page /spend.

    Each with how many calls it knows the cost of. What changed is of complete days, against as
    many before. Probes are left out and told apart.
    """
    from monitor.cli import spending

    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv are two ways to print; choose one")
    asked = {"by": by, "zone": zone, "from": since, "to": until}
    only = {
        "model": model,
        "provider": provider,
        "team": team,
        "project": project,
        "app": app,
        "key": key,
        "user": user,
        "tag": tag,
    }
    asked["window"] = window if since is None and until is None else "custom"
    spending.show(asked | only, as_json=as_json, as_csv=as_csv)
