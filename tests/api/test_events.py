"""What an event may say, held to its page."""

import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.api.events import EventBody
from monitor.domain.usage import LEAVES

PAGE = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text("utf-8")
EVENT = {"started_ms": 1_764_000_000_000, "endpoint": "aurora/aurora-small"}


def documented() -> dict[str, str]:
    """The type of each field in the page's table of the event."""
    section = PAGE.partition("## The event")[2].partition("## The answer")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE))


def schema_types() -> dict[str, str]:
    """The same by the schema."""
    schema = EventBody.model_json_schema()
    return {
        name: _type(field) + (", **needed**" if name in schema["required"] else "")
        for name, field in schema["properties"].items()
    }


def _type(field: dict[str, Any]) -> str:
    kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
    names = {
        "#/$defs/Flavour": "one of the [flavours](providers.md#flavours)",
        "#/$defs/Outcome": "[outcome class](semantics.md#2-outcome-and-blame)",
        "#/$defs/LocalFailure": "[outcome class](semantics.md#2-outcome-and-blame)",
        "#/$defs/UsageBody": "object of leaves",
        "string": "text",
        "boolean": "true or false",
    }
    if "patternProperties" in kinds[0]:
        return "object of texts"
    told = [kind.get("$ref") or kind["type"] for kind in kinds]
    return " or ".join(dict.fromkeys(names.get(each, each) for each in told))


def test_the_page_has_every_field_with_its_type_and_no_other() -> None:
    assert documented() == schema_types()


def test_the_page_names_every_leaf() -> None:
    assert set(LEAVES) <= set(re.findall(r"`(\w+)`", PAGE))


def test_the_end_is_made_of_the_duration_and_the_other_way_round() -> None:
    by_duration = EventBody.model_validate(EVENT | {"total_s": 1.25}).read()
    by_end = EventBody.model_validate(EVENT | {"ended_ms": EVENT["started_ms"] + 1_250}).read()  # type: ignore[operator]

    assert (by_duration.ended_ms, by_duration.timings) == (by_end.ended_ms, by_end.timings)


def test_a_cost_is_exact_whether_number_or_text() -> None:
    costs = ["0.123456789", Decimal("0.123456789"), 0.123456789]

    read = {EventBody.model_validate(EVENT | {"cost_usd": cost}).read() for cost in costs}

    assert {event.cost_nano_usd for event in read} == {123_456_789}


def test_no_secret_of_a_url_is_taken_along() -> None:
    url = "https://user:sk-secret@API.example:8443/v1/?key=sk-secret#sk-secret"

    event = EventBody.model_validate(EVENT | {"url": url}).read()

    assert event.to.url == "https://api.example:8443/v1"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"started_ms": True}, "valid integer"),
        ({"started_ms": "2026-11-24"}, "valid integer"),
        ({"endpoint": None}, "name an endpoint, or a model with its url or provider"),
        ({"endpoint": None, "model": "gpt-4o"}, "name an endpoint, or a model"),
        ({"ended_ms": 1}, "ended_ms is before started_ms"),
        ({"ttft_s": 2, "total_s": 1}, "ttft_s is longer than total_s"),
        ({"total_s": "NaN"}, "finite"),
        ({"total_s": -1}, "greater than or equal to 0"),
        ({"usage": {"input": 1}, "usage_reported": {}}, "not both"),
        ({"usage": {"input": -1}}, "greater than or equal to 0"),
        ({"usage": {"input": 1.5}}, "valid integer"),
        ({"usage": {"tokens": 1}}, "Extra inputs"),
        ({"estimated_by": "a guess"}, "there is none"),
        ({"cost_usd": -1}, "greater than or equal to 0"),
        ({"cost_usd": "Infinity"}, "finite"),
        ({"url": "ftp://api.example"}, "https://"),
        ({"url": "https://api.example:x"}, "no URL"),
        ({"url": "https:///v1"}, "name a host"),
        ({"http_status": 42}, "greater than or equal to 100"),
        ({"outcome": "fine"}, "Input should be"),
        ({"team": ""}, "at least 1 character"),
        ({"tags": {str(n): "x" for n in range(21)}}, "at most 20"),
        ({"promt": "hello"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_says_why(said: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        EventBody.model_validate(EVENT | said)

    assert says in str(caught.value)


@given(st.sampled_from(["model", "endpoint", "team", "app_title", "user"]), st.characters())
def test_no_name_hides_or_turns_anything(field: str, character: str) -> None:
    hides = unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}
    try:
        EventBody.model_validate(EVENT | {field: f"a{character}b"})
    except ValidationError:
        return
    assert not hides
