"""The examples of docs/prices.md: they are settings as they stand there."""

import re
from pathlib import Path

from monitor.cli.prices import app
from monitor.domain.prices import cost
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage
from monitor.settings.load import load

DOCS = Path(__file__).parents[2] / "docs" / "prices.md"
NOON_MS = 43_200_000


def test_the_feeds_of_the_docs_are_settings(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(prices:\n.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (tmp_path / "inferwatch.yaml").write_text(example, "utf-8")
    feeds = load(tmp_path / "inferwatch.yaml", {}).feeds

    assert [feed.name for feed in feeds.sources] == ["openrouter", "litellm", "genai_prices"]


def test_every_command_of_prices_stands_in_the_docs() -> None:
    text = DOCS.read_text("utf-8")
    names = [command.name or "" for command in app.registered_commands]

    assert [name for name in names if not re.search(rf"`(?:[^`]* )?{name}\b", text)] == []


def test_the_prices_of_the_docs_come_to_what_providers_bill(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(providers:\n.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (tmp_path / "inferwatch.yaml").write_text(example, "utf-8")
    prices = load(tmp_path / "inferwatch.yaml", {}).prices

    def nano(endpoint: str, usage: Usage, tier: ServiceTier | None = None) -> int | None:
        found = prices[endpoint]
        return None if found is None else cost(usage, [found], NOON_MS, tier).nano_usd

    million = Usage(input=600_000, cache_read=400_000)
    long = Usage(input=200_000, cache_read=50_000, output=4_000)
    assert nano("openai/gpt-4o-2024-08-06", million) == 2_000_000_000
    assert nano("azure-eu/gpt-4o-2024-08-06", million) == 2_200_000_000
    assert nano("openai/gpt-4o-2024-08-06", Usage(output=100), ServiceTier.PRIORITY) == 1_700_000
    assert nano("gemini/gemini-2.5-pro", long) == 572_500_000
    assert nano("deepseek/deepseek-chat", Usage(input=1_000_000)) == 229_500_000
