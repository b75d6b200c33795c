"""`inferwatch import`: calls out of files."""

from pathlib import Path
from typing import Annotated

import typer

_Files = Annotated[list[Path], typer.Argument(help="CSV or JSONL, packed with gzip or not.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what is understood; write nothing.")]
_Map = Annotated[Path | None, typer.Option("--map", help="Which column is what: YAML; no guesses.")]
_Column = Annotated[
    list[str] | None, typer.Option(help="started=created_at; as often as needed. Else guessed.")
]
_Ignore = Annotated[list[str] | None, typer.Option(help="A column that is not to be guessed at.")]
_Zone = Annotated[
    str | None, typer.Option(help="Of times without an offset. [default: the settings']")
]
_Provider = Annotated[str | None, typer.Option(help="Who serves the models, in all rows.")]
_Url = Annotated[str | None, typer.Option(help="The base URL that was called.")]
_Endpoint = Annotated[str | None, typer.Option(help="The endpoint that was called.")]
_Model = Annotated[str | None, typer.Option(help="The model that was called.")]
_Flavour = Annotated[str | None, typer.Option(help="The wire API of usage objects.")]
_Team = Annotated[str | None, typer.Option(help="Whose calls they are.")]
_Project = Annotated[str | None, typer.Option(help="As --team.")]
_App = Annotated[str | None, typer.Option("--app", help="As --team.")]
_Key = Annotated[str | None, typer.Option(help="As --team: a provider's key alias.")]
_Delimiter = Annotated[str | None, typer.Option(help="Between cells. [default: as it is seen]")]
_Encoding = Annotated[str | None, typer.Option(help="[default: UTF-8, or as it is seen]")]
_Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at the first row that cannot be taken.")
]
_Rejects = Annotated[
    Path | None, typer.Option(help="Where rows go that are not taken. [default: beside]")
]
_Again = Annotated[
    bool, typer.Option("--again", help="Read from the beginning what was read before.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def import_(
    files: _Files,
    *,
    dry_run: _DryRun = False,
    map_file: _Map = None,
    column: _Column = None,
    ignore: _Ignore = None,
    zone: _Zone = None,
    provider: _Provider = None,
    url: _Url = None,
    endpoint: _Endpoint = None,
    model: _Model = None,
    flavour: _Flavour = None,
    team: _Team = None,
    project: _Project = None,
    app_url: _App = None,
    key: _Key = None,
    delimiter: _Delimiter = None,
    encoding: _Encoding = None,
    strict: _Strict = False,
    rejects: _Rejects = None,
    again: _Again = False,
    as_json: _Json = False,
) -> None:
    """Record the calls that a file tells of, each once, however often it is imported.

    Columns are guessed by their names; begin with --dry-run, and see docs/imports.md. Rows that
    cannot be taken go into a file beside it, and the others are recorded. An import that was cut
    short goes on where it was. Exit status: 0, all was taken; 1, some was not.
    """
    from monitor.cli import import_command

    constants = {
        "provider": provider,
        "url": url,
        "endpoint": endpoint,
        "model": model,
        "flavour": flavour,
        "team": team,
        "project": project,
        "app": app_url,
        "key": key,
    }
    said = import_command.Said(
        map_file=map_file,
        columns=tuple(column or ()),
        ignored=tuple(ignore or ()),
        constants=constants,
        zone=zone,
        delimiter=delimiter,
        encoding=encoding,
    )
    how = import_command.How(is_strict=strict, rejects=rejects, is_again=again, is_json=as_json)
    if dry_run:
        import_command.rehearse(files, said, how)
    else:
        import_command.import_files(files, said, how)
