"""Probe caps: what the probes of a day may cost, as the settings in force say."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from monitor.storage import facts
from monitor.storage.engine import Session

_NAME = "probe_budgets_nano_usd"


class Caps(NamedTuple):
    """Nano-dollars a day, of all probes and of each provider that has a cap of its own."""

    total: int
    by_provider: Mapping[str, int]


def state(session: Session, caps: Caps) -> None:
    """State the caps in force."""
    facts.state(session, _NAME, json.dumps([caps.total, dict(caps.by_provider)]))


def read(session: Session) -> Caps | None:
    """The caps in force; `None` where no monitor has stated any yet."""
    stated = facts.read(session, _NAME)
    return None if stated is None else Caps(*json.loads(stated))
