"""`inferwatch budgets`: how the budgets stand, and other amounts for a while."""

from typing import Annotated

import typer

app = typer.Typer(help="Budgets: how they stand, and other amounts for a while.")
_NAME = typer.Argument(help="A budget's name, as the settings have it.")
_JSON = typer.Option("--json", help="Print JSON, for scripts.")


@app.callback(invoke_without_command=True)
def list_(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show what each budget has spent of its period, what that comes to, and when it is used up.

    Budgets are in the settings; they stop nothing, and tell once a period at each threshold.
    """
    if context.invoked_subcommand is None:
        from monitor.cli import budgeting

        budgeting.show(as_json=as_json)


@app.command("override")
def override(
    name: Annotated[str, _NAME],
    amount: Annotated[str, typer.Argument(help="USD for a period, such as 400.")],
    until: Annotated[str, typer.Option(help="7d, 18:30 or '2026-12-01 00:00'.")],
    reason: Annotated[str, typer.Option(help="Why; shown wherever the budget is.")] = "",
) -> None:
    """Let another amount hold until then. No threshold is told a second time for it."""
    from monitor.cli import budgeting

    budgeting.override(name, amount, until=until, reason=reason)


@app.command("end-override")
def end_override(name: Annotated[str, _NAME]) -> None:
    """Let the amount of the settings hold again."""
    from monitor.cli import budgeting

    budgeting.end_override(name)
