from dataclasses import replace

import pytest

from monitor.collectors.price_files import offers
from monitor.domain.endpoints import Flavour
from monitor.domain.prices import Rate
from monitor.domain.tiers import ServiceTier
from tests.making import ENDPOINT, TARGET

BATCH, PRIORITY = ServiceTier.BATCH, ServiceTier.PRIORITY
GPT_4O = replace(ENDPOINT, id="a", model_name="gpt-4o-2024-08-06")
ROUTED = replace(
    ENDPOINT,
    id="r",
    model_name="openai/gpt-4o",
    target=replace(TARGET, flavour=Flavour.OPENROUTER),
)
ENTRY = {
    "litellm_provider": "openai",
    "input_cost_per_token": 2.5e-06,
    "output_cost_per_token": 1e-05,
    "cache_read_input_token_cost": 1.25e-06,
    "input_cost_per_token_batches": 1.25e-06,
    "output_cost_per_token_priority": 1.7e-05,
    "input_cost_per_token_above_200k_tokens": 5e-06,
    "supports_vision": True,
    "max_tokens": 16384,
}
RATES = (
    Rate("input", 2_500_000),
    Rate("output", 10_000_000),
    Rate("cache_read", 1_250_000),
    Rate("input", 1_250_000, service_tier=BATCH),
    Rate("output", 17_000_000, service_tier=PRIORITY),
    Rate("input", 5_000_000, 200_000),
)


def test_a_table_of_litellm_is_read_by_tier_and_size() -> None:
    table = {"sample_spec": {"input_cost_per_token": 0}, "gpt-4o-2024-08-06": ENTRY}
    [offer] = offers(table, [GPT_4O, ENDPOINT])

    assert (offer.endpoint, offer.name, offer.rates) == ("a", "gpt-4o-2024-08-06", RATES)


@pytest.mark.parametrize("name", ["acme/gpt-4o-2024-08-06", "acme/gpt-4o", "gpt-4o"])
def test_a_model_is_found_by_its_provider_and_without_its_date(name: str) -> None:
    assert [offer.name for offer in offers({name: ENTRY}, [GPT_4O])] == [name]


def test_a_list_of_openrouter_prices_its_own_endpoints_by_size_and_hour() -> None:
    pricing = {
        "prompt": "0.0000025",
        "image": "0.003613",
        "request": "0",
        "overrides": [
            {"min_prompt_tokens": 200_000, "prompt": "0.000005"},
            {"utc_start": "1630", "utc_end": "0030", "prompt": "0.0000001"},
            {"utc_start": "soon", "prompt": "7"},
        ],
    }
    document = {"data": [{"id": "openai/gpt-4o", "pricing": pricing}, {"id": "gpt-4o-2024-08-06"}]}
    [offer] = offers(document, [ROUTED, GPT_4O])

    assert (offer.endpoint, offer.rates) == (
        "r",
        (
            Rate("input", 2_500_000),
            Rate("requests", 0),
            Rate("input", 5_000_000, 200_000),
            Rate("input", 100_000, -1, 990, 30),
        ),
    )


@pytest.mark.parametrize("usd", ["-1", "NaN", "much", None, True, [], "1e99", 1e400])
def test_what_is_no_price_offers_nothing(usd: object) -> None:
    listed = {"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": usd}}, "?", {"pricing": 3}]}

    assert offers(listed, [ROUTED]) == []
    assert offers({"gpt-4o": ENTRY | dict.fromkeys(ENTRY, usd), "x": ENTRY}, [GPT_4O]) == []


@pytest.mark.parametrize("document", [None, 3, [], {}, {"data": {}}, {"gpt-4o": {"input": 2.5}}])
def test_another_document_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="is neither LiteLLM's table"):
        offers(document, [GPT_4O])
