"""What is known of providers by their address alone."""

from dataclasses import fields
from pathlib import Path

import pytest

from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Flavour
from monitor.domain.providers import Provider
from monitor.domain.roster import PROVIDERS, dialect_at, flavour_at, provider_at

DOCS = (Path(__file__).parents[2] / "docs" / "providers.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("base_url", "flavour"),
    [
        ("https://api.openai.com/v1", Flavour.OPENAI_CHAT),
        ("https://api.anthropic.com", Flavour.ANTHROPIC),
        ("https://api.anthropic.com/v1/", Flavour.ANTHROPIC),
        ("https://generativelanguage.googleapis.com/v1beta", Flavour.GEMINI),
        ("https://generativelanguage.googleapis.com/v1beta/openai", Flavour.OPENAI_CHAT),
        ("https://openrouter.ai/api/v1", Flavour.OPENROUTER),
        ("https://OpenRouter.ai:443/api/v1", Flavour.OPENROUTER),
        ("https://api.cohere.com", Flavour.COHERE),
        ("https://api.cohere.com/compatibility/v1", Flavour.OPENAI_CHAT),
        ("http://127.0.0.1:11434", Flavour.OLLAMA),
        ("http://localhost:11434/", Flavour.OLLAMA),
        ("http://localhost:11434/v1", Flavour.OPENAI_CHAT),
        ("http://127.0.0.1:11435", Flavour.OPENAI_CHAT),
        ("https://ours.openai.azure.com/openai/v1", Flavour.OPENAI_CHAT),
        ("https://gateway.example/api.anthropic.com", Flavour.OPENAI_CHAT),
        ("https://api.anthropic.com.example", Flavour.OPENAI_CHAT),
    ],
)
def test_a_base_url_tells_what_is_spoken_there(base_url: str, flavour: Flavour) -> None:
    assert flavour_at(base_url) is flavour


@pytest.mark.parametrize(
    ("base_url", "dialect"),
    [
        ("https://api.openai.com/v1", Dialect(limit_field="max_completion_tokens")),
        ("https://api.mistral.ai/v1", Dialect(asks_usage=False)),
        ("https://openrouter.ai/api/v1", Dialect(asks_usage=False, list_query="limit=1")),
        (
            "https://ours.openai.azure.com/openai/deployments/mini",
            Dialect(limit_field="max_completion_tokens", key_header="api-key"),
        ),
        ("https://api.groq.com/openai/v1", Dialect()),
        ("http://127.0.0.1:8000/v1", Dialect()),
        ("https://gateway.example/v1", Dialect()),
    ],
)
def test_a_host_has_its_dialect_whatever_the_path(base_url: str, dialect: Dialect) -> None:
    assert dialect_at(base_url) == dialect


def test_an_older_host_is_the_same_provider() -> None:
    assert provider_at("https://api.together.xyz/v1") == provider_at("https://api.together.ai/v1")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://openai.azure.com/openai/v1",
        "https://evil-api.together.xyz/v1",
        "https://eu.api.openai.com/v1",
    ],
)
def test_a_host_that_only_ends_alike_is_another(base_url: str) -> None:
    assert provider_at(base_url) is None


@pytest.mark.parametrize("text", ["", "openai", "http://[", "http://a:b", "http://a:99999", "://"])
def test_what_is_no_url_is_nobodys(text: str) -> None:
    assert (provider_at(text), flavour_at(text)) == (None, Flavour.OPENAI_CHAT)


def test_no_host_has_two_entries() -> None:
    urls = [p.base_url for p in PROVIDERS if p.base_url is not None]

    assert [[p.base_url for p in PROVIDERS if p.is_at(url)] for url in urls] == [[u] for u in urls]
    assert len({p.name for p in PROVIDERS}) == len(PROVIDERS)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.name)
def test_each_provider_stands_in_the_docs(provider: Provider) -> None:
    row = f"| {provider.title} | `{provider.name}` | `{provider.flavour}` | "
    [found] = [line for line in DOCS.splitlines() if line.startswith(row)]

    assert f"`{provider.base_url or provider.path}`" in found
    assert all(f"`{variable}`" in found for variable in provider.key_variables)


@pytest.mark.parametrize("word", [*Flavour, *(field.name for field in fields(Provider))])
def test_the_docs_name_each_flavour_and_each_part_of_an_entry(word: str) -> None:
    assert f"`{word}`" in DOCS or f"    {word}=" in DOCS or f"`{word}=" in DOCS
