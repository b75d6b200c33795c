"""Capabilities: what a model may be able to do, beyond answering a line of text."""

from enum import StrEnum


class Capability(StrEnum):
    """What a capability probe tests."""

    IMAGE = "image"
    SCHEMA = "schema"
    TOOL = "tool"
    EMBEDDINGS = "embeddings"
