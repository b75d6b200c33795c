"""Dimensions: by what calls are kept apart, and by what they are chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Self

_DIGITS = 12
#: How a name that is not known is asked for: an empty one cannot be written into an address.
NOT_KNOWN = "(none)"


class Dimension(StrEnum):
    """By what totals are kept apart: ids for endpoints, else names; "" is a name not known.

    What is interned (from `ENDPOINT` to `KEY`) is known of every call. End users and tags
    (`OF_PEOPLE`) have sums by home day alone, and parts of days are read from calls.
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


OF_PEOPLE = frozenset({Dimension.USER, Dimension.TAG})


class OutOfReachError(ValueError):
    """More was asked of users or tags than is read, or than is kept; says what to do."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls count: those that agree with every one of these; `None` asks for all.

    "" asks for calls of which that name is not known. `endpoint` is an id of the settings, an
    app stands for its aliases too, `user` are hexadecimal digits that a keyed hash begins with,
    `tag` as `domain.tags` writes it.
    """

    endpoint: str | None = None
    model: str | None = None
    provider: str | None = None
    origin: str | None = None
    team: str | None = None
    project: str | None = None
    app: str | None = None
    key: str | None = None
    user: str | None = None
    tag: str | None = None

    def given(self) -> Iterator[tuple[Dimension, str]]:
        """Those that ask for something."""
        for field in fields(self):
            value: str | None = getattr(self, field.name)
            if value is not None:
                yield Dimension(field.name), value

    def of(self, dimension: Dimension) -> str | None:
        """What is asked for in a dimension that there is a filter for."""
        value: str | None = getattr(self, dimension.value)
        return value

    def without(self, dimension: Dimension) -> Self:
        """All of them but one."""
        return replace(self, **{dimension.value: None})


EVERYTHING = Filters()


def short_user(user: str) -> str:
    """The digits of a user's hash that tell him from others, as he is shown and asked for."""
    return user[:_DIGITS]


def people_in(by: Dimension, filters: Filters) -> frozenset[Dimension]:
    """Users, tags, both or neither: what a question has to know beside what is interned."""
    return OF_PEOPLE & {by, *(each for each, _ in filters.given())}
