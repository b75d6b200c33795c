"""Pricing: the prices of an installation, shown and set; by the running monitor where it is up."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.pausing import user
from monitor.cli.rates import read_rates, scale, spell_rate, spell_usd
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.prices import PriceList
from monitor.domain.tiers import Moment
from monitor.domain.windows import DAY_MS, moment
from monitor.services import prices
from monitor.services.prices import NothingPriced, OwnPrice
from monitor.settings.model import Settings
from monitor.settings.times import at_ms, read_moment
from monitor.settings.values import read_decimal
from monitor.storage.engine import DatabaseRefused
from monitor.storage.queries import endpoints
from monitor.storage.queries import prices as rows

_COLUMNS = ("input", "output", "cache_read")


def show_all(*, as_json: bool) -> None:
    """Print what is in force. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        watched = endpoints.watched(session)
        found = rows.in_force(session, [each.id for each in watched], now_ms)
    by_id = {each.slug: found.get(each.id) for each in watched}
    if as_json:
        typer.echo(json.dumps({slug: _describe(price) for slug, price in by_id.items()}, indent=2))
        return
    table = Table("endpoint", "$/M in", "out", "cached", "source", "age", box=None)
    for slug, price in by_id.items():
        table.add_row(slug, *_cells(price, now_ms))
    make_console().print(table)
    unpriced = [slug for slug, price in by_id.items() if price is None]
    if unpriced:
        advice = f"inferwatch prices set {unpriced[0]} input=… output=…"
        typer.echo(
            f"\n{len(unpriced)} unpriced: their calls count as unpriced, not as $0; {advice}\n"
            "`inferwatch prices unpriced` counts them"
        )


def show_history(name: str, *, as_json: bool) -> None:
    """Print every price of an endpoint or model. Raises Refusal and SettingsError."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        try:
            named = prices.endpoints_of(session, name)
        except NothingPriced as error:
            raise Refusal(str(error)) from None
        found = {slug: rows.history(session, number) for slug, number in named.items()}
    if as_json:
        lists = {slug: [_describe(each) for each in history] for slug, history in found.items()}
        typer.echo(json.dumps(lists, indent=2))
        return
    for slug, history in found.items():
        typer.echo("\n".join([slug, *(_line(each, settings.zone) for each in history)]))
        if not history:
            typer.echo("  unpriced: no price was ever known")


def set_price(name: str, words: Sequence[str], *, since: str | None, markup: str) -> None:
    """Set a user's price, and say whose it is now. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    try:
        rates = scale(read_rates(words), _read_percent(markup))
        from_ms = None if since is None else at_ms(read_moment(since), settings.zone)
    except ValueError as error:
        raise Refusal(str(error)) from None
    price = OwnPrice(name, rates, user(), from_ms)
    named = _tell_monitor(settings, price) or _write_alone(settings, price, now_ms)
    typer.echo(f"Set the price of {', '.join(named)}: {' '.join(map(spell_rate, rates))}")


def _tell_monitor(settings: Settings, price: OwnPrice) -> list[str] | None:
    if not asking.is_running(settings.monitor_port):
        return None
    rates = [asdict(rate) for rate in price.rates]
    since = None if price.from_ms is None else datetime.fromtimestamp(price.from_ms / 1000, UTC)
    valid_from = None if since is None else since.isoformat()
    body = {"name": price.name, "by": price.by, "rates": rates, "valid_from": valid_from}
    answer = asking.command(settings.monitor_port, "/v1/prices", body, {HTTPStatus.CREATED})
    return [str(each) for each in answer["endpoints"]]


def _write_alone(settings: Settings, price: OwnPrice, now_ms: int) -> list[str]:
    try:
        with (
            open_ledger(settings.database_url) as database,
            alone(database),
            database.writing() as session,
        ):
            return prices.set_own(session, price, now_ms)
    except (NothingPriced, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None


def _cells(price: PriceList | None, now_ms: int) -> Iterable[str]:
    if price is None:
        return ("—", "—", "—", "unpriced", "—")
    rates = [price.rate(leaf, Moment()) for leaf in _COLUMNS]
    shown = ["—" if rate is None else spell_usd(rate) for rate in rates]
    is_more = len(price.rates) > len({rate.leaf for rate in price.rates})
    source = f"{price.source} (more by tier or hour)" if is_more else price.source
    return (*shown, source, f"{(now_ms - price.recorded_ms) // DAY_MS} d")


def _line(price: PriceList, zone: ZoneInfo) -> str:
    ends = "" if price.valid_to_ms is None else f" to {local(price.valid_to_ms, zone)}"
    begins = "from ever" if price.valid_from_ms == 0 else f"from {local(price.valid_from_ms, zone)}"
    known = f"known since {local(price.recorded_ms, zone)}"
    rates = " ".join(map(spell_rate, price.rates))
    return f"  {begins}{ends}, {known} ({price.authority}: {price.source})\n    {rates}"


def _describe(price: PriceList | None) -> dict[str, Any] | None:
    """A price for scripts: pico-dollars per unit, instants in UTC milliseconds."""
    if price is None:
        return None
    values = {name: getattr(price, name) for name in _FIELDS}
    return values | {"rates": [asdict(rate) for rate in price.rates]}


_FIELDS = ("id", "source", "authority", "valid_from_ms", "valid_to_ms", "recorded_ms")


def _read_percent(text: str) -> Decimal:
    sign = -1 if text.startswith("-") else 1
    try:
        percent = sign * read_decimal(text.removeprefix("-"))
    except ValueError as error:
        raise ValueError(f"--markup {text!r} {error}") from None
    if not -100 <= percent <= 1000:  # noqa: PLR2004 - free, and eleven times as much
        raise ValueError(f"--markup {text!r} is outside of -100 to 1000 percent; change it")
    return percent


def local(instant_ms: int, zone: ZoneInfo) -> str:
    """An instant on the clock of a zone, to the minute."""
    return moment(instant_ms, zone).strftime("%Y-%m-%d %H:%M")


def clock_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000
