"""Attributes: those of HTML that have a hyphen in their name."""

from typing import Any


def hyphened(**values: str) -> dict[str, Any]:
    """`data_path="/"` as the `data-path` of a component: `html.A(..., **hyphened(...))`."""
    return {name.replace("_", "-"): value for name, value in values.items()}
