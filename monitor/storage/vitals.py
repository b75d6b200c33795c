"""Vitals: the monitor's looks at itself, a row each."""

from monitor.domain.vitals import Vitals
from monitor.storage import statements
from monitor.storage.calls import micros
from monitor.storage.engine import Session

_SECONDS = {"lag_s": "lag_us", "clock_behind_s": "clock_behind_us"}
_FIELDS = Vitals.__slots__
_COLUMNS = tuple(_SECONDS.get(name, name) for name in _FIELDS)
_ADD = statements.insert("vitals", _COLUMNS) + " ON CONFLICT (at_ms) DO NOTHING"


def add(session: Session, vitals: Vitals) -> None:
    """Keep a look. One of an instant that is kept already changes nothing."""
    values = ((name, getattr(vitals, name)) for name in _FIELDS)
    row = tuple(micros(value) if name in _SECONDS else value for name, value in values)
    statements.run(session, _ADD, row)
