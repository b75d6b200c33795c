from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage as Counts
from genai_prices.data import providers
from genai_prices.types import ModelInfo, Provider

from monitor.domain import providers as providers_
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.money import usd_from_nano
from monitor.domain.prices import CostState, PriceList, cost
from monitor.domain.roster import HOSTED
from monitor.domain.tiers import Moment
from monitor.domain.usage import Usage
from monitor.domain.windows import instant_ms
from monitor.services.catalogue import effective_prices, price_lists, price_of

OPENAI = "https://api.openai.com/v1"
NOW_MS = instant_ms(datetime(2026, 11, 22, 12, tzinfo=UTC))
#: By day and by night, before and after changes.
MOMENTS = (
    datetime(2025, 3, 1, 0, 15, tzinfo=UTC),
    datetime(2025, 8, 1, 12, 0, tzinfo=UTC),
    datetime(2026, 8, 20, 2, 30, tzinfo=UTC),
    datetime(2026, 11, 22, 9, 59, tzinfo=UTC),
    datetime(2026, 11, 22, 16, 30, tzinfo=UTC),
)
BASE_URLS = {
    "openai": OPENAI,
    "openrouter": "https://openrouter.ai/api/v1",
    "mistral": "https://api.mistral.ai/v1",
    "groq": "https://api.groq.com/openai/v1",
    "deepseek": "https://api.deepseek.com",
    "anthropic": "https://api.anthropic.com/v1",
    "google": "https://generativelanguage.googleapis.com/v1beta/openai",
    "x-ai": "https://api.x.ai/v1",
}
PROVIDERS = [p for p in providers if p.id in BASE_URLS]


def endpoint(base_url: str, name: str) -> Endpoint:
    target = Target("a@default", "a", base_url, Flavour.OPENAI_CHAT, "default", None)
    return Endpoint(f"a/{name}", target, name, name)


def at(year: int, month: int, day: int) -> int:
    return instant_ms(datetime(year, month, day, 12, tzinfo=UTC))


def rate(
    prices: PriceList | None, leaf: str, input_total: int = 1, minute: int = 720
) -> int | None:
    found = None if prices is None else prices.rate(leaf, Moment(input_total, input_total, minute))
    return None if found is None else found.pico_usd


def test_an_exact_id_has_its_own_price() -> None:
    prices = price_of(endpoint(OPENAI, "gpt-4o-2024-05-13"), NOW_MS)

    assert (rate(prices, "input"), rate(prices, "output")) == (5_000_000, 15_000_000)


def test_a_dated_id_falls_back_to_the_id_without_its_date() -> None:
    prices = price_of(endpoint(OPENAI, "gpt-4o-2024-08-06"), NOW_MS)

    assert (rate(prices, "input"), rate(prices, "cache_read")) == (2_500_000, 1_250_000)


def test_the_source_names_catalogue_version_and_model() -> None:
    prices = price_of(endpoint(OPENAI, "gpt-4o-2024-08-06"), NOW_MS)

    assert prices is not None
    assert prices.source.startswith("genai-prices ")
    assert prices.source.endswith(": openai/gpt-4o")


def test_an_alias_that_the_catalogue_lists_wins_over_the_id_without_its_date() -> None:
    prices = price_of(endpoint(OPENAI, "gpt-3.5-turbo-0301"), NOW_MS)

    assert prices is not None
    assert prices.source.endswith(": openai/gpt-3.5-0301")


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        (OPENAI, "no-such-model"),
        ("http://127.0.0.1:8000/v1", "gpt-4o"),
        ("https://gateway.example/v1", "gpt-4o"),
        ("https://gateway.example/api.openai.com", "gpt-4o"),
    ],
)
def test_what_the_catalogue_does_not_know_is_unpriced(base_url: str, name: str) -> None:
    assert price_of(endpoint(base_url, name), NOW_MS) is None


@pytest.mark.parametrize("provider", HOSTED, ids=lambda p: p.name)
def test_the_first_model_of_each_hosted_provider_is_priced(provider: providers_.Provider) -> None:
    base_url = provider.base_url or f"https://ours{provider.hosts[0]}{provider.path}"
    prices = price_of(endpoint(base_url, provider.models[0].name), NOW_MS)

    assert (rate(prices, "input") or 0) > 0
    assert (rate(prices, "output") or 0) > 0


