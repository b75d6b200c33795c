from pathlib import Path

import pytest

from monitor.settings.load import load
from monitor.simulator.catalogue import DEMO_MODELS
from tests.cli.conftest import Command

CANARY = "sk-canary-0123456789abcdef"


def test_a_key_is_watched_within_a_cent_a_day(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    told = inferwatch("init", "--no-local")

    assert told.code == 0
    assert "openai/gpt-4o-mini  every 5 min, $0.00449 a day" in told.out
    assert "Probes cost about $0.00449 a day; the budget is $1.00 a day." in told.out
    assert [e.id for e in load(home / "inferwatch.yaml").endpoints] == ["openai/gpt-4o-mini"]


def test_other_models_are_listed_with_their_cost(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    inferwatch("init", "--no-local")
    text = (home / "inferwatch.yaml").read_text()

    assert (
        "- {name: gpt-4o-mini, model: openai/gpt-4o-mini, interval: 5m}  # $0.135 a month" in text
    )
    assert (
        "      # - {name: gpt-4.1, model: openai/gpt-4.1, interval: 15m}  # $0.599 a month" in text
    )


def test_a_key_is_neither_printed_nor_written(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    monkeypatch.setenv("XAI_API_KEY", CANARY)
    told = inferwatch("init", "--no-local")

    assert CANARY not in told.out + told.err + (home / "inferwatch.yaml").read_text()


def test_a_key_of_another_provider_is_named_as_not_yet(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    told = inferwatch("init", "--no-local")

    assert "ANTHROPIC_API_KEY (Anthropic): not yet" in told.out
    assert load(home / "inferwatch.yaml").is_demo


def test_with_nothing_found_the_demo_is_written(inferwatch: Command, home: Path) -> None:
    told = inferwatch("init", "--no-local")
    settings = load(home / "inferwatch.yaml")

    assert "this is the demo" in told.out
    assert settings.is_demo
    assert [e.model for e in settings.endpoints] == [model.id for model in DEMO_MODELS]


def test_a_model_without_a_price_stays_without_in_the_demo(inferwatch: Command, home: Path) -> None:
    inferwatch("init", "--no-local")
    prices = load(home / "inferwatch.yaml").prices

    assert {name for name, price in prices.items() if price is None} == {"cirrus/cirrus-preview"}


def test_settings_are_written_where_they_are_wanted(inferwatch: Command, home: Path) -> None:
    told = inferwatch("init", "--no-local", "--path", "there/own.yaml")

    assert told.code == 0
    assert (home / "there" / "own.yaml").exists()


def test_settings_are_never_overwritten(inferwatch: Command, home: Path) -> None:
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    told = inferwatch("init", "--no-local")

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("inferwatch.yaml:1: is there already and is never overwritten;")
    assert (home / "inferwatch.yaml").read_text() == "zone: UTC\n"
