"""Import, the command: from what was said to files that are read, and what is told of them."""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli import asking, import_rehearsal, import_report, import_sinks, importing
from monitor.cli.import_sinks import Sink
from monitor.cli.importing import Tally, Wish
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.verdicts import Verdict
from monitor.imports import maps, reading
from monitor.imports.files import Unreadable
from monitor.imports.mapping import NotMapped
from monitor.imports.maps import BadMap, ColumnMap
from monitor.imports.reading import Survey
from monitor.settings.model import Settings
from monitor.storage import imports
from monitor.storage.engine import Database

_INTERRUPTED = 130
_TAB = {"\\t": "\t", "tab": "\t"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line says of the files."""

    map_file: Path | None
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    constants: Mapping[str, str | None]
    zone: str | None
    delimiter: str | None
    encoding: str | None


@dataclass(frozen=True, slots=True)
class How:
    """How files are to be imported."""

    is_strict: bool
    rejects: Path | None
    is_again: bool
    is_json: bool


def rehearse(files: Sequence[Path], said: Said, how: How) -> None:
    """Show what is understood of files; nothing is written. Exits with 1 where rows are bad.

    Raises Refusal and SettingsError.
    """
    settings = read_settings()
    found = [_look(path, said, settings.zone) for path in files]
    told = [import_rehearsal.rehearse(each, settings) for each in found]
    if how.is_json:
        typer.echo(json.dumps([each.describe() for each in told], indent=2))
    else:
        for each in told:
            import_report.show(each, settings.zone)
    raise typer.Exit(1 if any(each.bad or each.not_mapped or each.stopped for each in told) else 0)


def import_files(files: Sequence[Path], said: Said, how: How) -> None:
    """Import files one after the other. Exits with 1 where rows were not taken.

    Raises Refusal and SettingsError.
    """
    if how.rejects is not None and len(files) > 1:
        raise Refusal("--rejects is for one file; import them one by one, or leave it out")
    settings = read_settings()
    found = [_look(path, said, settings.zone) for path in files]
    for each in found:
        _demand_mapped(each)
    tallies: list[Tally] = []
    with open_ledger(settings.database_url) as database, _sink(settings, database) as sink:
        for each in found:
            tallies.append(_import(each, database, sink, how))
            if not how.is_json:
                _say(tallies[-1])
            if tallies[-1].stopped is not None:
                break
    if how.is_json:
        typer.echo(json.dumps([each.describe() for each in tallies], indent=2))
    if any(each.stopped == importing.INTERRUPTED for each in tallies):
        raise typer.Exit(_INTERRUPTED)
    raise typer.Exit(1 if any(each.bad or each.stopped for each in tallies) else 0)


def _look(path: Path, said: Said, zone: ZoneInfo) -> Survey:
    try:
        base = ColumnMap() if said.map_file is None else maps.load(said.map_file)
        made = maps.change(
            base,
            said.columns,
            said.constants,
            ignored=said.ignored,
            zone=None if said.zone is None else maps.read_zone(said.zone),
            delimiter=_TAB.get(said.delimiter or "", said.delimiter),
            encoding=said.encoding,
        )
    except BadMap as error:
        raise Refusal(str(error)) from None
    try:
        return reading.survey(path, made, zone, guesses=said.map_file is None)
    except (Unreadable, NotMapped) as error:
        raise Refusal(f"{path}: {error}") from None


def _demand_mapped(found: Survey) -> None:
    try:
        reading.check(found)
    except NotMapped as error:
        raise Refusal(f"{found.path}: {error}; --dry-run shows what is understood") from None


@contextmanager
def _sink(settings: Settings, database: Database) -> Iterator[Sink]:
    if asking.is_running(settings.monitor_port):
        with import_sinks.by_monitor(settings.monitor_port, database) as told:
            yield told
    else:
        with import_sinks.by_itself(settings, database) as sink:
            yield sink


def _import(found: Survey, database: Database, sink: Sink, how: How) -> Tally:
    with database.reading() as session:
        known = None if how.is_again else imports.position(session, found.digest())
    if known is not None and known.is_whole:
        return Tally(str(found.path), known.rows, known.rows, was_whole=True)
    with _stopping() as is_stopping, _bar(found.path) as tell:
        wish = Wish(known, how.rejects, is_strict=how.is_strict, is_stopping=is_stopping)
        return importing.run(found, sink, wish, tell)


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks to stop, where everything is in order; the second does not ask."""
    asked = Event()

    def ask(_: int, __: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(path: Path) -> Iterator[importing.Tell]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]:,.0f} rows/s"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(
            path.name.replace("[", r"\["), total=path.stat().st_size, rows=0, rate=0.0
        )
        first: list[tuple[float, int]] = []

        def tell(rows: int, done_bytes: int) -> None:
            now_s = bar.get_time()
            first[:] = first or [(now_s, rows)]
            since_s = now_s - first[0][0]
            rate = (rows - first[0][1]) / since_s if since_s else 0.0
            bar.update(task, completed=done_bytes, rows=rows, rate=rate)

        yield tell


def _say(tally: Tally) -> None:
    if tally.was_whole:
        text = f"{tally.rows:,} rows were imported before; --again reads them again"
        typer.echo(f"{tally.file}: {text}")
        return
    parts = [f"{tally.counts[each]:,} {each}" for each in Verdict if tally.counts[each]]
    done = tally.rows - tally.skipped
    rate = f", {done / tally.took_s:,.0f} rows/s" if tally.took_s > 1 else ""
    before = f" (after {tally.skipped:,} of an earlier run)" if tally.skipped else ""
    typer.echo(f"{tally.file}: {done:,} rows{before}: {', '.join(parts) or 'none'}{rate}")
    if tally.rejects is not None:
        typer.echo(f"  what was not taken is in {tally.rejects}, each row with its reason")
    if tally.stopped is not None:
        sys.stdout.flush()
        typer.echo(f"  stopped: {tally.stopped}; the same command goes on from there", err=True)