def test_an_embedding_is_priced_by_its_input_alone() -> None:
    found = cost(Usage(input=1_000_000), price_lists(OPENAI, "text-embedding-3-small"), NOW_MS)

    assert (found.state, found.nano_usd) == (CostState.COMPUTED, 20_000_000)


def test_a_price_holds_from_its_date_on() -> None:
    o3 = endpoint(OPENAI, "o3")

    assert rate(price_of(o3, at(2025, 2, 1)), "input") == 10_000_000
    assert rate(price_of(o3, at(2025, 7, 1)), "input") == 2_000_000


def test_a_tier_is_a_cliff() -> None:
    gemini = endpoint(BASE_URLS["google"], "gemini-2.5-pro")
    prices = price_of(gemini, NOW_MS)

    assert rate(prices, "input", 200_000) == 1_250_000
    assert rate(prices, "input", 200_001) == 2_500_000


def test_a_price_changes_with_the_time_of_day() -> None:
    prices = price_of(endpoint(BASE_URLS["deepseek"], "deepseek-chat"), NOW_MS)

    assert rate(prices, "input", minute=29) == 135_000
    assert rate(prices, "input", minute=30) == 270_000


def test_a_five_minute_cache_write_costs_what_a_cache_write_costs() -> None:
    prices = price_of(endpoint(BASE_URLS["anthropic"], "claude-sonnet-4-5"), NOW_MS)

    assert rate(prices, "cache_write_5m") == rate(prices, "cache_write") == 3_750_000
    assert rate(prices, "cache_write_1h") == 6_000_000


def test_searches_and_requests_are_priced_one_by_one() -> None:
    prices = price_of(endpoint(OPENAI, "gpt-4o-mini"), NOW_MS)

    assert rate(prices, "searches") == 10_000_000_000


def test_the_settings_own_price_wins() -> None:
    own = PriceList((), source="settings", valid_from_ms=0)
    watched = [endpoint(OPENAI, "gpt-4o"), endpoint(OPENAI, "gpt-4o-mini"), endpoint(OPENAI, "x")]
    prices = effective_prices(watched, {"a/gpt-4o": own, "a/gpt-4o-mini": None}, NOW_MS)

    assert prices["a/gpt-4o"] is own
    assert prices.keys() == {"a/gpt-4o", "a/gpt-4o-mini"}


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.id)
def test_a_call_costs_what_the_catalogue_itself_computes(
    provider: Provider, moment: datetime
) -> None:
    wrong = [
        model.id
        for model in provider.models
        if _is_chat(model)
        and abs(_ours(provider, model, moment) - _theirs(provider, model, moment)) > _HALF
    ]

    assert wrong == []


_HALF = Decimal("0.000001")  # of a dollar in 251,500 tokens: rates finer than a pico-dollar
_CALL = Usage(input=150_000, cache_read=100_000, output=1_500)


def _is_chat(model: ModelInfo) -> bool:
    entries = model.prices if isinstance(model.prices, list) else []
    lists = [entry.prices for entry in entries] or [model.get_prices(MOMENTS[0])]
    return all({"input_mtok", "output_mtok"} <= vars(prices).keys() for prices in lists)


def _ours(provider: Provider, model: ModelInfo, moment: datetime) -> Decimal:
    found = cost(_CALL, price_lists(BASE_URLS[provider.id], model.id), instant_ms(moment))
    if found.state is not CostState.COMPUTED or found.nano_usd is None:
        return Decimal(-1)
    return usd_from_nano(found.nano_usd)


def _theirs(provider: Provider, model: ModelInfo, moment: datetime) -> Decimal:
    counts = Counts(input_tokens=250_000, cache_read_tokens=100_000, output_tokens=1_500)
    priced = model.calc_price(counts, provider, genai_request_timestamp=moment)
    # Fees for each request count only where the wire reports a request.
    fee = vars(priced.model_price).get("requests_kcount")
    return priced.total_price - (fee / 1000 if isinstance(fee, Decimal) else Decimal(0))
