"""The snippets of docs/recorder.md run, and what they say is recorded."""

import re
from pathlib import Path
from typing import Any

import pytest

from monitor.recorder import flush
from monitor.recorder.place import read_place
from monitor.simulator.catalogue import KEY
from tests.recorder.listener import Listener

PAGE = (Path(__file__).parents[2] / "docs/recorder.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
#: What the simulator calls the models of the page; it speaks the beta of Gemini.
MODELS = {
    "gpt-4o-mini": "aurora-large",
    "claude-haiku-4-5": "dusk-opal",
    "gemini-2.5-flash": "equinox-lite",
}

BETA = 'genai.Client(http_options={"api_version": "v1beta"})'


@pytest.fixture
def at_simulator(root_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, path in [("OPENAI", "/aurora/v1"), ("ANTHROPIC", "/dusk")]:
        monkeypatch.setenv(f"{name}_BASE_URL", f"{root_url}{path}")
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"{root_url}/equinox")
    monkeypatch.setenv("GEMINI_API_KEY", KEY)


@pytest.mark.usefixtures("at_simulator")
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_records_the_calls_that_it_makes(snippet: str, listener: Listener) -> None:
    names: dict[str, Any] = {}
    asked = [model for model in MODELS if model in snippet]
    for model, ours in MODELS.items():
        snippet = snippet.replace(model, ours)
    snippet = snippet.replace("genai.Client()", BETA)
    exec(snippet, names)  # noqa: S102 - our own page
    flush(30)

    assert [it["model"] for it in listener.events] == [MODELS[model] for model in asked]
    assert all(event["usage_reported"] for event in listener.events)


@pytest.mark.usefixtures("own_courier")
def test_every_variable_of_the_environment_is_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = re.findall(r"^\| `(INFERWATCH_\w+)`", PAGE, re.MULTILINE)
    source = "".join(
        it.read_text() for it in Path(__file__).parents[2].glob("monitor/recorder/*.py")
    )
    monkeypatch.setenv("INFERWATCH_SPOOL_MB", "3")

    assert set(named) == set(re.findall(r'"(INFERWATCH_\w+)"', source))
    assert read_place().spool_bytes == 3 * 1024 * 1024
