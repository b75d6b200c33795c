"""Checking: one probe of each endpoint asked for, by the monitor if it runs, else by ourselves."""

import asyncio
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import typer

from monitor.cli import asking
from monitor.cli.refusal import Refusal
from monitor.domain.calls import Call
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.prices import Cost, CostState, PriceList, cost
from monitor.domain.roster import dialect_at, flavour_at
from monitor.domain.secrets import Secret
from monitor.probes import infer
from monitor.runtime.clock import Clock
from monitor.runtime.lease import LeaseHeld
from monitor.runtime.monitor import open_monitor
from monitor.services import catalogue
from monitor.services.checks import describe, describe_recorded
from monitor.settings.environment import environment, settings_path
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.values import read_base_url, read_key, spell_id
from monitor.storage.engine import DatabaseRefused
from monitor.storage.migrate import upgrade
from monitor.wire.transport import Transport

_AT_ONCE = 8

Finding = dict[str, Any]


def check_settings(endpoint_id: str | None) -> list[Finding]:
    """Findings of one endpoint of the settings, or of all that are probed; recorded."""
    settings = load(settings_path())
    chosen = _choose(settings, endpoint_id)
    if asking.is_running(settings.monitor_port):
        if endpoint_id is None:
            paused = asking.list_paused(settings.monitor_port)
            chosen = [e for e in chosen if not any(scope.covers(e) for scope in paused)]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            asked = list(
                threads.map(
                    lambda e: asking.check(settings.monitor_port, e.id, e.timeout_s), chosen
                )
            )
        found = [finding for finding in asked if finding is not None]
        if len(found) == len(chosen):
            return found
    return _check_here(settings, chosen)


def check_given(url: str, model: str, flavour: str | None, key_variable: str | None) -> Finding:
    """The finding of an endpoint that is in no settings; recorded nowhere."""
    endpoint, clock = _given(url, model, flavour, key_variable), Clock()
    call = asyncio.run(_probe([endpoint], clock))[0]
    price = catalogue.price_of(endpoint, call.started_ms)
    return _describe(call, price)


def _choose(settings: Settings, endpoint_id: str | None) -> Sequence[Endpoint]:
    if endpoint_id is None:
        chosen = tuple(e for e in settings.endpoints if e.is_probed)
        if not chosen:
            raise Refusal(f"{settings.path} lists no endpoint to probe; add one under models")
        return chosen
    endpoint = settings.endpoint(endpoint_id)
    if endpoint is None:
        known = ", ".join(e.id for e in settings.endpoints) or "none"
        raise Refusal(f"endpoint {endpoint_id!r} is not in {settings.path}; these are: {known}")
    return (endpoint,)


def _check_here(settings: Settings, chosen: Sequence[Endpoint]) -> list[Finding]:
    """Findings of our own probes, recorded if no other process keeps us from it."""
    try:
        upgrade(settings.database_url)
        return asyncio.run(_probe_as_monitor(settings, chosen))
    except (LeaseHeld, DatabaseRefused, KeyError, OSError) as error:
        typer.echo(f"inferwatch: not recorded: {_why(error)}", err=True)
    clock = Clock()
    prices = catalogue.effective_prices(chosen, settings.prices, clock.now_ms())
    calls = asyncio.run(_probe(chosen, clock))
    return [_describe(call, prices.get(call.endpoint)) for call in calls]


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"endpoint {error} has probe: false in the settings, or is paused"
    return str(error)


async def _probe_as_monitor(settings: Settings, chosen: Sequence[Endpoint]) -> list[Finding]:
    async with open_monitor(settings) as monitor:
        watched = [monitor.prober.endpoints[endpoint.id] for endpoint in chosen]
        probed = await asyncio.gather(*map(monitor.prober.check, watched))
        return [describe_recorded(monitor.database, p.call, p.receipt) for p in probed]


async def _probe(endpoints: Sequence[Endpoint], clock: Clock) -> list[Call]:
    async with Transport() as transport:
        return await asyncio.gather(
            *(infer.probe(e, transport, clock.now_ms, secrets.token_hex(8)) for e in endpoints)
        )


def _describe(call: Call, price: PriceList | None) -> Finding:
    charged = Cost(CostState.REPORTED, call.cost_nano_usd)
    if call.cost_nano_usd is None:
        charged = cost(call.usage, [] if price is None else [price], call.started_ms)
    return describe(call, charged.nano_usd, charged.state)


def _given(url: str, model: str, flavour: str | None, key_variable: str | None) -> Endpoint:
    try:
        base_url = read_base_url(url)
    except ValueError as error:
        raise Refusal(f"--url {error}") from None
    target = Target(
        id="given@none",
        provider="given",
        base_url=base_url,
        flavour=_flavour(flavour) or flavour_at(base_url),
        key_alias="none",
        key=_key(key_variable),
        dialect=dialect_at(base_url),
    )
    return Endpoint(spell_id(f"given/{model}"), target, spell_id(model), model)


def _flavour(name: str | None) -> Flavour | None:
    if name is not None and name not in set(Flavour):
        raise Refusal(f"--flavour {name!r} is not spoken; use one of: {', '.join(Flavour)}")
    return None if name is None else Flavour(name)


def _key(variable: str | None) -> Secret | None:
    if variable is None:
        return None
    value = environment().get(variable, "").strip()
    if not value:
        raise Refusal(f"--key-env: variable {variable} is not set; export it first")
    try:
        return read_key(value)
    except ValueError as error:
        raise Refusal(f"--key-env: the value of {variable} {error}") from None
