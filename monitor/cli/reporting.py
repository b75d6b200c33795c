"""Reporting: writes the files of `inferwatch report` and `inferwatch export`."""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

from dashboard.faces import report as face
from monitor.cli import charge_files
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import Window, moment
from monitor.services import charges, reports

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def write_report(out: Path | None, month: str | None, *, is_forced: bool) -> str:
    """Write a month's report; a sentence about it. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    window = _month(month, settings.zone, now_ms)
    path = _path(out, "report", "html", window, settings.zone, is_forced=is_forced)
    makers: dict[str, Callable[[reports.Report], bytes]] = {
        ".html": lambda made: face.html(made).encode(),
        ".pdf": face.pdf,
    }
    make = _choose(makers, path)
    with open_ledger(settings.database_url) as database, database.reading() as session:
        made = reports.report(session, window, settings.zone, now_ms)
    try:
        _write(path, make(made))
    except face.NoRenderer as error:
        raise Refusal(str(error), 1) from None
    return f"Wrote {path}: {face.title(made)}{'' if made.is_over else ', so far'}."


def write_charges(out: Path | None, month: str | None, *, is_forced: bool) -> str:
    """Write a month's charges; a sentence about it. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    with open_ledger(settings.database_url) as database, database.reading() as session:
        zone = charges.zone(session)
        window = _month(month, zone, now_ms)
        path = _path(out, "focus", "csv", window, zone, is_forced=is_forced)
        make = _choose({".csv": charge_files.csv, ".parquet": charge_files.parquet}, path)
        rows = charges.charges(session, window)
    try:
        _write(path, make(rows))
    except charge_files.NoWriter as error:
        raise Refusal(str(error), 1) from None
    return f"Wrote {path}: {len(rows):,} rows, days of {zone.key}."


def _month(text: str | None, zone: ZoneInfo, now_ms: int) -> Window:
    """A month by its name, or the last complete one."""
    cycle = Cycle(Period.MONTH, zone)
    if text is None:
        return cycle.window(cycle.window(now_ms).from_ms - 1)
    found = _MONTH.fullmatch(text)
    if found is None:
        raise Refusal(f"--month {text!r} is no month; write it like 2026-10")
    middle = datetime(int(found[1]), int(found[2]), 15, tzinfo=UTC)
    window = cycle.window(int(middle.timestamp() * 1000))
    if window.from_ms > now_ms:
        raise Refusal(f"--month {text} has not begun; choose one until {_name(now_ms, zone)}")
    return window


def _name(at_ms: int, zone: ZoneInfo) -> str:
    day: date = moment(at_ms, zone).date()
    return f"{day:%Y-%m}"


def _path(
    out: Path | None, stem: str, suffix: str, window: Window, zone: ZoneInfo, *, is_forced: bool
) -> Path:
    path = out or Path(f"{stem}-{_name(window.from_ms, zone)}.{suffix}")
    if path.exists() and not is_forced:
        raise Refusal(f"{path} is there already; add --force to write over it")
    return path


def _choose(makers: dict[str, Callable[..., bytes]], path: Path) -> Callable[..., bytes]:
    make = makers.get(path.suffix.lower())
    if make is None:
        known = " or ".join(makers)
        raise Refusal(f"{path} has to end in {known}")
    return make


def _write(path: Path, content: bytes) -> None:
    """All of a file or nothing of it."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            part.write(content)
        made = Path(part.name)
        made.chmod(0o644)
        made.replace(path)
    except OSError as error:
        raise Refusal(f"cannot write {path}: {error.strerror}", 1) from None
