"""Base: the kinds of values that all parts of a settings file share."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    WithJsonSchema,
)

from monitor.settings.values import (
    DURATION_PATTERN,
    read_duration_s,
    read_flag,
    read_id,
    read_name,
    read_text,
    read_whole,
    read_zone,
)

_DURATION = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": DURATION_PATTERN},
    ]
}
AMOUNT_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9.]+%?$"}]
}
TEXT_SCHEMA = {"type": "string", "minLength": 1}
#: One text, or a list of them.
NAMES_SCHEMA = {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA, "minItems": 1}]}

Text = Annotated[str, BeforeValidator(read_text)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
Whole = Annotated[int, BeforeValidator(read_whole)]
Name = Annotated[Text, AfterValidator(read_name)]
Id = Annotated[Text, AfterValidator(read_id)]
Duration = Annotated[float, BeforeValidator(read_duration_s), WithJsonSchema(_DURATION)]
Zone = Annotated[ZoneInfo, PlainValidator(read_zone), WithJsonSchema(TEXT_SCHEMA)]


class Shape(BaseModel):
    """What all parts of a settings file share: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())
