"""Dimensions: by what calls are kept apart, and by what they are chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

#: How a name that is not known is asked for: an empty one cannot be written into an address.
NOT_KNOWN = "(none)"


class Dimension(StrEnum):
    """By what totals are kept apart: ids for endpoints, else names; "" is a name not known.

    What is interned (from `ENDPOINT` to `KEY`) is summed from rollups over any window. End users
    and tags (`OF_DETAILS`) stand in details: they are read from calls, of at most 31 days.
    """

    ALL = "all"
    ENDPOINT = "endpoint"
    MODEL = "model"
    PROVIDER = "provider"
    ORIGIN = "origin"
    TEAM = "team"
    PROJECT = "project"
    APP = "app"
    KEY = "key"
    USER = "user"
    TAG = "tag"


OF_DETAILS = frozenset({Dimension.USER, Dimension.TAG})


class OutOfReachError(ValueError):
    """More was asked of details than is read call by call, or than is kept; says what to do."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls count: those that agree with every one of these; `None` asks for all.

    "" asks for calls of which that name is not known. `endpoint` is an id of the settings, an
    app stands for its aliases too.
    """

    endpoint: str | None = None
    model: str | None = None
    provider: str | None = None
    origin: str | None = None
    team: str | None = None
    project: str | None = None
    app: str | None = None
    key: str | None = None

    def given(self) -> Iterator[tuple[Dimension, str]]:
        """Those that ask for something."""
        for field in fields(self):
            value: str | None = getattr(self, field.name)
            if value is not None:
                yield Dimension(field.name), value


EVERYTHING = Filters()
