"""`inferwatch bills`: what days were billed beside our own sums, and how asking went."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Command
from tests.making import open_database


def test_a_source_that_cannot_be_asked_is_told_and_nothing_is_made_up(
    inferwatch: Command, write_settings: Callable[..., None], home: Path
) -> None:
    write_settings()
    open_database(home, (), {}).close()
    none = inferwatch("bills")
    settings = home / "inferwatch.yaml"
    source = "{kind: openai_org, key: k-canary, provider: aurora, url: 'http://127.0.0.1:9'}"
    text = settings.read_text("utf-8") + f"bills: {{sources: [{source}]}}\n"
    settings.write_text(text, "utf-8")
    new, failed = inferwatch("bills"), inferwatch("bills", "fetch")
    [told] = json.loads(inferwatch("bills", "--json").out)

    assert "The settings name no source of bills" in none.out
    assert "not asked yet" in new.out
    assert (failed.code, "openai_org failed; what it said before stands" in failed.err) == (1, True)
    assert (told["through"], told["error"][:24]) == (None, "it could not be fetched:")
    assert {day["billed_nano_usd"] for day in told["days"]} == {None}
    assert "k-canary" not in failed.out + failed.err
