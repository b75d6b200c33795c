"""`inferwatch check`: probes once and says what it found."""

from typing import Annotated

import typer


def check(
    endpoint: Annotated[
        str | None, typer.Argument(help="Its id, as `status` shows it; none: all of them.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: print what is planned, and its cost.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    url: Annotated[
        str | None, typer.Option(help="Base URL of an API that is not in the settings.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="With --url: the model to ask.")] = None,
    flavour: Annotated[
        str | None,
        typer.Option(help="With --url: the wire API it speaks, where the URL does not tell."),
    ] = None,
    key_env: Annotated[
        str | None, typer.Option(help="With --url: the variable that holds the key.")
    ] = None,
) -> None:
    """Probe once and say what was found.

    Prints phases, tokens, cost and verdict. Exit code: 0 good, 1 not good, 2 misused. A running
    monitor makes and records the probe; else it is made here, and recorded. What is given by
    --url and --model is probed here and recorded nowhere. With --dry-run nothing is sent: it
    prints each planned probe, its interval and cost, what is stretched and what is refused.
    """
    from monitor.cli import checking, plans, verdicts

    if dry_run and (url is not None or model is not None):
        raise typer.BadParameter("--dry-run is for the settings, without --url and --model")
    if dry_run:
        plans.show_dry_run(endpoint, as_json=as_json)
        return
    if (url is None) != (model is None) or (url is not None and endpoint is not None):
        raise typer.BadParameter("--url and --model go together, without an ENDPOINT")
    if url is None or model is None:
        found = checking.check_settings(endpoint)
    else:
        found = [checking.check_given(url, model, flavour, key_env)]
    verdicts.show(found, as_json=as_json, is_list=endpoint is None and url is None)
    raise typer.Exit(0 if all(map(verdicts.is_good, found)) else 1)
