from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collectors import price_files
from monitor.domain.endpoints import Endpoint, Flavour, Pins
from monitor.domain.offers import Offer, Said
from monitor.domain.prices import Rate
from monitor.domain.retirements import Retiring
from monitor.domain.tiers import ServiceTier
from tests.making import ENDPOINT, MONDAY_MS, TARGET

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


def read(document: object, endpoints: Sequence[Endpoint]) -> Said:
    return price_files.read(document, endpoints, MONDAY_MS)


def offers(document: object, endpoints: Sequence[Endpoint]) -> list[Offer]:
    return list(read(document, endpoints).offers)


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
    with pytest.raises(ValueError, match="is none of LiteLLM's table"):
        offers(document, [GPT_4O])


def lite(**fields: Any) -> Said:
    """What an entry of LiteLLM says beside a price of input."""
    entry = {"litellm_provider": "x", "mode": "chat", "input_cost_per_token": 1e-06, **fields}
    return read({"gpt-4o-2024-08-06": entry}, [GPT_4O])


#: One of each family of fields: what it adds to the price of input.
FAMILIES: list[tuple[dict[str, Any], tuple[Rate, ...]]] = [
    (
        {"cache_creation_input_token_cost": 2e-06},
        tuple(Rate(leaf, 2_000_000) for leaf in ("cache_write", "cache_write_5m")),
    ),
    (
        {"cache_creation_input_token_cost_above_1hr": 6e-06},
        (Rate("cache_write_1h", 6_000_000),),
    ),
    (
        {"cache_creation_input_token_cost_above_1hr_above_200k_tokens": 12e-06},
        (Rate("cache_write_1h", 12_000_000, 200_000),),
    ),
    *(
        (
            {f"output_cost_per_token_above_{size}k_tokens": 2e-06},
            (Rate("output", 2_000_000, size * 1000),),
        )
        for size in (100, 128, 200, 256, 272, 512)
    ),
    (
        {"input_cost_per_token_above_200k_tokens_priority": 9e-06},
        (Rate("input", 9_000_000, 200_000, service_tier=PRIORITY),),
    ),
    (
        {"output_cost_per_token_flex": 1e-06},
        (Rate("output", 1_000_000, service_tier=ServiceTier.FLEX),),
    ),
    ({"output_cost_per_reasoning_token": 3e-06}, (Rate("reasoning", 3_000_000),)),
    ({"input_cost_per_audio_token": 4e-05}, (Rate("input_audio", 40_000_000),)),
    ({"output_cost_per_audio_token": 8e-05}, (Rate("output_audio", 80_000_000),)),
    ({"input_cost_per_image_token": 5e-06}, (Rate("input_image", 5_000_000),)),
    ({"input_cost_per_request": 0.005}, (Rate("requests", 5_000_000_000),)),
    ({"input_cost_per_query": 0.002, "mode": "rerank"}, (Rate("requests", 2_000_000_000),)),
    (
        {
            "search_context_cost_per_query": dict.fromkeys(
                ("search_context_size_low", "search_context_size_high"), 0.03
            )
        },
        (Rate("searches", 30_000_000_000),),
    ),
    (
        {
            "tiered_pricing": [
                {"range": [0, 32000.0], "input_cost_per_token": 1e-06},
                {"range": [32000.0, 128000], "input_cost_per_token": 2e-06},
            ]
        },
        (Rate("input", 2_000_000, 32_000),),
    ),
    (
        {
            "off_peak_pricing": {
                "input_cost_per_token": 5e-07,
                "windows": [
                    {"hours_utc": ["00:00-01:00", "10:00-00:00"]},
                    {"hours_utc": "5:00-6:00"},
                ],
            }
        },
        (Rate("input", 500_000, -1, 0, 60), Rate("input", 500_000, -1, 600, 0)),
    ),
    (
        {
            "off_peak_pricing": {
                "input_cost_per_token": 5e-07,
                "windows": [{"hours_utc": "16:30-00:30", "weekdays": [1, 2, 3, 4, 5, 6, 7]}],
            }
        },
        (Rate("input", 500_000, -1, 990, 30),),
    ),
    (
        {
            "off_peak_pricing": {
                "input_cost_per_token": 5e-07,
                "windows": [
                    {"hours_utc": "16:30-00:30", "weekdays": [1, 2, 3, 4, 5]},
                    {"hours_utc": ["00:00-00:00"], "weekdays": [6, 7]},
                ],
            }
        },
        (
            Rate("input", 500_000, -1, 990, 30, weekdays=0b001_1111),
            Rate("input", 500_000, -1, 0, 0, weekdays=0b110_0000),
        ),
    ),
]


NO_WEEKDAYS: list[Any] = [[0, 1], [8], [], "weekend", [True], ["6"], [[]], None]


