"""First start: a settings file for what was found, and what it will cost, in its comments."""

from collections.abc import Iterator
from dataclasses import replace

from monitor.domain.amounts import dollars
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.plan import MONTH_DAYS
from monitor.domain.providers import Suggestion
from monitor.services.catalogue import price_of
from monitor.services.discovery import Discovery, Found
from monitor.services.planning import plan_one
from monitor.settings.draft import Draft, DraftModel, DraftProvider


def draft(discovery: Discovery, zone: str, now_ms: int) -> Draft:
    """The first settings: each provider's first model watched, the others commented out."""
    return Draft(
        zone=zone,
        providers=tuple(_provider(found, now_ms) for found in discovery.found),
        remarks=tuple(_remarks(discovery)),
    )


def _remarks(discovery: Discovery) -> Iterator[str]:
    yield from (f"{variable} is not watched. {why}." for variable, why in discovery.not_watched)
    yield from discovery.notes


def _provider(found: Found, now_ms: int) -> DraftProvider:
    models = (_model(found, model, now_ms) for model in found.models)
    return DraftProvider(
        name=found.provider,
        base_url=found.base_url_text or found.base_url,
        flavour=found.flavour,
        key=None if found.key_variable is None else f"${{{found.key_variable}}}",
        models=tuple(
            replace(model, is_watched=n == 0 and not found.suggests_only)
            for n, model in enumerate(models)
        ),
        remark=_remark(found),
    )


def _remark(found: Found) -> str:
    if found.suggests_only:
        return "nothing is watched yet: in place of [], list your deployments by name"
    return "on this machine, free of charge" if found.is_local else ""


def _model(found: Found, suggestion: Suggestion, now_ms: int) -> DraftModel:
    return DraftModel(
        name=suggestion.name,
        model=suggestion.model,
        id=suggestion.id,
        interval_s=suggestion.interval_s,
        price="0" if found.is_local else None,
        remark="" if found.is_local else _spell_cost(found, suggestion, now_ms),
    )


def _spell_cost(found: Found, suggestion: Suggestion, now_ms: int) -> str:
    endpoint = _endpoint(found, suggestion)
    price = price_of(endpoint, now_ms)
    if price is None:
        return "price unknown: add one, or set probe_unpriced, to have it probed"
    return f"{dollars(plan_one(endpoint, price, now_ms).day_nano_usd * MONTH_DAYS)} a month"


def _endpoint(found: Found, suggestion: Suggestion) -> Endpoint:
    target = Target(
        f"{found.provider}@default",
        found.provider,
        found.base_url,
        found.flavour,
        "default",
        None,
    )
    return Endpoint(
        id=f"{found.provider}/{suggestion.name}",
        target=target,
        model=suggestion.model,
        model_name=suggestion.name,
        interval_s=suggestion.interval_s,
    )
