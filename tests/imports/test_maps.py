"""Maps, said and guessed."""

from pathlib import Path

import pytest

from monitor.imports import maps
from monitor.imports.guesses import guess
from monitor.imports.maps import BadMap, ColumnMap


def guessed(*columns: str, known: ColumnMap = ColumnMap(), **samples: str) -> dict[str, str]:  # noqa: B008 - frozen
    return {source: name for name, source in guess(known, columns, samples).columns}


def test_evident_names_are_guessed_however_they_are_spelt() -> None:
    found = guessed("Created At", "requestModel", "TTFT_ms", "cost (USD)", "Team Name", "notes")

    assert found == {
        "Created At": "started",
        "requestModel": "model",
        "TTFT_ms": "ttft_ms",
        "cost (USD)": "cost_usd",
        "Team Name": "team",
    }


@pytest.mark.parametrize(
    ("columns", "targets"),
    [
        (("prompt_tokens", "completion_tokens"), ("input_all", "output_all")),
        (("input_tokens", "output_tokens"), ("input", "output")),
        (("input_tokens", "cache_read_input_tokens"), ("input", "cache_read")),
        (("input_tokens", "input_cached_tokens"), ("input_all", "cache_read")),
        (("output_tokens", "reasoning_tokens"), ("output_all", "reasoning")),
        (
            ("usage.prompt_tokens", "usage.prompt_tokens_details.cached_tokens"),
            ("input_all", "cache_read"),
        ),
    ],
)
def test_whether_cached_tokens_are_inside_is_told_by_whose_words_they_are(
    columns: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    assert guessed(*columns) == dict(zip(columns, targets, strict=True))


def test_what_is_not_evident_is_not_guessed() -> None:
    assert guessed("latency", "date", "input", "output", "cost", "tokens", "prompt") == {}


def test_a_status_is_a_number_or_a_word() -> None:
    assert guessed("status", status="200") == {"status": "http_status"}
    assert guessed("status", status="success") == {"status": "outcome"}


def test_what_is_said_goes_before_what_is_guessed() -> None:
    known = maps.change(ColumnMap(), ["started_ms=at"], {"team": "x"}, ignored=("model",))

    assert guessed("at", "created_at", "team", "model", known=known) == {"at": "started_ms"}


def test_the_command_line_goes_before_the_map() -> None:
    base = maps.read({"columns": {"started_ms": "a"}, "constants": {"team": "x"}})
    made = maps.change(base, ["started=b"], {"team": "y", "project": None})

    assert (made.columns, made.constants) == ((("started", "b"),), (("team", "y"),))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"columns": {"latency": "x"}}, "'latency' is nothing that a column can be"),
        ({"columns": {"started": "x", "started_ms": "y"}}, "said twice"),
        ({"columns": ["x"]}, "columns has to say"),
        ({"columns": {"model": ["x"]}}, "neither a text nor a number"),
        ({"column": {}}, "'column' is none of"),
        ({"zone": "Mars/Base"}, "zone 'Mars/Base' is none"),
        ({"decimal": "!"}, "decimal"),
        ({"delimiter": "||"}, "delimiter"),
        ({"encoding": "klingon"}, "encoding 'klingon' is none"),
        ("x", "it has to have some of"),
    ],
)
def test_a_map_that_cannot_be_meant_says_what_to_do(found: object, says: str) -> None:
    with pytest.raises(BadMap, match=says):
        maps.read(found)


def test_a_map_that_cannot_be_read_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("columns: {a: [")

    with pytest.raises(BadMap, match=r"map\.yaml cannot be read"):
        maps.load(tmp_path / "map.yaml")
