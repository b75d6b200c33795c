"""`inferwatch replay`: which incidents a rule of alerts would have opened."""

from typing import Annotated

import typer


def replay(
    *,
    rule: Annotated[str, typer.Option(help="The rule, as in docs/alerts.md: errors, down …")],
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Another parameter: percent=20."),
    ] = None,
    since: Annotated[str, typer.Option(help="How far back.")] = "30d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Replay a rule of alerts over what is stored, with other parameters or those in force.

    Lists the incidents that it would have opened, and which of them were opened really. Nothing is
    sent and nothing is stored.
    """
    from monitor.cli import replaying

    typer.echo(replaying.run(rule, given or [], since, as_json=as_json))
