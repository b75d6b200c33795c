"""Alerting: what the ledger knows of channels and messages, spelt for a terminal."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size

from monitor.cli import asking
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.phrases import lasting
from monitor.domain.promptness import Promptness, sum_up
from monitor.domain.windows import DAY_MS, Window, moment
from monitor.settings.model import Settings
from monitor.storage.engine import Session
from monitor.storage.queries import alerts, deliveries
from monitor.storage.queries.alerts import Line, Standing

#: How far back it is told how soon messages arrived.
_DAYS = 7


class Book(NamedTuple):
    """How each channel fares, the dead letters, the newest messages, and how soon they arrived."""

    settings: Settings
    channels: list[Standing]
    dead: list[Line]
    log: list[Line]
    promptness: dict[str, Promptness]


def read(limit: int) -> Book:
    """What there is to tell of alerts. Raises Refusal and SettingsError."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        dead, log = alerts.dead(session, limit), alerts.log(session, limit)
        return Book(settings, alerts.channels(session), dead, log, _promptness(session))


def _promptness(session: Session) -> dict[str, Promptness]:
    """How soon messages arrived in the last days, by channel."""
    now_ms = time.time_ns() // 1_000_000
    arrived = deliveries.arrived(session, Window(now_ms - _DAYS * DAY_MS, now_ms))
    names = dict.fromkeys(each.channel for each in arrived)
    found = {name: sum_up([e for e in arrived if e.channel == name]) for name in names}
    return {name: each for name, each in found.items() if each is not None}


def test(channel: str) -> str:
    """What came of the test of a channel. Raises Refusal and SettingsError."""
    answer = _command("/v1/alerts/tests", {"channel": channel})
    if not answer["is_delivered"]:
        raise Refusal(f"channel {channel} did not take the test: {answer['error']}", 1)
    return f"Channel {channel} took the test."


def enable(channel: str) -> str:
    """That a channel is on again. Raises Refusal and SettingsError."""
    _command("/v1/alerts/enablings", {"channel": channel})
    return f"Channel {channel} is on: what waits for it goes out now."


def resend(number: int) -> str:
    """That a dead letter goes out again. Raises Refusal and SettingsError."""
    _command("/v1/alerts/resends", {"id": number})
    return f"Message {number} goes out again; `inferwatch alerts` shows what comes of it."


def _command(path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    port = read_settings().monitor_port
    if not asking.is_running(port):
        raise Refusal(f"no monitor answers on port {port}, and only it sends; start it", 1)
    return asking.command(port, path, body, {HTTPStatus.OK, HTTPStatus.ACCEPTED})


def describe(book: Book) -> dict[str, Any]:
    """The same as JSON; instants are ISO 8601 in UTC, null is never."""
    return {
        "channels": [_iso(standing) for standing in book.channels],
        "dead_letters": [_iso(line) for line in book.dead],
        "deliveries": [_iso(line) for line in book.log],
        "latency": {name: asdict(each) for name, each in book.promptness.items()},
    }


def _iso(row: Line | Standing) -> dict[str, Any]:
    values = asdict(row)
    for name in [each for each in values if each.endswith("_ms")]:
        at_ms = values.pop(name)
        at = None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
        values[f"{name.removesuffix('_ms')}_at"] = at
    return values


def spell(book: Book) -> str:
    """All of it as text."""
    if not book.channels:
        return (
            "Nobody is told: the monitor knows no channel. Add one under `alerts:` in the "
            "settings, as docs/alerts.md shows."
        )
    return "\n".join(_paragraphs(book))


def _paragraphs(book: Book) -> Iterator[str]:
    yield from lay_out(_CHANNELS, [_channel(book, standing) for standing in book.channels])
    for each in book.channels:
        if each.off_ms is not None:
            yield (
                f"\nChannel {each.name} is off since {_local(book, each.off_ms)}, for it refused "
                f"all the time: {each.off_reason}. Mend it, then `inferwatch alerts test "
                f"{each.name}`."
            )
    if book.promptness:
        yield f"\nFrom confirmed to delivered in the last {_DAYS} days, without what was held"
        yield from lay_out(_LATENCY, [_prompt(*pair) for pair in book.promptness.items()])
    if book.dead:
        yield f"\nDead letters ({len(book.dead)}); `inferwatch alerts resend NUMBER` tries again"
        yield from lay_out(_HEADS, [_line(book, line) for line in book.dead])
    yield "\nDeliveries, the newest first" if book.log else "\nNothing was told yet."
    if book.log:
        yield from lay_out(_HEADS, [_line(book, line) for line in book.log])


_CHANNELS = (
    *("CHANNEL", "TO", "STATE", "LIMIT", "FALLBACK", "DELIVERED", "WAITING"),
    *("LAST SUCCESS", "LAST ERROR"),
)
_LATENCY = ("CHANNEL", "MESSAGES", "P50", "P95", "SLOWEST", "HELD AT MOST")
_HEADS = ("NUMBER", "AT", "CHANNEL", "WHAT", "STATE", "MORE")


def _prompt(name: str, each: Promptness) -> tuple[str, ...]:
    spans = (f"{ms / 1000:.1f} s" for ms in (each.p50_ms, each.p95_ms, each.worst_ms))
    return name, str(each.n), *spans, lasting(each.held_ms)


def _channel(book: Book, standing: Standing) -> tuple[str, ...]:
    error = "none"
    if standing.error is not None:
        error = f"{_local(book, standing.failed_ms)} {standing.error}"
    return (
        standing.name,
        standing.shown,
        "on" if standing.off_ms is None else "off",
        standing.pace or "none",
        standing.fallback or "none",
        str(standing.delivered),
        str(standing.waiting),
        _local(book, standing.delivered_ms),
        error,
    )


def _line(book: Book, line: Line) -> tuple[str, ...]:
    whose = line.noticed or line.endpoint or line.provider
    if not whose and line.kind is not None:
        whose = "our own network"
    if line.incidents > 1:
        whose = f"{line.provider} ({line.incidents} endpoints)"
    more = line.error or ""
    if line.state == "waiting" and line.attempts:
        more = f"{more}; again at {_local(book, line.due_ms)}"
    what = f"{line.telling} {whose or ''}".strip()
    return str(line.id), _local(book, line.created_ms), line.channel, what, line.state, more


def lay_out(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table, its columns as wide as they need to be."""
    lines = [heads, *rows]
    widths = [max(cell_len(row[place]) for row in lines) for place in range(len(heads))]
    for row in lines:
        padded = (set_cell_size(text, width) for text, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _local(book: Book, at_ms: int | None) -> str:
    if at_ms is None:
        return "never"
    return moment(at_ms, book.settings.zone).strftime("%Y-%m-%d %H:%M:%S")
