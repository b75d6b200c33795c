"""Apps: who makes calls, by the identity that they send (`HTTP-Referer`), and what is one app.

An app that moved, or is served at several addresses, has several identities: the settings say
which are aliases of which. Calls keep what they said; aliases are merged as figures are read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class App:
    """An app of the settings: its identity, how it is called, and its other identities."""

    app: str
    title: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Apps:
    """What is known of apps: those of the settings, and the titles that apps told themselves."""

    listed: Mapping[str, App] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    _meant: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: Iterable[App], titles: Mapping[str, str]) -> "Apps":
        """Apps by the settings and by the titles that were told."""
        known = {each.app: each for each in listed}
        meant = {alias: each.app for each in known.values() for alias in each.aliases}
        return cls(known, titles, meant)

    def meant(self, identity: str) -> str:
        """The app that an identity is of: itself, where it is nobody's alias."""
        return self._meant.get(identity, identity)

    def identities(self, app: str) -> tuple[str, ...]:
        """All identities of the app that this one is of."""
        own = self.meant(app)
        listed = self.listed.get(own)
        return (own,) if listed is None else (own, *listed.aliases)

    def title(self, app: str) -> str:
        """How an app is called: as the settings say, as it told itself, else by its identity."""
        listed = self.listed.get(app)
        if listed is not None and listed.title is not None:
            return listed.title
        told = (self.titles.get(each) for each in self.identities(app))
        return next((title for title in told if title), app)
