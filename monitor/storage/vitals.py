"""Vitals: the monitor's looks at itself, a row each."""

from sqlalchemy import insert

from monitor.domain.vitals import Vitals
from monitor.storage.calls import micros
from monitor.storage.engine import Session
from monitor.storage.models.operations import VitalsRow

_SECONDS = {"lag_s": "lag_us", "clock_behind_s": "clock_behind_us"}


def add(session: Session, vitals: Vitals) -> None:
    """Keep a look. One of an instant that is kept already changes nothing."""
    values = {name: getattr(vitals, name) for name in vitals.__slots__}
    row = {
        _SECONDS.get(name, name): micros(value) if name in _SECONDS else value
        for name, value in values.items()
    }
    session.execute(insert(VitalsRow).prefix_with("OR IGNORE", dialect="sqlite").values(row))
