"""Prices of a settings file: what each way to write one comes to, and what is refused."""

from pathlib import Path

import pytest

from monitor.domain.prices import PriceList, Rate, cost
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import Usage
from monitor.settings.load import load
from monitor.settings.problems import SettingsError

BATCH = ServiceTier.BATCH
HOUR_MS = 3_600_000
HEAD = """\
providers:
  us:
    base_url: https://us.example.com/v1
    models:
      - name: m
        price:
"""


def read(folder: Path, price: str) -> PriceList:
    """The price list of lines that stand below `price:`."""
    file = folder / "inferwatch.yaml"
    lines = "".join(f"          {line}\n" for line in price.strip().splitlines())
    file.write_text(HEAD + lines, "utf-8")
    found = load(file, {}).prices["us/m"]
    assert found is not None
    return found


def dollars(
    prices: PriceList, usage: Usage, hour: float = 12, tier: ServiceTier | None = None
) -> float:
    """What a call costs that starts at an hour of the day."""
    found = cost(usage, [prices], int(hour * HOUR_MS), tier).nano_usd
    assert found is not None
    return found / 1e9


GEMINI = """\
input: 1.25
cache_read: 0.125
output: 10
above:
  - tokens: 200000
    input: 2.50
    cache_read: 0.25
    output: 15
"""


def test_a_larger_call_pays_the_step_for_all_of_its_tokens(tmp_path: Path) -> None:
    prices = read(tmp_path, GEMINI)
    usage = Usage(input=200_000, cache_read=50_000, output=1_000, reasoning=3_000)

    assert dollars(prices, usage) == 0.5725
    assert dollars(prices, Usage(input=200_000)) == 0.25


def test_a_step_may_look_at_input_and_output_or_hold_only_beyond(tmp_path: Path) -> None:
    prices = read(
        tmp_path,
        "input: 1\noutput: 2\nabove:\n"
        "  - {tokens: 1000, counts: total, output: 4}\n"
        "  - {tokens: 100, counts: beyond, input: 3}",
    )

    assert Rate("output", 4_000_000, 1000, tier_rule=TierRule.TOTAL) in prices.rates
    assert dollars(prices, Usage(input=300, output=701)) == (100 + 200 * 3 + 701 * 4) / 1e6


def test_hours_of_the_day_may_pass_midnight(tmp_path: Path) -> None:
    prices = read(tmp_path, "input: 0.27\nhours:\n  - {from: 16:30, to: 00:30, input: 0.135}")
    million = Usage(input=1_000_000)

    assert [dollars(prices, million, hour) for hour in (0.25, 0.5, 12, 16.5)] == [
        0.135,
        0.27,
        0.27,
        0.135,
    ]


def test_hours_may_begin_on_some_weekdays_only(tmp_path: Path) -> None:
    prices = read(
        tmp_path,
        "input: 0.27\nhours:\n"
        "  - {from: 16:30, to: 00:30, days: [thursday, friday], input: 0.135}\n"
        "  - {from: 16:30, to: 00:30, days: saturday, input: 0.20}",
    )
    first_days = [dollars(prices, Usage(input=1_000_000), 24 * day + 17) for day in range(4)]

    assert first_days == [0.135, 0.135, 0.20, 0.27]  # from a Thursday on
    assert dollars(prices, Usage(input=1_000_000), 48.25) == 0.135  # Friday's, past midnight


def test_a_service_tier_has_rates_steps_and_hours_of_its_own(tmp_path: Path) -> None:
    prices = read(
        tmp_path,
        "input: 2.50\noutput: 10\n"
        "batch:\n  input: 1.25\n  output: 5\n"
        "  above: [{tokens: 200000, input: 2, output: 7}]\n"
        "  hours: [{from: 00:00, to: 06:00, input: 1, output: 1}]",
    )

    assert dollars(prices, Usage(input=1_200, output=300)) == 0.006
    assert dollars(prices, Usage(input=1_200, output=300), tier=BATCH) == 0.003
    assert dollars(prices, Usage(input=300_000), tier=BATCH) == 0.6
    assert dollars(prices, Usage(input=1_200, output=300), hour=3, tier=BATCH) == 0.0015


