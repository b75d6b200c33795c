"""Proposing: prices out of a file, compared with what holds, and decided on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.pausing import user
from monitor.cli.pricing import clock_ms
from monitor.cli.rates import spell_usd
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.collectors import price_files
from monitor.domain.offers import Said
from monitor.domain.prices import Rate
from monitor.services import proposals
from monitor.services.proposals import CannotDecide, Disagreement
from monitor.services.reference import UnknownEndpoint
from monitor.settings.model import Settings
from monitor.storage.engine import DatabaseRefused, Session

_MAX_BYTES = 64 * 1024 * 1024
_TIMEOUT_S = 300.0


def propose(path: Path, source: str | None, *, accepts_sane: bool) -> None:
    """Keep what a file says, and say what is new. Raises Refusal and SettingsError."""
    settings, name = read_settings(), source or path.name
    as_of_ms = _modified_ms(path)
    said = _read(path, settings)
    found = said.offers

    def write(session: Session) -> dict[str, Any]:
        return asdict(proposals.propose(session, name, found, as_of_ms, clock_ms()))

    as_of = datetime.fromtimestamp(as_of_ms / 1000, UTC).isoformat()
    body = {"source": name, "as_of": as_of, "offers": [asdict(each) for each in found]}
    told = _tell(settings, write, "/v1/proposals", body)
    typer.echo(f"{name}: {told['new']} new, {told['same']} as known, {told['older']} older")
    for remark in said.remarks:
        typer.echo(f"  {remark}")
    if accepts_sane:
        opened = [d for d in _look(settings, only_open=True) if d.proposal.price.source == name]
        sane = [d.proposal.id for d in opened if not d.proposal.doubts]
        if sane:
            decide(sane, is_accepted=True)


def decide(ids: Sequence[int], *, is_accepted: bool) -> None:
    """Accept or reject proposals. Raises Refusal and SettingsError."""
    settings, by = read_settings(), user()
    decided = proposals.accept if is_accepted else proposals.reject

    def write(session: Session) -> dict[str, Any]:
        return {"endpoints": decided(session, ids, by, clock_ms())}

    body = {"ids": list(ids), "is_accepted": is_accepted, "by": by}
    told = _tell(settings, write, "/v1/proposals/decisions", body)
    verb = "Accepted" if is_accepted else "Rejected"
    typer.echo(f"{verb} for {', '.join(told['endpoints'])}")


def show(*, only_open: bool) -> None:
    """Print where sources say otherwise than what holds. Raises Refusal and SettingsError."""
    found = _look(read_settings(), only_open=only_open)
    if not found:
        typer.echo("No source says otherwise; `inferwatch prices propose FILE` asks one")
        return
    table = Table("number", "endpoint", "source", "leaf", "holds", "says", "doubts", box=None)
    for each in found:
        first: tuple[str, ...] = (str(each.proposal.id), each.endpoint, each.proposal.price.source)
        for leaf, old, new in _amounts(each):
            table.add_row(*first, leaf, old, new, each.proposal.doubts if any(first) else "")
            first = ("", "", "")
    make_console().print(table)


def _amounts(each: Disagreement) -> list[tuple[str, str, str]]:
    if each.standing is None:
        plain = [rate for rate in each.proposal.price.rates if rate.service_tier is None]
        return [(rate.leaf, "unpriced", spell_usd(rate)) for rate in plain]
    return [
        (leaf, "—" if old is None else spell_usd(Rate(leaf, old)), spell_usd(Rate(leaf, new)))
        for leaf, (old, new) in each.differs.items()
    ]


def _look(settings: Settings, *, only_open: bool) -> list[Disagreement]:
    with open_ledger(settings.database_url) as database, database.reading() as session:
        return proposals.disagreements(session, clock_ms(), only_open=only_open)


def _read(path: Path, settings: Settings) -> Said:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise Refusal(f"{path} is larger than {_MAX_BYTES // 1024**2} MiB; give another file")
        return price_files.read(json.loads(path.read_bytes()), settings.endpoints, clock_ms())
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{path} cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise Refusal(f"{path} is no JSON: {error}; nothing is proposed") from None
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{path} {error}; nothing is proposed") from None


def _modified_ms(path: Path) -> int:
    try:
        return int(path.stat().st_mtime * 1000)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error}") from None


def _tell(
    settings: Settings,
    write: Callable[[Session], dict[str, Any]],
    path: str,
    body: dict[str, Any],
) -> dict[str, Any]:
    if asking.is_running(settings.monitor_port):
        expected = {HTTPStatus.OK, HTTPStatus.CREATED}
        told: dict[str, Any] = asking.command(
            settings.monitor_port, path, body, expected, _TIMEOUT_S
        )
        return told
    try:
        with (
            open_ledger(settings.database_url) as database,
            alone(database),
            database.writing() as session,
        ):
            return write(session)
    except (UnknownEndpoint, CannotDecide, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None
