"""Looks: what rules about sums and states find, where it is another thing than before."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from monitor.domain.ailments import Judged, Volume
from monitor.domain.bills import Billers
from monitor.domain.feeds import Feeds
from monitor.domain.rules import AlertRule
from monitor.storage.engine import Session


class Turned(NamedTuple):
    """A subject of which something holds since now, or no longer."""

    subject: str
    judged: Judged
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a rule: the volumes that files lie on, feeds and billers of the settings.

    `standing` are the subjects of which the rule holds as far as is known, and since when.
    """

    session: Session
    now_ms: int
    volumes: tuple[Volume, ...]
    feeds: Feeds
    billers: Billers
    standing: Mapping[str, int]

    def turn(self, subject: str, facts: Mapping[str, Any], *, holds: bool) -> Iterator[Turned]:
        """A subject of which the rule holds now, or not, where that is otherwise than before."""
        if holds != (subject in self.standing):
            yield Turned(subject, Judged(holds, self.now_ms), facts)


Examine = Callable[[AlertRule[Any], Look], Iterator[Turned]]
