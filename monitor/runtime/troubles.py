"""Troubles: why a running monitor cannot be trusted now, for all who ask."""

from monitor.runtime.monitor import Monitor


def list_troubles(monitor: Monitor) -> list[str]:
    """Why it cannot be trusted now; nothing while it works."""
    reasons = []
    if not monitor.ledger.status().is_writable:
        reasons.append("the ledger cannot be written; probes are kept in the spool meanwhile")
    elif not monitor.pulse.is_written:
        reasons.append("the ledger's writer does not answer; restart the monitor")
    if not monitor.pulse.is_alive:
        reasons.append("the scheduler runs no jobs; restart the monitor")
    if monitor.courier.is_stuck:
        reasons.append("alerts are not delivered: their worker is stuck; restart the monitor")
    elif late := monitor.courier.lateness.names():
        reasons.append(
            f"alerts to {', '.join(late)} are due, and nothing is tried; restart the monitor"
        )
    return reasons
