"""Which endpoint is meant by those who tell of calls."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.events import Addressee
from monitor.services import directory
from monitor.services.directory import Directory, TooManyMet
from monitor.storage.engine import Database
from tests.making import MONDAY_MS, open_database


def endpoint(provider: str, base_url: str, flavour: Flavour, model: str) -> Endpoint:
    target = Target(f"{provider}@default", provider, base_url, flavour, "default", None)
    return Endpoint(f"{provider}/{model}", target, f"{provider}/{model}", model)


WATCHED = (
    endpoint("openai", "https://api.openai.com/v1", Flavour.OPENAI_CHAT, "gpt"),
    endpoint("anthropic", "https://api.anthropic.com", Flavour.ANTHROPIC, "claude"),
    endpoint("openrouter", "https://openrouter.ai/api/v1", Flavour.OPENROUTER, "gpt"),
    endpoint("gemini", "https://generativelanguage.googleapis.com", Flavour.GEMINI, "flash"),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path, WATCHED, {})
    yield opened
    opened.close()


def find(database: Database, to: Addressee) -> str | None:
    with database.reading() as session:
        place = Directory(session).find(to)
    return None if place is None else place.slug


@pytest.mark.parametrize(
    ("url", "model", "flavour", "meant"),
    [
        ("https://api.openai.com/v1", "gpt", None, "openai/gpt"),
        ("https://api.openai.com/v1/chat/completions", "gpt", None, "openai/gpt"),
        ("https://api.openai.com/v1/responses", "gpt", None, None),
        ("https://api.openai.com.evil.example/v1", "gpt", None, None),
        ("https://api.anthropic.com/v1/messages", "claude", None, "anthropic/claude"),
        ("https://openrouter.ai/api/v1", "gpt", Flavour.OPENAI_CHAT, "openrouter/gpt"),
        ("https://openrouter.ai/api/v1/chat/completions", "gpt", None, "openrouter/gpt"),
        (
            "https://generativelanguage.googleapis.com/v1beta/models/flash:generateContent",
            "flash",
            None,
            "gemini/flash",
        ),
    ],
)
def test_an_endpoint_is_known_by_its_url_and_model(
    database: Database, url: str, model: str, flavour: Flavour | None, meant: str | None
) -> None:
    assert find(database, Addressee(url=url, model=model, flavour=flavour)) == meant


def test_the_same_model_at_two_addresses_is_two_endpoints(database: Database) -> None:
    here, there = (
        Addressee(provider="ours", url=f"http://{host}/v1", model="m") for host in ("a", "b")
    )
    with database.writing() as session:
        directory.meet(session, [here, there], MONDAY_MS)
        directory.meet(session, [here, there], MONDAY_MS)

    assert [find(database, to) for to in (here, there)] == ["ours/m", "ours/m at http://b/v1"]


@pytest.mark.parametrize(
    ("provider", "spoken"),
    [
        ("anthropic", Flavour.ANTHROPIC),
        ("gemini", Flavour.GEMINI),
        ("openrouter", Flavour.OPENROUTER),
        ("nobody knows", Flavour.OPENAI_CHAT),
    ],
)
def test_who_is_met_by_a_known_name_alone_speaks_as_that_provider_does(
    database: Database, provider: str, spoken: Flavour
) -> None:
    with database.writing() as session:
        directory.meet(session, [Addressee(None, provider, None, "new")], MONDAY_MS)
    with database.reading() as session:
        place = Directory(session).find(Addressee(None, provider, None, "new"))

    assert place is not None
    assert place.flavour is spoken


def test_names_without_end_are_not_all_kept_apart(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST_MET", 2)
    strangers = [Addressee(provider="ours", model=f"m-{n}") for n in range(3)]

    with (
        pytest.raises(TooManyMet, match="over 2 models"),
        database.writing() as session,
    ):
        directory.meet(session, strangers, MONDAY_MS)