@pytest.mark.parametrize(("fields", "rates"), FAMILIES)
def test_each_family_of_litellm_s_fields_is_read(
    fields: dict[str, Any], rates: tuple[Rate, ...]
) -> None:
    [offer] = lite(**fields).offers

    assert offer.rates == (Rate("input", 1_000_000), *rates)


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"input_cost_per_token_ultrafast": 1e-05}, "input_cost_per_token_ultrafast is not under"),
        ({"cache_creation_input_token_cost_above_12hr": 1e-05}, "_above_12hr is not understood"),
        ({"input_cost_per_second": 0.1}, "input_cost_per_second is not understood"),
        ({"output_cost_per_character": 0.1}, "output_cost_per_character is not understood"),
        ({"google_maps_grounding_cost_per_query": 0.1}, "google_maps_grounding_cost_per_query is"),
        ({"input_cost_per_query": 0.1}, "input_cost_per_query is not understood"),
        ({"new_pricing": {"a": 1}}, "new_pricing is not understood, and left out"),
        ({"output_cost_per_token": "NaN"}, "output_cost_per_token is no price"),
        ({"output_cost_per_token": -1}, "output_cost_per_token is no price"),
        ({"output_cost_per_token": 10**30}, "output_cost_per_token is no price"),
        ({"tiered_pricing": [{"range": "all"}]}, "a range of tiered_pricing is not understood"),
        (
            {
                "off_peak_pricing": {
                    "input_cost_per_token": 5e-07,
                    "windows": [
                        {"hours_utc": "01:00-02:00", "weekdays": days} for days in NO_WEEKDAYS
                    ],
                }
            },
            "off-peak hours are not understood; the full price is taken then",
        ),
        (
            {"search_context_cost_per_query": {"low": 0.03, "high": 0.05}},
            "a search's price hangs on its size",
        ),
    ],
)
def test_what_is_not_understood_is_remarked_on_and_no_price(
    fields: dict[str, Any], remark: str
) -> None:
    said = lite(**fields)

    assert said.offers[0].rates == (Rate("input", 1_000_000),)
    assert len(said.remarks) == 1
    assert remark in said.remarks[0]
    assert said.remarks[0].endswith("(gpt-4o-2024-08-06)")


@pytest.mark.parametrize(
    "quiet", ["input_cost_per_image", "supports_vision", "max_tokens", "deprecation_date"]
)
def test_what_costs_nothing_of_its_own_is_passed_over(quiet: str) -> None:
    assert lite(**{quiet: 3}).remarks == ()


def routed(**pins: Any) -> Endpoint:
    return replace(ROUTED, pins=Pins(**pins) if pins else None)


SERVED = {
    "data": {
        "id": "openai/gpt-4o",
        "endpoints": [
            {"tag": "azure", "pricing": {"prompt": "0.0000025", "internal_reasoning": "0"}},
            {"tag": "openai/eu", "pricing": {"prompt": "0.00000275"}},
            {"tag": "many/a", "pricing": {"prompt": "1"}},
            {"tag": "many/b", "pricing": {"prompt": "2"}},
        ],
    }
}


@pytest.mark.parametrize(
    ("pins", "pico_usd"),
    [
        ({"only": ("azure",)}, 2_500_000),
        ({"order": ("openai",), "allow_fallbacks": False}, 2_750_000),
        ({"order": ("openai",)}, None),
        ({"only": ("many",)}, None),
        ({"only": ("azure", "openai")}, None),
        ({}, None),
    ],
)
def test_who_is_pinned_pays_what_that_provider_asks(
    pins: dict[str, Any], pico_usd: int | None
) -> None:
    found = [offer.rates for offer in offers(SERVED, [routed(**pins)])]

    assert found == ([] if pico_usd is None else [(Rate("input", pico_usd),)])


def test_a_price_of_the_model_is_none_of_who_is_pinned() -> None:
    listed = {"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": "1"}}]}

    assert offers(listed, [routed(only=("azure",))]) == []


def test_what_openrouter_says_and_we_do_not_know_is_remarked_on() -> None:
    pricing = {"prompt": "-1", "discount": 0.25, "image_output": "0.1", "video": "0"}
    overrides = [{"prompt": "1"}, {"min_prompt_tokens": "many", "prompt": "1"}, 3]
    said = read(
        {"data": [{"id": "openai/gpt-4o", "pricing": pricing | {"overrides": overrides}}]}, [ROUTED]
    )

    assert said.offers == ()
    assert [remark.partition(" (")[0] for remark in said.remarks] == [
        "prompt varies, or is no price",
        "discount is not understood, and left out",
        "image_output is not understood, and left out",
        "an override of unknown conditions is left out",
    ]


