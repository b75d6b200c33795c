"""`inferwatch rehearse`: how soon simulated outages would be seen, and how often for nothing."""

from typing import Annotated

import typer


def rehearse(
    *,
    interval: Annotated[str, typer.Option(help="Time between two paid probes.")] = "5m",
    reach_interval: Annotated[str, typer.Option(help="Time between two free checks.")] = "60s",
    failures: Annotated[
        int | None, typer.Option(min=1, help="Failures in a row that confirm.")
    ] = None,
    window: Annotated[
        str, typer.Option(help="Failures of the last probes that confirm, as 3/6; 0 turns it off.")
    ] = "",
    span: Annotated[str, typer.Option(help="How long a failure has to last, at least.")] = "",
    endpoints: Annotated[int, typer.Option(min=1, max=100, help="Simulated endpoints.")] = 6,
    months: Annotated[int, typer.Option(min=1, max=120, help="Simulated months of each.")] = 12,
    inference_only: Annotated[
        bool, typer.Option(help="Outages in which the list of models still answers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Rehearse the rules on simulated months: outages, blips, slow-downs, storms.

    Prints how many outages are seen, how soon, how many alarms are false and what the probes cost,
    for these rules beside the plain ones of other monitors, tuned to as few false alarms and as
    many probes. Nothing is sent and nothing is stored.
    """
    from monitor.cli import rehearsing

    rules = rehearsing.read_rules(
        interval, reach_interval, failures=failures, window=window, span=span
    )
    scenario = rehearsing.make_scenario(endpoints, months, is_whole_api=not inference_only)
    found = rehearsing.run(scenario, rules)
    rehearsing.tell_json(found) if as_json else rehearsing.tell(found)
