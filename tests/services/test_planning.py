from pathlib import Path

import pytest

from monitor.domain.plan import Pace, PlannedProbe
from monitor.services.catalogue import effective_prices
from monitor.services.planning import plan_probes
from monitor.settings.load import load

NOW_MS = 1_795_348_800_000


def planned(folder: Path, base_url: str, model: str, more: str = "") -> PlannedProbe:
    path = folder / "inferwatch.yaml"
    path.write_text(f"providers: {{a: {{base_url: '{base_url}', models: [{model}]}}}}\n{more}")
    settings = load(path, {})
    prices = effective_prices(settings.endpoints, settings.prices, NOW_MS)
    return plan_probes(settings, prices, NOW_MS).probes[0]


OPENAI = "https://api.openai.com/v1"


def test_a_model_of_the_catalogue_is_planned_at_its_price(tmp_path: Path) -> None:
    assert planned(tmp_path, OPENAI, "gpt-4o-mini").cost_nano_usd == 40 * 150 + 16 * 600


def test_a_model_that_thinks_first_is_planned_with_its_thoughts(tmp_path: Path) -> None:
    assert planned(tmp_path, OPENAI, "gpt-5-nano").cost_nano_usd == 40 * 50 + 256 * 400


@pytest.mark.parametrize(
    ("base_url", "more", "pace"),
    [
        (OPENAI, "", Pace.UNPRICED),
        (OPENAI, "probe_unpriced: true", Pace.AS_ASKED),
        ("http://127.0.0.1:8000/v1", "", Pace.AS_ASKED),
        ("http://192.168.1.7/v1", "", Pace.AS_ASKED),
    ],
)
def test_an_unpriced_model_is_probed_where_nobody_bills_or_it_is_allowed(
    tmp_path: Path, base_url: str, more: str, pace: Pace
) -> None:
    assert planned(tmp_path, base_url, "no-such-model", more).pace is pace


def test_a_small_budget_stretches_the_interval(tmp_path: Path) -> None:
    probe = planned(tmp_path, OPENAI, "gpt-4o", "probe_budget_usd_per_day: 0.01")

    assert (probe.pace, probe.interval_s) == (Pace.STRETCHED, 2573)