OPENAI = replace(
    ENDPOINT,
    id="o",
    model_name="gpt-4o-2024-08-06",
    target=replace(TARGET, base_url="https://api.openai.com/v1"),
)


def genai(prices: object, match: object = None, id_: str = "gpt-4o") -> Said:
    model = {"id": id_, "match": match or {"equals": "gpt-4o-2024-08-06"}, "prices": prices}
    return read([{"id": "openai", "models": [model]}, 3], [OPENAI])


def test_data_of_genai_prices_have_steps_dates_and_hours() -> None:
    said = genai(
        [
            {"prices": {"input_mtok": 9, "output_mtok": 9}},
            {
                "constraint": {"start_date": "2026-01-01"},
                "prices": {
                    "input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}
                },
            },
            {
                "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                "prices": {"input_mtok": 3, "requests_kcount": 5},
            },
            {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 7}},
        ]
    )

    assert said.offers[0].rates == (
        Rate("input", 1_250_000),
        Rate("output", 9_000_000),
        Rate("input", 2_500_000, 200_000),
        Rate("input", 3_000_000, -1, 30, 990),
        Rate("requests", 5_000_000_000, -1, 30, 990),
    )
    assert said.remarks == (
        "a price of another time is left out: announced, or not understood (gpt-4o)",
    )


@pytest.mark.parametrize(
    ("match", "is_meant"),
    [
        ({"or": [{"equals": "x"}, {"equals": "gpt-4o-2024-08-06"}]}, True),
        ({"and": [{"starts_with": "gpt-4o"}, {"ends_with": "06"}]}, True),
        ({"contains": "4o"}, True),
        ({"regex": "(g+)+$"}, False),
        ({"starts_with": "o"}, False),
        ({"and": []}, False),
        ("gpt", False),
    ],
)
def test_a_model_of_genai_prices_is_found_by_its_rules_but_by_no_pattern(
    match: object,
    is_meant: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert len(genai({"input_mtok": 1}, match, "other").offers) == is_meant


def test_models_dev_has_steps_of_the_input_s_size() -> None:
    cost = {
        "input": 2.5,
        "output": 10,
        "cache_read": 1.25,
        "tiers": [{"tier": {"type": "context", "size": 200_000}, "input": 5}, {"tier": 3}],
        "video": 1,
    }
    said = read({"openai": {"models": {"gpt-4o": {"cost": cost}}}}, [OPENAI])

    assert said.offers[0].rates == (
        Rate("input", 2_500_000),
        Rate("output", 10_000_000),
        Rate("cache_read", 1_250_000),
        Rate("input", 5_000_000, 200_000),
    )
    assert len(said.remarks) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_whatever_stands_in_a_document_nothing_is_raised(a: object, b: object, c: object) -> None:
    documents: list[Any] = [
        {"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": a, "overrides": b, "x": c}}, b]},
        {"data": {"id": "openai/gpt-4o", "endpoints": [{"tag": "azure", "pricing": a}, b]}},
        {"gpt-4o": {"litellm_provider": a, "tiered_pricing": b, "off_peak_pricing": c}},
        {"gpt-4o": {"litellm_provider": a, "search_context_cost_per_query": b, "a_cost": c}},
        [{"id": "openai", "models": [{"id": a, "match": b, "prices": c}]}],
        [{"id": "openai", "models": [{"id": "gpt-4o", "match": b, "prices": {"input_mtok": c}}]}],
        {"openai": {"models": {"gpt-4o": {"cost": {"input": a, "tiers": b}}}}},
        {"data": {"id": "openai/gpt-4o", "endpoints": a}},
    ]
    for document in documents:
        said = read(document, [GPT_4O, routed(only=("azure",)), ROUTED, OPENAI])
        assert all(rate.pico_usd >= 0 for offer in said.offers for rate in offer.rates)


@pytest.mark.parametrize(
    ("told", "day"), [("2027-01-14", date(2027, 1, 14).toordinal()), ("soon", None), (None, None)]
)
def test_a_table_of_litellm_tells_until_when_a_model_is_served(
    told: str | None, day: int | None
) -> None:
    table = {"gpt-4o-2024-08-06": {**ENTRY, "deprecation_date": told}}
    expected = () if day is None else (Retiring("a", day),)

    assert read(table, [GPT_4O, ENDPOINT]).retiring == expected


def test_a_list_of_openrouter_tells_until_when_a_model_is_served() -> None:
    listed = {"id": "openai/gpt-4o", "expiration_date": "2027-01-14", "pricing": {}}
    expected = (Retiring("r", date(2027, 1, 14).toordinal()),)

    assert read({"data": [listed]}, [ROUTED, GPT_4O]).retiring == expected
