"""Ailments: how each rule about the monitor itself is looked at.

Whatever decides is in the database, or measured anew: a restart opens nothing a second time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from monitor.domain import ailments
from monitor.domain.rules import AlertRule
from monitor.domain.vitals import Vitals
from monitor.domain.windows import HOUR_MS, MINUTE_MS, day_of, day_window
from monitor.services.looks import Look, Turned
from monitor.storage import bills, feeds, probe_caps
from monitor.storage.facts import home_zone
from monitor.storage.queries import ailments as noted
from monitor.storage.queries import probe_money

_MOST_LISTED = 8


def lag(rule: AlertRule[ailments.LagLimit], look: Look) -> Iterator[Turned]:
    """How late the event loop is."""
    limit = rule.parameters
    looks = _looks(look, limit.minutes)
    late = ailments.above(looks, lambda each: each.lag_s, limit.limit_ms / 1000)
    worst_s = max((each.lag_s or 0.0 for each in looks), default=0.0)
    facts = {"worst_ms": round(worst_s * 1000), "minutes": limit.minutes}
    yield from _judge(look, "event loop", late, limit.minutes, facts)


def queue(rule: AlertRule[ailments.QueueLimit], look: Look) -> Iterator[Turned]:
    """How many calls wait for the writer."""
    limit = rule.parameters
    looks = _looks(look, limit.minutes)
    full = ailments.above(looks, lambda each: each.queued, limit.calls)
    most = max((each.queued for each in looks), default=0)
    yield from _judge(
        look, "writer queue", full, limit.minutes, {"most": most, "minutes": limit.minutes}
    )


def _looks(look: Look, minutes: int) -> list[Vitals]:
    return noted.looks(look.session, look.now_ms - minutes * MINUTE_MS)


def _judge(
    look: Look,
    subject: str,
    looks: list[tuple[int, bool, bool]],
    minutes: int,
    facts: Mapping[str, Any],
) -> Iterator[Turned]:
    judged = ailments.judge(looks, minutes, look.now_ms, is_firing=subject in look.standing)
    if judged is not None:
        yield Turned(subject, judged, facts)


def disk(rule: AlertRule[ailments.DiskLimit], look: Look) -> Iterator[Turned]:
    """How much room the volumes have."""
    for volume in look.volumes:
        was = volume.name in look.standing
        is_scarce = ailments.is_scarce(volume, rule.parameters, is_firing=was)
        facts = {"free_bytes": volume.free_bytes, "total_bytes": volume.total_bytes}
        yield from look.turn(volume.name, facts, holds=is_scarce)


def runs(rule: AlertRule[ailments.RunsLimit], look: Look) -> Iterator[Turned]:
    """What share of the probe runs was not made."""
    limit, subject = rule.parameters, "probe runs"
    runs = noted.runs(look.session, look.now_ms, limit.minutes * MINUTE_MS)
    is_lossy = ailments.is_lossy(runs, limit, is_firing=subject in look.standing)
    facts = {"made": runs.made, "lost": runs.lost, "minutes": limit.minutes}
    yield from look.turn(subject, facts, holds=is_lossy)


def cap(_rule: AlertRule[Any], look: Look) -> Iterator[Turned]:
    """Whether paid probes are left out today, since their money is spent."""
    session, zone = look.session, home_zone(look.session)
    caps = probe_caps.read(session)
    if caps is None:
        return
    day = day_of(look.now_ms, zone)
    unpaid = [name for name, nano_usd in caps.by_provider.items() if not nano_usd]
    since_ms = day_window(day, zone).from_ms
    idle = noted.capped(session, since_ms, unpaid) if caps.total else []
    spent = sum(probe_money.spent(session, day).values())
    facts = {
        "cap_nano_usd": caps.total,
        "spent_nano_usd": spent,
        "endpoints": idle[:_MOST_LISTED],
        "count": len(idle),
    }
    yield from look.turn("probe money", facts, holds=bool(idle))


def failing_feeds(rule: AlertRule[ailments.Patience], look: Look) -> Iterator[Turned]:
    """Whether a source of prices, or of bills, fails for longer than it is due in."""
    asked = dict(_asked(look))
    for name in sorted({*asked, *look.standing}):
        known = asked.get(name)
        if known is None or known.error is None:
            yield from look.turn(name, {}, holds=False)
            continue
        wait_ms = round(known.every_s * 1000) + rule.parameters.hours * HOUR_MS
        since_ms = known.succeeded_ms or rule.since_ms
        if look.now_ms - since_ms >= wait_ms:
            facts = {"error": known.error, "succeeded_ms": known.succeeded_ms}
            yield from look.turn(name, facts, holds=True)


class _Asked(NamedTuple):
    every_s: float
    succeeded_ms: int | None
    error: str | None


def _asked(look: Look) -> Iterator[tuple[str, _Asked]]:
    """The sources of the settings that were asked, by what alerts call them."""
    sellers = {feed.name for feed in look.feeds.sources}
    for each in feeds.every(look.session):
        if each.feed.name in sellers:
            name = each.feed.name
            yield name, _Asked(look.feeds.every_s, each.succeeded_ms, each.error)
    billers = {biller.name for biller in look.billers.sources}
    for billed in bills.every(look.session):
        if billed.name in billers:
            name = f"bills of {billed.name}"
            yield name, _Asked(look.billers.every_s, billed.succeeded_ms, billed.error)
