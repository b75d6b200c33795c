"""`inferwatch prices`: what every endpoint costs, who says so, and what you say."""

from pathlib import Path
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


@app.command("unpriced")
def unpriced(as_json: Annotated[bool, _JSON] = False) -> None:
    """List the calls whose price nobody knows, by endpoint, and how to price them."""
    from monitor.cli import unpriced as queue

    queue.show(as_json=as_json)


@app.command("reprice")
def reprice(
    name: Annotated[str | None, typer.Argument(help="As for set; none: all endpoints.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Calls that started then or later. [default: all]")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Calls that started before. [default: now]")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without, it is only shown.")
    ] = False,
) -> None:
    """Show what past calls cost by the prices known now, by endpoint and day; or let them.

    Costs that a provider reported, and calls of unknown usage, are left alone. Sums move with the
    calls, and `undo` brings everything back.
    """
    from monitor.cli import repricing

    repricing.reprice(name, since=since, until=until, is_applied=apply)


@app.command("repricings")
def repricings() -> None:
    """List what was priced anew, by whom, and what of it is undone."""
    from monitor.cli import repricing

    repricing.show_all()


@app.command("undo")
def undo(number: Annotated[int, typer.Argument(help="As `repricings` numbers it.")]) -> None:
    """Let calls cost again what they did before a repricing."""
    from monitor.cli import repricing

    repricing.undo(number)


_IDS = typer.Argument(help="As `diff` numbers them.")


@app.command("propose")
def propose(
    file: Annotated[
        Path, typer.Argument(help="JSON of LiteLLM, OpenRouter, genai-prices, models.dev.")
    ],
    source: Annotated[
        str | None, typer.Option(help="What the source is called. [default: the file's name]")
    ] = None,
    accept_sane: Annotated[
        bool, typer.Option("--accept-sane", help="Accept at once what gives no doubts.")
    ] = False,
) -> None:
    """Compare the prices in a file with those in force; nothing changes until you accept.

    A file counts as of when it was last written: one that is older than what you decided on, or
    than the same source's last word, is left out.
    """
    from monitor.cli import proposing

    proposing.propose(file, source, accepts_sane=accept_sane)


@app.command("fetch")
def fetch() -> None:
    """Ask the sources that the settings name now; what they say is proposed, as by `propose`."""
    from monitor.cli import feeds

    feeds.fetch()


@app.command("sources")
def sources() -> None:
    """Show how each source went when it was asked last, and what of it was not understood."""
    from monitor.cli import feeds

    feeds.show()


@app.command("diff")
def diff() -> None:
    """Show proposals that nothing is decided of, with what makes one doubt them."""
    from monitor.cli import proposing

    proposing.show(only_open=True)


@app.command("disagreements")
def disagreements() -> None:
    """Show where the last word of any source, rejected ones too, is not what holds."""
    from monitor.cli import proposing

    proposing.show(only_open=False)


@app.command("accept")
def accept(numbers: Annotated[list[int], _IDS]) -> None:
    """Let proposals hold from now on; the bundled catalogue does not take their place."""
    from monitor.cli import proposing

    proposing.decide(numbers, is_accepted=True)


@app.command("reject")
def reject(numbers: Annotated[list[int], _IDS]) -> None:
    """Leave what holds; the source is asked again only when it says something else."""
    from monitor.cli import proposing

    proposing.decide(numbers, is_accepted=False)
