"""Schemas: a value that fits a JSON Schema, as a model writes one that is made to."""

from collections.abc import Mapping
from typing import Any

_MAX_DEPTH = 12

Schema = Mapping[str, Any]


class SchemaError(ValueError):
    """Raised where nothing can fit a schema, or it refers to what it does not define."""


def fill(schema: Schema, text: str) -> Any:  # noqa: ANN401
    """A value of the schema; `text` is what the model would say, wherever a string is free."""
    return _Filler(schema, text).fill(schema, _MAX_DEPTH)


class _Filler:
    def __init__(self, root: Schema, text: str) -> None:
        self.root, self.text = root, text

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
            case name:
                return _fill_plain(name, schema)

    def _resolve(self, reference: str) -> Schema:
        target: Any = self.root
        for step in reference.removeprefix("#/").split("/"):
            if step not in target:
                raise SchemaError(f"it defines no {reference}")
            target = target[step]
        return target  # type: ignore[no-any-return]


def _name_type(schema: Schema) -> str:
    """The type in lower case (Gemini writes capitals), the first of several."""
    named = schema.get("type", "object" if "properties" in schema else "string")
    return str(named[0] if isinstance(named, list) else named).lower()


def _fill_plain(name: str, schema: Schema) -> object:
    match name:
        case "integer" | "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return min(least, schema.get("maximum", least))
        case "boolean":
            return True
        case "null":
            return None
    raise SchemaError(f"its type {name!r} is none of JSON's")
