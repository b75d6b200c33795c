"""Former ids: what endpoints and targets were called before they were renamed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from monitor.settings.problems import KeyPath


@dataclass(slots=True)
class FormerIds:
    """The old id of each one that was renamed, by its new one, and where the file says so."""

    ids: dict[str, str] = field(default_factory=dict)
    _places: dict[str, KeyPath] = field(default_factory=dict)

    def add(self, new_id: str, old_id: str, path: KeyPath) -> None:
        """Note what one was called before."""
        self.ids[new_id], self._places[new_id] = old_id, path

    def find_faults(self, listed: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
        """What cannot be meant, place by place: one history has one owner."""
        owners: dict[str, str] = {}
        for new_id, old_id in self.ids.items():
            owner = owners.setdefault(old_id, new_id)
            if old_id in listed:
                text = f"{old_id!r} is watched under that very id; remove this line"
            elif owner != new_id:
                text = f"{old_id!r} is also what {owner!r} was; keep one, it has one history"
            else:
                continue
            yield self._places[new_id], text
