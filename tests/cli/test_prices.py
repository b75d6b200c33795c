"""`inferwatch prices` over a real database, with no monitor running."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.rates import read_rates, scale, spell_rate
from monitor.domain.prices import Rate
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage, UsageState
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import ENDPOINT, OTHER, open_database, probe, record, request


@pytest.fixture(autouse=True)
def settings(write_settings: Callable[..., None], home: Path) -> None:
    write_settings()
    open_database(home).close()


def test_a_list_tells_what_is_in_force_and_what_is_unpriced(inferwatch: Command) -> None:
    told = inferwatch("prices", "list")
    lines = [line.split() for line in told.out.splitlines()]

    assert next(line for line in lines if line[:1] == [ENDPOINT.id])[1:5] == [
        "2.5",
        "10",
        "1.25",
        "test",
    ]
    assert "1 unpriced: their calls count as unpriced, not as $0" in told.out


def test_a_price_that_is_set_is_in_force_and_the_one_before_is_its_past(
    inferwatch: Command,
) -> None:
    told = inferwatch("prices", "set", OTHER.id, "input=2.50", "batch.input=1.25", "--markup", "10")
    inferwatch("prices", "set", OTHER.id, "free")
    listed = json.loads(inferwatch("prices", "list", "--json").out)
    shown = json.loads(inferwatch("prices", "show", OTHER.id, "--json").out)

    assert (told.code, told.out) == (
        0,
        f"Set the price of {OTHER.id}: input=2.75 batch.input=1.375\n",
    )
    assert listed[OTHER.id]["authority"] == "hand"
    assert [len(each["rates"]) for each in shown[OTHER.id]] == [15, 2]


def test_a_price_may_be_shown_as_it_would_be_written(inferwatch: Command) -> None:
    inferwatch("prices", "set", OTHER.id, "input@16:30-00:30=0.135", "--from", "2026-03-02 00:00")
    told = inferwatch("prices", "show", OTHER.id)

    assert "from 2026-03-02 00:00, known since 20" in told.out
    assert "input@16:30-00:30=0.135" in told.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("set", "nobody", "free"), "'nobody' is no endpoint and no model"),
        (("set", OTHER.id, "input"), "'input' is no rate; write input=2.50"),
        (("set", OTHER.id, "tea=1"), "tea has no price; these have: input,"),
        (("set", OTHER.id, "input=0.0000001"), "finer than a pico-dollar"),
        (("set", OTHER.id, "input=1", "input=2"), "is said twice"),
        (("set", OTHER.id, "input=1", "--markup", "-101"), "outside of -100 to 1000 percent"),
        (("set", OTHER.id, "input=1", "--from", "soon"), "is no date and time"),
        (("show", "nobody"), "'nobody' is no endpoint and no model"),
    ],
)
def test_what_cannot_be_done_says_why(
    inferwatch: Command, words: tuple[str, ...], says: str
) -> None:
    told = inferwatch("prices", *words)

    assert (told.code != 0, says in told.err) == (True, True), told.err


@pytest.mark.parametrize(
    ("word", "rate"),
    [
        ("input=2.5", Rate("input", 2_500_000)),
        ("images=0.003613", Rate("images", 3_613_000_000)),
        ("flex.output=5", Rate("output", 5_000_000, service_tier=ServiceTier.FLEX)),
        ("input@200000+=5", Rate("input", 5_000_000, 200_000)),
        (
            "batch.input@200000+@16:30-00:30=5",
            Rate("input", 5_000_000, 200_000, 990, 30, ServiceTier.BATCH),
        ),
        (
            "output@16:30-00:30@mon-thu,sun=5",
            Rate("output", 5_000_000, -1, 990, 30, weekdays=0b100_1111),
        ),
    ],
)
def test_a_rate_is_read_and_spelt_alike(word: str, rate: Rate) -> None:
    assert (read_rates([word]), spell_rate(rate)) == ((rate,), word)


def test_a_discount_is_rounded_half_even_to_a_pico_dollar() -> None:
    rates = scale([Rate("input", 25), Rate("output", 2_500_000)], Decimal(-10))

    assert [each.pico_usd for each in rates] == [22, 2_250_000]


def test_past_calls_are_repriced_after_a_look_and_undone(inferwatch: Command, home: Path) -> None:
    used = Usage(input=1_000_000)
    database = Database(f"sqlite:///{home / 'inferwatch.db'}")
    call = request(0, endpoint=OTHER.id, usage=used, usage_state=UsageState.MEASURED)
    record(database, [call])
    database.close()
    inferwatch("prices", "set", OTHER.id, "input=2.50", "--from", "2026-03-02 00:00")
    looked = inferwatch("prices", "reprice", OTHER.id)
    done = inferwatch("prices", "reprice", "--apply")
    undone = inferwatch("prices", "undo", "1")

    change = "1 calls, $0 → $2.50 ($2.50), 1 priced that were not"
    assert f"{change}; nothing is changed yet: --apply\n" in looked.out
    assert "2026-03-02" in looked.out
    assert done.out.startswith(f"Repricing 1: {change}\n")
    assert undone.out == "Undid repricing 1: 1 calls, $2.50 → $0 (−$2.50), 1 unpriced that were\n"
    [_, line, *_] = inferwatch("prices", "repricings").out.splitlines()
    assert line.split()[0] == "1"


def test_a_file_s_prices_hold_only_once_they_are_accepted(inferwatch: Command, home: Path) -> None:
    costs = {"input_cost_per_token": 3e-6, "output_cost_per_token": 9e-6}
    entry = {"litellm_provider": "aurora"} | costs
    (home / "costs.json").write_text(json.dumps({"aurora-small": entry}))
    open_database(home, (SMALL,), {}).close()
    told = inferwatch("prices", "propose", "costs.json")
    shown = inferwatch("prices", "diff")
    before = json.loads(inferwatch("prices", "list", "--json").out)[SMALL.id]
    accepted = inferwatch("prices", "accept", "1")

    assert told.out == "costs.json: 1 new, 0 as known, 0 older\n"
    assert shown.out.splitlines()[1].split()[:6] == [
        "1",
        SMALL.id,
        "costs.json",
        "input",
        "unpriced",
        "3",
    ]
    assert before is None
    assert accepted.out == f"Accepted for {SMALL.id}\n"
    assert "costs.json" in inferwatch("prices", "list").out


SMALL = replace(ENDPOINT, id="aurora/aurora-small", model_name="aurora-small")


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "is no JSON"), ("{}", "is none of LiteLLM's table"), ("[" * 99_999, "nothing is")],
)
def test_a_broken_file_proposes_nothing(
    inferwatch: Command, home: Path, text: str, says: str
) -> None:
    (home / "costs.json").write_text(text)
    told = inferwatch("prices", "propose", "costs.json")

    assert (told.code, says in told.err, "No source" in inferwatch("prices", "diff").out) == (
        2,
        True,
        True,
    )


def test_what_is_unpriced_is_counted_priced_backwards_and_then_gone(
    inferwatch: Command, home: Path
) -> None:
    database = Database(f"sqlite:///{home / 'inferwatch.db'}")
    used: dict[str, Any] = {
        "usage": Usage(input=1_000_000),
        "usage_state": UsageState.MEASURED,
    }
    record(database, [request(at_s, endpoint=OTHER.id, **used) for at_s in (60, 90, 120)])
    record(database, [probe(150, endpoint=OTHER.id, **used), request(60, **used)])
    database.close()
    (queued,) = json.loads(inferwatch("prices", "unpriced", "--json").out)
    shown = inferwatch("prices", "unpriced").out
    set_, look, apply = queued["commands"]
    for command in (set_.replace("output=…", "").replace("…", "2"), look):
        assert inferwatch(*shlex.split(command)[1:]).code == 0
    kept = json.loads(inferwatch("prices", "unpriced", "--json").out)
    told = inferwatch(*shlex.split(apply)[1:])

    assert (queued["endpoint"], queued["calls"], queued["of_probes"]) == (OTHER.id, 4, 1)
    assert sum(queued["usage"]) == 4_000_000
    assert set_ in shown
    assert "not $0" in shown
    assert kept == [queued]
    assert "8" in told.out
    assert inferwatch("prices", "unpriced").out == "Every call of known usage has a price\n"


def test_sources_are_asked_and_their_last_success_and_error_are_told(
    inferwatch: Command, home: Path
) -> None:
    open_database(home, (SMALL,), {}).close()
    assert "The settings name no source" in inferwatch("prices", "fetch").out
    file = home / "table.json"
    entry = {"litellm_provider": "x", "input_cost_per_token": 3e-06, "input_cost_per_second": 1}
    file.write_text(json.dumps({"aurora-small": entry}), "utf-8")
    settings = home / "inferwatch.yaml"
    feeds = "prices: {feeds: [{kind: litellm, file: table.json}]}\n"
    settings.write_text(settings.read_text("utf-8") + feeds, "utf-8")
    asked, shown = inferwatch("prices", "fetch"), inferwatch("prices", "diff")
    file.write_text("<html>", "utf-8")
    broken, sources = inferwatch("prices", "fetch"), inferwatch("prices", "sources")

    assert asked.code == 0
    assert "litellm: 1 of our endpoints priced, as of 20" in asked.out
    assert "input_cost_per_second is not understood" in asked.out
    assert "litellm" in shown.out
    assert broken.code == 1
    assert "what it said before stands" in broken.err
    assert "what it sends is not JSON" in sources.out
    assert "litellm: 1 of our endpoints priced" in sources.out
