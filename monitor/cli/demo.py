"""Demo: settings that watch the built-in simulator."""

from monitor.settings.draft import Draft, DraftEntry, DraftModel, DraftProvider
from monitor.simulator.catalogue import DEMO, KEY, PROVIDERS, Model, list_models

#: Fitted to what the simulated teams spend: some $42, $14 and $0.3.
_BUDGETS = (
    DraftEntry("everything", "{amount_usd: 50}"),
    DraftEntry("support", "{team: support, amount_usd: 12}", "will not last the month"),
    DraftEntry("agents", "{project: agents, amount_usd: 0.25, period: week}"),
)
_APPS = (
    DraftEntry(
        "https://chat-bot.demo.example",
        '{aliases: ["https://support-chat.demo.example"]}',
        "moved there lately",
    ),
)


def draft(zone: str) -> Draft:
    """The demo's providers and all of their models, with their made-up prices."""
    providers = tuple(
        DraftProvider(
            name=provider.name,
            base_url=provider.base_url(),
            key=KEY,
            models=tuple(map(_model, list_models(provider.name))),
            remark="simulated",
        )
        for provider in map(PROVIDERS.__getitem__, DEMO)
    )
    remark = "Found a key since? Move this file away and run `inferwatch up` again."
    return Draft(zone, providers, is_demo=True, remarks=(remark,), budgets=_BUDGETS, apps=_APPS)


def _model(model: Model) -> DraftModel:
    return DraftModel(
        name=model.name,
        model=model.id,
        output_tokens=model.output_floor,
        price=_price(model),
        remark="" if model.price else "no price, to show what that looks like",
    )


def _price(model: Model) -> str | None:
    if model.price is None:
        return None
    rates = {
        "input": model.price.input,
        "output": model.price.output,
        "cache_read": model.price.cached,
    }
    listed = (f"{leaf}: {usd}" for leaf, usd in rates.items() if usd is not None)
    return f"{{{', '.join(listed)}}}"
