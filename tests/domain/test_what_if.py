"""What if: the same tokens elsewhere, and what has no price there."""

from monitor.domain.prices import PriceList, Rate, cost
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage
from monitor.domain.what_if import Metered, price_elsewhere

NOON_MS = 12 * 3_600_000
PLAIN = (Rate("input", 1_000_000), Rate("output", 4_000_000))
CACHED = Usage(input=100, cache_read=900, output=50)


def there(*rates: Rate) -> PriceList:
    return PriceList(rates, source="test", valid_from_ms=10**15)


def call(usage: Usage, nano_usd: int | None = 7, tier: ServiceTier | None = None) -> Metered:
    return Metered(NOON_MS, usage, tier, nano_usd)


def test_a_call_costs_elsewhere_what_prices_of_now_say_whenever_it_was() -> None:
    found = price_elsewhere([call(Usage(input=1_000, output=10))], there(*PLAIN))

    assert (found.n, found.here_nano_usd, found.there_nano_usd) == (1, 7, 1_040_000)
    assert found.change_nano_usd == 1_039_993
    assert not found.fallen_back


def test_tiers_hold_call_by_call() -> None:
    long = Rate("input", 2_000_000, above_tokens=500)
    made = [call(Usage(input=500)), call(Usage(input=501))]

    assert price_elsewhere(made, there(*PLAIN, long)).there_nano_usd == 500_000 + 1_002_000


def test_cached_tokens_are_fresh_input_where_no_cache_has_a_price() -> None:
    found = price_elsewhere([call(CACHED)], there(*PLAIN))

    assert found.there_nano_usd == 1_000_000 + 200_000
    assert found.fallen_back == {"cache_read": 900}


def test_a_cache_that_has_its_price_is_carried_over() -> None:
    found = price_elsewhere([call(CACHED)], there(*PLAIN, Rate("cache_read", 100_000)))

    assert (found.there_nano_usd, found.fallen_back) == (100_000 + 90_000 + 200_000, {})


def test_what_has_no_price_there_is_left_out_on_both_sides() -> None:
    made = [call(Usage(input=10, output_audio=5)), call(Usage(input=10))]
    found = price_elsewhere(made, there(*PLAIN))

    assert (found.n, found.here_nano_usd, found.there_nano_usd) == (1, 7, 10_000)
    assert found.lacking == {"output_audio": 1}


def test_what_is_not_known_here_is_left_out_on_both_sides() -> None:
    found = price_elsewhere([call(Usage(input=10), None)], there(*PLAIN))

    assert (found.n, found.there_nano_usd, found.unpriced_here) == (0, 0, 1)


def test_a_service_tier_that_is_not_offered_there_is_standard() -> None:
    batch = ServiceTier.BATCH
    made = [call(Usage(input=10), tier=batch)]
    offered = there(*PLAIN, Rate("input", 500_000, service_tier=batch))

    assert price_elsewhere(made, offered).there_nano_usd == 5_000
    found = price_elsewhere(made, there(*PLAIN))
    assert (found.there_nano_usd, found.tiers) == (10_000, {batch: 1})


def test_at_its_own_prices_a_call_costs_what_it_did() -> None:
    own = PriceList(PLAIN, source="test", valid_from_ms=0)
    paid = cost(CACHED, (own,), NOON_MS).nano_usd

    assert price_elsewhere([call(CACHED, paid)], own).change_nano_usd == 0
