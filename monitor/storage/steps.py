"""Steps: the reminders and escalations of alerts that were taken, each once."""

from collections.abc import Collection

from sqlalchemy import insert, select

from monitor.storage.engine import Session
from monitor.storage.models.silences import AlertStepRow

_ROW = AlertStepRow


def of_alerts(session: Session, alert_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """When each step of alerts was taken, by alert and name."""
    found: dict[int, dict[str, int]] = {number: {} for number in alert_ids}
    chosen = select(_ROW.alert_id, _ROW.step, _ROW.at_ms).where(_ROW.alert_id.in_(alert_ids))
    for alert_id, step, at_ms in session.execute(chosen):
        found[alert_id][step] = at_ms
    return found


def take(session: Session, alert_id: int, step: str, now_ms: int) -> None:
    """Note a step; the key of its row makes a second one fail, and all that goes with it."""
    session.execute(insert(_ROW).values(alert_id=alert_id, step=step, at_ms=now_ms))
