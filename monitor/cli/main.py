"""The `inferwatch` command: which commands there are, and how their trouble is told."""

import sys
from typing import Annotated, NoReturn

import typer

from monitor.cli import (
    alerts,
    bills,
    budgets,
    check,
    db,
    doctor,
    imports,
    incidents,
    init,
    keys,
    maintenance,
    pause,
    prices,
    rehearse,
    reload,
    replay,
    report,
    schema,
    spend,
    status,
    up,
    usage,
    what_if,
)
from monitor.cli.refusal import refusing

app = typer.Typer(
    name="inferwatch",
    help="Watches the LLM APIs a team depends on: is each one up, how fast, how many tokens, "
    "how much money.",
    epilog="Settings: ./inferwatch.yaml, or the file that INFERWATCH_SETTINGS names. "
    "`inferwatch up` begins with what it finds: keys in the environment, servers on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("status")(status.status)
app.command("usage")(usage.usage)
app.command("spend")(spend.spend)
app.command("what-if")(what_if.what_if)
app.command("report")(report.report)
app.command("export")(report.export)
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.command("reload")(reload.reload)
app.command("import")(imports.import_)
app.command("doctor")(doctor.doctor)
app.command("rehearse")(rehearse.rehearse)
app.command("replay")(replay.replay)
app.add_typer(alerts.app, name="alerts")
app.add_typer(incidents.app, name="incidents")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(keys.app, name="keys")
app.add_typer(db.app, name="db")
app.add_typer(prices.app, name="prices")
app.add_typer(budgets.app, name="budgets")
app.add_typer(bills.app, name="bills")
app.add_typer(schema.app, name="settings")
app.command("monitor")(up.monitor)
app.command("dashboard")(up.dashboard)
app.command("simulator", hidden=True)(up.simulator)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("inferwatch")
        except PackageNotFoundError:
            number = "(a checkout that is not installed)"
        typer.echo(f"inferwatch {number}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Options of every command."""


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 found wanting, 2 asked wrongly."""
    with refusing():
        app(prog_name="inferwatch")
    sys.exit(0)
