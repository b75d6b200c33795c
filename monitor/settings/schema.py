"""Schema: the JSON Schema of a settings file, for editors that complete and check while typing."""

import json
from typing import Any

from monitor.settings.shape import FileShape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as a JSON object; both short forms (`- name`, `price: 0`) included."""
    schema = FileShape.model_json_schema()
    parts = schema["$defs"]
    parts["ProviderShape"]["properties"]["models"]["items"] = {
        "anyOf": [{"$ref": "#/$defs/ModelShape"}, {"type": "string", "minLength": 1}]
    }
    parts["ModelShape"]["properties"]["price"]["anyOf"].append({"enum": [0, "0", "free"]})
    return {"$schema": DIALECT, **schema, "title": "inferwatch settings"}


def render() -> str:
    """The schema as text, as committed in docs/settings.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
