"""What the simulator writes where it must follow a schema."""

from typing import Any

import pytest

from monitor.simulator.schemas import SchemaError, fill

WORD = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (WORD, "lemon"),
        ({"type": "STRING"}, "lemon"),
        ({"type": ["string", "null"]}, "lemon"),
        ({"type": "string", "maxLength": 3}, "lem"),
        ({"type": "string", "minLength": 7}, "lemon.."),
        ({"enum": ["pear", "lemon"]}, "lemon"),
        ({"enum": ["pear", "plum"]}, "pear"),
        ({"const": 7}, 7),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 4}, 4),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "number", "exclusiveMinimum": 2}, 3),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": "array", "items": WORD}, ["lemon"]),
        ({"type": "array", "items": WORD, "minItems": 2}, ["lemon", "lemon"]),
        ({"type": "object"}, {}),
        ({"properties": {"a": WORD, "b": {"type": "null"}}}, {"a": "lemon", "b": None}),
        ({"anyOf": [WORD, {"type": "null"}]}, "lemon"),
        ({"$ref": "#/$defs/fruit", "$defs": {"fruit": WORD}}, "lemon"),
    ],
)
def test_a_value_fits_its_schema(schema: dict[str, Any], value: object) -> None:
    assert fill(schema, "lemon") == value


@pytest.mark.parametrize(
    ("bounds", "number"),
    [({}, 4), ({"minimum": 6}, 6), ({"maximum": 3}, 3), ({"minimum": 1, "maximum": 9}, 4)],
)
def test_a_number_that_is_given_is_brought_within_its_bounds(
    bounds: dict[str, int], number: int
) -> None:
    assert fill({"type": "integer"} | bounds, "lemon", 4) == number


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "fruit"},
        {"$ref": "#/$defs/fruit"},
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    ],
)
def test_what_nothing_can_fit_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaError):
        fill(schema, "lemon")
