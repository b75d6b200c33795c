"""`inferwatch prices`: what every endpoint costs, who says so, and what you say."""

from typing import Annotated

import typer

app = typer.Typer(help="Prices: show them, and set your own.", no_args_is_help=True)
_NAME = typer.Argument(help="An endpoint's id, as `status` shows it, or a model's author/slug.")
_JSON = typer.Option("--json", help="Print JSON, for scripts.")


@app.command("list")
def list_(as_json: Annotated[bool, _JSON] = False) -> None:
    """Show the price of every endpoint that is in force, its source, and its age."""
    from monitor.cli import pricing

    pricing.show_all(as_json=as_json)


@app.command("show")
def show(
    name: Annotated[str, _NAME],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show all prices that an endpoint or model ever had, the newest first."""
    from monitor.cli import pricing

    pricing.show_history(name, as_json=as_json)


@app.command("set")
def set_(
    name: Annotated[str, _NAME],
    rates: Annotated[list[str], typer.Argument(help="Such as input=2.50 output=10, or free.")],
    since: Annotated[
        str | None, typer.Option("--from", help="'2026-11-01 00:00': from then on, not from now.")
    ] = None,
    markup: Annotated[str, typer.Option(help="Percent on top; -10 is a discount.")] = "0",
) -> None:
    """Set your own price: USD per million tokens; images, requests and searches USD for one.

    batch.input=1.25 is for the batch tier (flex and priority too), input@200000+=5 for calls of
    more than 200,000 input tokens, input@16:30-00:30=0.135 for those hours of UTC. It holds at
    once, and until you set another one; what was recorded before keeps its cost.
    """
    from monitor.cli import pricing

    pricing.set_price(name, rates, since=since, markup=markup)
