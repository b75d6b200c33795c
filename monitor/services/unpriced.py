"""Unpriced: calls without a price, told of once a model, and what to do so that they get one."""

import shlex
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.rules import AlertRule
from monitor.domain.windows import DAY_MS, bucket_of, moment
from monitor.services.looks import Look, Turned
from monitor.storage.queries import unpriced
from monitor.storage.queries.unpriced import Unpriced


def examine(_rule: AlertRule[Any], look: Look) -> Iterator[Turned]:
    """Whether calls of each model had no price in the last day.

    It is over with the first day of which every call has one; a day without calls says nothing.
    """
    for each in unpriced.lately(look.session, bucket_of(look.now_ms - DAY_MS)):
        if each.calls or each.priced:
            facts = each._asdict()
            yield from look.turn(each.model, facts, holds=each.calls > 0)


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
