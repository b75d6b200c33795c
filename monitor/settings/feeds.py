"""Feeds of a settings file: which sources of prices are asked, how often, and who accepts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from monitor.domain.feeds import OPENROUTER_URL, Feed, FeedKind, Feeds, Policy
from monitor.settings.base import Duration, Name, Shape, Text
from monitor.settings.problems import KeyPath

_EVERY_S = (3600.0, 30 * 86_400.0)


def _read_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("is no http(s) URL; write it like https://example.com/prices.json")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("has a user, password, query or fragment, which may be secret; remove it")
    return value.rstrip("/")


class FeedShape(Shape):
    """One source of prices. Nothing is asked that does not stand here."""

    kind: FeedKind = Field(
        description="Whose format it has: openrouter, litellm, genai_prices or models_dev."
    )
    name: Name | None = Field(None, description="What it is called on screens; else its kind.")
    url: Annotated[Text, AfterValidator(_read_url)] | None = Field(
        None, description=f"Where its JSON is; of openrouter the API's base: {OPENROUTER_URL}."
    )
    file: Text | None = Field(
        None, description="A file instead, relative to this one; not for openrouter."
    )


class FeedsShape(Shape):
    """Sources of prices on the network. What they say is proposed; nothing changes by itself."""

    every: Duration = Field(86_400.0, description="How often they are asked, such as 1d.")
    accept: Policy = Field(
        Policy.BY_HAND,
        description="by_hand, or within_reason: what gives no doubts and goes against no price "
        "that you set yourself holds at once.",
    )
    feeds: tuple[FeedShape, ...] = Field((), description="The sources.")


def build_feeds(shape: FeedsShape, home: Path, blame: Callable[[KeyPath, str], None]) -> Feeds:
    """The feeds of a shape; what is wrong with it is blamed, place by place."""
    for within, text in _find_faults(shape):
        blame(("prices", *within), text)
    sources = tuple(
        Feed(each.name or each.kind.value, each.kind, _place(each, home)) for each in shape.feeds
    )
    return Feeds(sources, shape.every, shape.accept)


def _find_faults(shape: FeedsShape) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with the feeds as a whole, and where."""
    least_s, most_s = _EVERY_S
    if not least_s <= shape.every <= most_s:
        yield ("every",), f"{shape.every:g} s is outside of 1 hour to 30 days; change it"
    names: set[str] = set()
    for number, each in enumerate(shape.feeds):
        path: KeyPath = ("feeds", number)
        name = each.name or each.kind.value
        if name in names:
            yield (*path, "name"), f"feed {name!r} is listed twice; give each a name of its own"
        names.add(name)
        if each.url is not None and each.file is not None:
            yield (*path, "file"), "does not go with url; keep one"
        elif each.kind is FeedKind.OPENROUTER and each.file is not None:
            yield (*path, "file"), "is not for openrouter; `inferwatch prices propose` reads one"
        elif each.kind is not FeedKind.OPENROUTER and not (each.url or each.file):
            yield (*path, "url"), "is missing; add where its JSON is, or a file"


def _place(each: FeedShape, home: Path) -> str:
    if each.file is not None:
        return str((home / Path(each.file).expanduser()).resolve())
    return each.url or OPENROUTER_URL
