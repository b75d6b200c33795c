from pathlib import Path

import pytest

from monitor.domain.roster import HOSTED
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
    assert "openai/gpt-4o-mini  infer every 5 min, $0.00449 a day" in told.out
    assert "Probes cost about $0.00796 a day; the cap is $1.00 a day." in told.out
    assert [e.id for e in load(home / "inferwatch.yaml").endpoints] == ["openai/gpt-4o-mini"]


def test_other_models_are_listed_with_their_cost(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    inferwatch("init", "--no-local")
    text = (home / "inferwatch.yaml").read_text()

    assert (
        "- {name: gpt-4o-mini, model: openai/gpt-4o-mini, interval: 5m}  # $0.239 a month" in text
    )
    assert (
        "      # - {name: gpt-4.1, model: openai/gpt-4.1, interval: 15m}  # $1.46 a month" in text
    )


def test_a_key_is_neither_printed_nor_written(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    monkeypatch.setenv("XAI_API_KEY", CANARY)
    told = inferwatch("init", "--no-local")

    assert CANARY not in told.out + told.err + (home / "inferwatch.yaml").read_text()


def test_a_key_that_is_not_watched_is_named_with_the_reason(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", CANARY)
    told = inferwatch("init", "--no-local")

    assert "AWS_BEARER_TOKEN_BEDROCK: not watched. AWS Bedrock: its API is not spoken" in told.out
    assert load(home / "inferwatch.yaml").is_demo


def test_each_key_is_watched_in_its_providers_own_flavour(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [provider for provider in HOSTED if provider.base_url is not None]
    for provider in named:
        monkeypatch.setenv(provider.key_variables[-1], f"{CANARY}-{provider.name}")
    told = inferwatch("init", "--no-local")
    watched = load(home / "inferwatch.yaml").endpoints

    assert told.code == 0
    assert [(e.target.provider, e.target.flavour, e.model_name) for e in watched] == [
        (provider.name, provider.flavour, provider.models[0].name) for provider in named
    ]


def test_a_variable_that_holds_no_url_is_a_fault_of_its_line(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway:port")
    told = inferwatch("init", "--no-local")

    assert told.code == 2
    assert "providers.openai.base_url" in told.err
    assert "is no URL" in told.err
    assert (home / "inferwatch.yaml").exists()


def test_an_azure_resource_is_watched_by_the_name_of_its_deployment(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://ours.openai.azure.com/")
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "our-mini")
    inferwatch("init", "--no-local")
    [endpoint] = load(home / "inferwatch.yaml").endpoints

    assert (endpoint.id, endpoint.model_name) == ("azure/our-mini", "our-mini")
    assert endpoint.target.base_url == "https://ours.openai.azure.com/openai/v1"
    assert endpoint.target.dialect.key_header == "api-key"


def test_without_the_name_of_a_deployment_an_azure_resource_is_only_reached_for(
    inferwatch: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://ours.openai.azure.com")
    told = inferwatch("init", "--no-local")
    settings = load(home / "inferwatch.yaml")

    assert "azure: list your deployments under models" in told.out
    assert [target.id for target in settings.targets] == ["azure@default"]
    assert settings.endpoints == ()
    assert "# - {name: gpt-4o-mini," in settings.path.read_text()


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
