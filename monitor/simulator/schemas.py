"""Schemas: a value that fits a JSON Schema, as a model writes one that is made to."""

from collections.abc import Mapping
from typing import Any

_MAX_DEPTH = 12

Schema = Mapping[str, Any]


class SchemaError(ValueError):
    """Raised where nothing can fit a schema, or it refers to what it does not define."""


def fill(schema: Schema, text: str, number: int | None = None) -> Any:  # noqa: ANN401
    """A value of the schema, which says the text wherever a string is free.

    A number is the one given, brought within its bounds; without one, the least that may be.
    """
    return _Filler(schema, text, number).fill(schema, _MAX_DEPTH)


class _Filler:
    def __init__(self, root: Schema, text: str, number: int | None) -> None:
        self.root, self.text, self.number = root, text, number

    def fill(self, schema: Schema, depth: int) -> Any:  # noqa: ANN401
        if not depth:
            raise SchemaError("it has no end")
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self.fill(choices[0], depth - 1)
        if "$ref" in schema:
            return self.fill(self._resolve(schema["$ref"]), depth - 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.text if self.text in schema["enum"] else schema["enum"][0]
        return self._fill_type(schema, depth)

    def _fill_type(self, schema: Schema, depth: int) -> Any:  # noqa: ANN401
        match _name_type(schema):
            case "object":
                fields = schema.get("properties", {})
                return {name: self.fill(field, depth - 1) for name, field in fields.items()}
            case "array":
                item = self.fill(schema.get("items", {}), depth - 1)
                return [item] * max(1, schema.get("minItems", 1))
            case "string":
                return self.text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]
            case "integer" | "number":
                return _bound(self.number, schema)
            case name:
                return _fill_plain(name)

    def _resolve(self, reference: str) -> Schema:
        target = self.root
        for step in reference.removeprefix("#/").split("/"):
            found = target.get(step)
            if not isinstance(found, dict):
                raise SchemaError(f"it defines no {reference}")
            target = found
        return target


def _name_type(schema: Schema) -> str:
    """The type in lower case (Gemini writes capitals), the first of several."""
    named = schema.get("type", "object" if "properties" in schema else "string")
    return str(named[0] if isinstance(named, list) else named).lower()


def _bound(number: int | None, schema: Schema) -> Any:  # noqa: ANN401
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    wanted = least if number is None else max(number, schema.get("minimum", number))
    return min(wanted, schema.get("maximum", wanted))


def _fill_plain(name: str) -> object:
    match name:
        case "boolean":
            return True
        case "null":
            return None
    raise SchemaError(f"its type {name!r} is none of JSON's")