def test_a_tier_that_is_not_named_leaves_its_calls_unpriced(tmp_path: Path) -> None:
    prices = read(tmp_path, "input: 2.50\noutput: 10")

    assert cost(Usage(input=1), [prices], 0, ServiceTier.FLEX).nano_usd is None


@pytest.mark.parametrize("markup", ["10", "10%", '"10 %"'])
def test_a_regional_markup_is_on_top_of_every_rate(tmp_path: Path, markup: str) -> None:
    prices = read(tmp_path, f"input: 2.50\noutput: 10\nbatch: {{input: 1.25}}\nmarkup: {markup}\n")

    assert [rate.pico_usd for rate in prices.rates] == [2_750_000, 11_000_000, 1_375_000]


def test_a_discount_comes_off_and_is_rounded_half_even_to_a_pico_dollar(tmp_path: Path) -> None:
    prices = read(tmp_path, "input: 0.000001\noutput: 0.000003\ndiscount: 50%")

    assert [rate.pico_usd for rate in prices.rates] == [0, 2]


def test_a_discount_is_taken_off_what_the_markup_made(tmp_path: Path) -> None:
    prices = read(tmp_path, "input: 1\nmarkup: 10\ndiscount: 10")

    assert prices.rates == (Rate("input", 990_000),)


BAD = {
    "above: [{input: 5}]\ninput: 1": ("above[0].tokens", "is missing; add it"),
    "above: [{tokens: -1, input: 5}]": ("above[0].tokens", "is below the least, 0"),
    "above: [{tokens: 5, input: 5, counts: all}]": ("above[0].counts", "is none of 'input'"),
    "above: [{tokens: 5, input: 5}, {tokens: 5, input: 6}]": (
        "above[1].tokens",
        "says this threshold again; say each once",
    ),
    "above: {tokens: 5}": ("above", "is no list;"),
    "hours: [{from: 25:00, to: 1:00, input: 1}]": ("hours[0].from", "is no time of day;"),
    "hours: [{to: 1:00, input: 1}]": ("hours[0].from", "is missing; add it"),
    "hours: [{from: 2:00, to: 1:00, inptu: 1}]": ("hours[0].inptu", "did you mean input?"),
    "hours: [{from: 2:00, to: 1:00, input: 1}, {from: 2:00, to: 1:00, input: 2}]": (
        "hours[1].from",
        "says these hours again;",
    ),
    "hours: [{from: 2:00, to: 1:00, days: moonday, input: 1}]": (
        "hours[0].days",
        "'moonday' is no weekday; write sunday",
    ),
    "hours: [{from: 2:00, to: 1:00, days: [monday, friday], input: 1},"
    " {from: 2:00, to: 1:00, days: friday, input: 2}]": (
        "hours[1].from",
        "says these hours again;",
    ),
    "batch: {inptu: 1}": ("batch.inptu", "unknown key; did you mean input?"),
    "bath: {input: 1}": ("bath", "unknown key; did you mean batch?"),
    "input: 1\nmarkup: lots": ("markup", "is no number; write percent, like 10 or 7.5%"),
    "input: 1\nmarkup: -5": ("markup", "is below zero; write percent, like 10 or 7.5%"),
    "input: 1\nmarkup: 2000": ("markup", "is more than 1000 percent;"),
    "input: 1\ndiscount: 101%": ("discount", "is more than 100 percent;"),
    "markup: 10": ("", "names no rate; add input and output, or write 0"),
}


@pytest.mark.parametrize(("price", "problem"), BAD.items())
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, price: str, problem: tuple[str, str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, price)

    (told,) = caught.value.problems
    key = f"providers.us.models[0].price.{problem[0]}".removesuffix(".")
    assert told.key == key
    assert told.text.startswith(problem[1]) or problem[1] in told.text


@pytest.mark.parametrize("price", ["1", "2.50", "cheap", "[1, 2]", "true"])
def test_a_bare_number_that_is_not_zero_is_told_that_only_zero_means_free(
    tmp_path: Path, price: str
) -> None:
    file = tmp_path / "inferwatch.yaml"
    file.write_text(HEAD.rstrip() + f" {price}\n", "utf-8")
    with pytest.raises(SettingsError, match=r"write 0 where it is free, else .*`input: 2.50`"):
        load(file, {})
