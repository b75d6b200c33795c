"""`inferwatch settings`: about the settings file."""

import typer

app = typer.Typer(help="About the settings file.", no_args_is_help=True)


@app.callback()
def settings() -> None:
    """About the settings file."""


@app.command()
def schema() -> None:
    """Print the JSON Schema of the settings file, for completion in editors.

    Point your editor at it with a first line like
    `# yaml-language-server: $schema=inferwatch.schema.json`.
    """
    from monitor.settings.schema import render

    typer.echo(render(), nl=False)
