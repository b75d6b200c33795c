"""`check --url` in a flavour that is stated or told by the URL."""

import json
from pathlib import Path

import pytest

from monitor.domain.endpoints import Flavour
from monitor.simulator.catalogue import KEY
from tests.cli.conftest import Command


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("path", "flavour", "model"),
    [
        ("/iris/v1", Flavour.OPENAI_CHAT, "iris-mini"),
        ("/iris/v1", Flavour.OPENAI_RESPONSES, "iris-mini"),
        ("/iris/v1", Flavour.OPENAI_EMBEDDINGS, "iris-embed"),
        ("/dusk", Flavour.ANTHROPIC, "dusk-opal"),
        ("/equinox", Flavour.GEMINI, "equinox-lite"),
        ("/foehn/api/v1", Flavour.OPENROUTER, "foehn/warm-1"),
        ("/gale", Flavour.OLLAMA, "gale:8b"),
        ("/halo", Flavour.COHERE, "halo-a"),
    ],
)
def test_any_flavour_may_be_stated(
    inferwatch: Command,
    simulator_url: str,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    flavour: Flavour,
    model: str,
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    given = ("--url", f"{simulator_url}{path}", "--model", model, "--key-env", "MY_KEY")
    told = inferwatch("check", *given, "--flavour", flavour.value, "--json")

    assert (told.code, json.loads(told.out)["outcome"]) == (0, "ok")


def test_a_flavour_that_nobody_speaks_is_refused_with_all_that_are(
    inferwatch: Command, home: Path
) -> None:
    told = inferwatch("check", "--url", "http://a", "--model", "x", "--flavour", "bedrock")

    assert told.code == 2
    assert all(flavour in told.err for flavour in Flavour)
    assert not any(home.iterdir())
