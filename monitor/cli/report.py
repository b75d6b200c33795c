"""`inferwatch report` and `inferwatch export`: a month for managers, and for their programs."""

from pathlib import Path
from typing import Annotated

import typer

_MONTH = typer.Option(help="Such as 2026-10. [default: the last complete one]")
_FORCE = typer.Option("--force", help="Write over a file that is there.")


def report(
    out: Annotated[
        Path | None, typer.Argument(help="A .html or .pdf file. [default: report-MONTH.html]")
    ] = None,
    *,
    month: Annotated[str | None, _MONTH] = None,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Write what a month cost and what was down, to be read in two minutes.

    HTML needs nothing else and can be mailed; PDF needs `pip install 'inferwatch[pdf]'`.
    """
    from monitor.cli import reporting

    typer.echo(reporting.write_report(out, month, is_forced=force))


def export(
    out: Annotated[
        Path | None, typer.Argument(help="A .csv or .parquet file. [default: focus-MONTH.csv]")
    ] = None,
    *,
    month: Annotated[str | None, _MONTH] = None,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Write a month's charges in FOCUS columns: a row a day, endpoint and attribution.

    FOCUS (focus.finops.org) is what cost tools read; columns of our own begin with x_. Parquet
    needs `pip install 'inferwatch[parquet]'`.
    """
    from monitor.cli import reporting

    typer.echo(reporting.write_charges(out, month, is_forced=force))
