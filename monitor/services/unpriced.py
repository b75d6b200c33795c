"""Unpriced: what to do so that calls without a price get one, as commands to type."""

import shlex
from zoneinfo import ZoneInfo

from monitor.domain.windows import moment
from monitor.storage.queries.unpriced import Unpriced


def remedy(each: Unpriced, zone: ZoneInfo) -> tuple[str, ...]:
    """Set the price from the first of its calls on, look what that changes, do it.

    Times are on the clock of a zone, which has to be the home zone.
    """
    name = shlex.quote(each.endpoint)
    set_ = f"inferwatch prices set {name} input=… output=…"
    if each.first_ms is None:  # the calls themselves are gone
        return (set_,)
    since = shlex.quote(moment(each.first_ms, zone).strftime("%Y-%m-%d %H:%M"))
    reprice = f"inferwatch prices reprice {name} --from {since}"
    return f"{set_} --from {since}", reprice, f"{reprice} --apply"
