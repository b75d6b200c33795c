from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.runtime.arrangement import arrange, fit
from monitor.services import reference
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.storage.engine import Database
from tests.making import MONDAY_MS, open_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "inferwatch.yaml"
    path.write_text("zone: UTC\n")
    return load(path)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path, watched=(), priced={})
    yield database
    database.close()


def test_the_rule_of_the_settings_is_the_one_that_the_ledger_decides_by(
    database: Database, settings: Settings
) -> None:
    said = []
    for is_strict in (True, False):
        asked = replace(settings, openrouter_strict=is_strict)
        fitted = fit(database, asked, MONDAY_MS)
        with database.writing() as session:
            arrange(session, asked, fitted, MONDAY_MS)
            said.append(reference.load(session).rule.openrouter_strict)

    assert said == [True, False]


@pytest.mark.parametrize(
    ("budget_usd", "price", "by_traffic"),
    [("1", "1", []), ("0", "1", ["acme/acme-1"]), ("1", None, ["acme/acme-1"])],
)
def test_who_gets_no_probe_for_want_of_money_or_price_is_judged_by_traffic(
    tmp_path: Path, database: Database, budget_usd: str, price: str | None, by_traffic: list[str]
) -> None:
    priced = "" if price is None else f", price: {{input: {price}, output: {price}}}"
    path = tmp_path / "inferwatch.yaml"
    path.write_text(
        f"zone: UTC\nprobe_budget_usd_per_day: {budget_usd}\nproviders:\n  acme:\n"
        f"    base_url: https://api.acme.example/v1\n    models: [{{name: acme-1{priced}}}]\n"
    )
    asked = load(path)
    fitted = fit(database, asked, MONDAY_MS)
    with database.writing() as session:
        arrange(session, asked, fitted, MONDAY_MS)
        known = reference.load(session)

    assert [known.slugs[number] for number in known.unprobed] == by_traffic
