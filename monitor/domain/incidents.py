"""Incidents: the stages of their life."""

from enum import StrEnum


class Stage(StrEnum):
    """Where an incident is: nobody at it, somebody at it, over, over and understood."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self in {Stage.RESOLVED, Stage.REVIEWED}


def stage(*, is_open: bool, is_acknowledged: bool, has_post_mortem: bool) -> Stage:
    """The stage by what is known of it."""
    if is_open:
        return Stage.ACKNOWLEDGED if is_acknowledged else Stage.OPEN
    return Stage.REVIEWED if has_post_mortem else Stage.RESOLVED
