"""Apps of a settings file: how they are called, and which identities are one app."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import Field

from monitor.domain.apps import App
from monitor.settings.base import Shape, Text
from monitor.settings.problems import KeyPath

Blame = Callable[[KeyPath, str], None]


class AppShape(Shape):
    """An app, by the identity that it sends as HTTP-Referer."""

    title: Text | None = Field(
        None, description="What it is called; else as it calls itself by its title header."
    )
    aliases: tuple[Text, ...] = Field(
        (), description="Other identities of the same app: its calls under these count as its own."
    )


def plan(shapes: Mapping[str, AppShape], blame: Blame) -> Iterator[App]:
    """The apps; an identity is of one app alone."""
    taken: dict[str, str] = {}
    for app, shape in shapes.items():
        for alias in shape.aliases:
            other = app if alias == app else alias if alias in shapes else taken.get(alias)
            if other is not None:
                text = f"app {app!r}: alias {alias!r} is of app {other!r} already; name it once"
                blame(("apps", app, "aliases"), text)
            taken[alias] = app
        yield App(app, shape.title, shape.aliases)
