"""Budgets: what the probes of a day may cost, as the settings in force say, for those who read."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from monitor.storage import facts
from monitor.storage.engine import Session

_NAME = "probe_budgets_nano_usd"


class Budgets(NamedTuple):
    """Nano-dollars a day, of all probes and of each provider that has a cap of its own."""

    total: int
    by_provider: Mapping[str, int]


def state(session: Session, budgets: Budgets) -> None:
    """State the budgets in force."""
    facts.state(session, _NAME, json.dumps([budgets.total, dict(budgets.by_provider)]))


def read(session: Session) -> Budgets | None:
    """The budgets in force; `None` where no monitor has stated any yet."""
    stated = facts.read(session, _NAME)
    return None if stated is None else Budgets(*json.loads(stated))
