"""Sources of bills in a settings file."""

from pathlib import Path

import pytest

from monitor.domain.bills import Billers
from monitor.settings.load import load
from monitor.settings.problems import SettingsError


def read(folder: Path, sources: str) -> Billers:
    text = "providers: {a: {base_url: 'https://a.example.com/v1'}}\nbills:\n  sources: " + sources
    (folder / "inferwatch.yaml").write_text(text + "\n", "utf-8")
    settings = load(folder / "inferwatch.yaml", {})
    assert {each.key for each in settings.billers.sources} <= set(settings.secrets)
    return settings.billers


def test_a_source_begins_where_its_kind_does(tmp_path: Path) -> None:
    [source] = read(tmp_path, "[{kind: openai_org, key: k-123, provider: a}]").sources

    assert (source.name, source.url) == ("openai_org", "https://api.openai.com")


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ("[{kind: openrouter, key: k, provider: b}]", "'b' is none of the providers here"),
        (
            "[{kind: openrouter, key: k, provider: a}, {kind: openrouter, key: k, provider: a}]",
            "is listed twice",
        ),
        ("[{kind: openrouter, provider: a}]", "is missing"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(tmp_path: Path, sources: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read(tmp_path, sources)
