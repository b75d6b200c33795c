import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.settings.load import load
from monitor.settings.schema import json_schema, render

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "inferwatch.example.yaml"


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema["$defs"].values()):
        yield from part.get("properties", {}).items()


KEYS = dict(properties(json_schema()))


def keys(value: object) -> Iterator[str]:
    match value:
        case dict():
            yield from map(str, value)
            for inner in value.values():
                yield from keys(inner)
        case list():
            for inner in value:
                yield from keys(inner)
        case _:
            pass


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert (ROOT / "docs" / "settings.schema.json").read_text("utf-8") == render()


def test_the_schema_is_json() -> None:
    assert json.loads(render())["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_described(key: str) -> None:
    assert KEYS[key].get("description") or "$ref" in KEYS[key]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_stands_in_the_example(key: str) -> None:
    assert key in set(keys(yaml.safe_load(EXAMPLE.read_text("utf-8"))))


def test_the_example_is_well_formed() -> None:
    keys = ("OPENAI", "OPENROUTER", "AZURE_OPENAI")
    made_up = {f"{name}_API_KEY": f"sk-made-up-{name}" for name in keys}
    settings = load(
        EXAMPLE,
        made_up
        | {
            "ALERTS_SECRET": "made-up-for-this-test",
            "SMTP_PASSWORD": "made-up",
            "OPENAI_ADMIN_KEY": "made-up",
        }
        | {"HEARTBEAT_URL": "https://beat.example/made-up"},
    )

    assert [e.id for e in settings.endpoints] == [
        "openai/gpt-4o-mini",
        "openai/gpt-4o",
        "openrouter/gpt-4o-mini/azure",
        "azure/my-deployment",
        "llama.cpp/smollm2",
    ]
