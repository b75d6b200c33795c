"""`inferwatch doctor`: looks whether everything that the installation needs is in order."""

import typer


def doctor() -> None:
    """Check that everything needed is in order.

    Settings, keys, prices, disk, database, clock, writer, sums and monitor: each a line, with how
    to mend it. Exit code 1 if anything fails. Keys are looked for and never shown.
    """
    from monitor.cli.examination import examine
    from monitor.cli.findings import Grade

    findings = list(examine())
    for finding in findings:
        typer.echo(f"{finding.grade.value:<4}  {finding.subject:<9} {finding.text}")
    if any(finding.grade is Grade.FAIL for finding in findings):
        raise typer.Exit(1)
