"""Price changes: rows of prices that came to hold, and proposals, of endpoints in use.

Told is what the user did not say himself: prices of his settings, those set by hand and those
that he accepted are his own words.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from monitor.domain.offers import differences
from monitor.domain.price_changes import EFFECT_DAYS, PriceChange, effect, last_turn
from monitor.domain.prices import Authority, PriceList
from monitor.domain.rule_parameters import Nothing
from monitor.domain.rules import AlertRule, Notice, RuleName
from monitor.domain.windows import DAY_MS, day_of
from monitor.services import feeds, proposals
from monitor.storage import prices
from monitor.storage import proposals as rows
from monitor.storage.engine import Session
from monitor.storage.facts import home_zone
from monitor.storage.queries import in_use
from monitor.storage.queries.in_use import InUse

#: What is older is not told any more.
_LATE_MS = 7 * DAY_MS
_MOST_LISTED = 8
_Used = Mapping[int, InUse]


def find(session: Session, rule: AlertRule[Nothing], now_ms: int) -> list[Notice]:
    """What came to hold, or was proposed, of late: one notice for what came at once."""
    since_ms = max(rule.since_ms, now_ms - _LATE_MS)
    first_day = day_of(now_ms, home_zone(session)) - EFFECT_DAYS
    known = in_use.endpoints(session, first_day)
    used = {each.endpoint_id: each for each in known if rule.tells_of(each.provider, each.slug)}
    groups: defaultdict[tuple[str, int, bool], list[PriceChange]] = defaultdict(list)
    for each in chain(
        _held(session, used, since_ms, now_ms), _proposed(session, used, since_ms, now_ms)
    ):
        groups[each.provider, each.at_ms, each.is_proposed].append(each)
    return [_notice(group, now_ms) for group in groups.values()]


def _held(session: Session, used: _Used, since_ms: int, now_ms: int) -> Iterator[PriceChange]:
    deciders = rows.deciders(session, since_ms)
    for number, lists in prices.lists(session).items():
        turn = last_turn(lists, now_ms)
        if turn is None or number not in used or not since_ms < turn.at_ms <= now_ms:
            continue
        by = deciders.get((number, turn.new.recorded_ms))
        if not _is_own_word(turn.new, by):
            yield _change(used[number], turn.old, turn.new, turn.at_ms, is_proposed=False)


def _is_own_word(price: PriceList, accepted_by: str | None) -> bool:
    if price.authority is Authority.ACCEPTED:
        return accepted_by != feeds.BY_POLICY
    return price.authority is not Authority.CATALOGUE


def _proposed(session: Session, used: _Used, since_ms: int, now_ms: int) -> Iterator[PriceChange]:
    for each in proposals.disagreements(session, now_ms, only_open=True):
        found, at_ms = each.proposal, each.proposal.recorded_ms
        if each.standing is None or found.endpoint_id not in used or not since_ms < at_ms <= now_ms:
            continue
        whose = used[found.endpoint_id]
        yield _change(whose, each.standing, found.price, at_ms, is_proposed=True)


def _change(
    whose: InUse, old: PriceList, new: PriceList, at_ms: int, *, is_proposed: bool
) -> PriceChange:
    return PriceChange(
        whose.slug,
        whose.provider,
        new.source,
        is_proposed,
        at_ms,
        differences(new, old),
        whose.spent.nano_usd,
        effect(whose.leaves, old, new),
    )


def _notice(changes: Sequence[PriceChange], now_ms: int) -> Notice:
    first, effects = changes[0], [each.effect_nano_usd for each in changes]
    known = [each for each in effects if each is not None]
    facts: dict[str, Any] = {
        "is_proposed": first.is_proposed,
        "at_ms": first.at_ms,
        "source": first.source,
        "changes": [
            {"endpoint": each.endpoint, "rates": dict(each.rates)}
            for each in changes[:_MOST_LISTED]
        ],
        "count": len(changes),
        "spent_nano_usd": sum(each.spent_nano_usd for each in changes),
        "effect_nano_usd": sum(known) if len(known) == len(effects) else None,
        "days": EFFECT_DAYS,
    }
    key = f"{'proposed' if first.is_proposed else 'holds'}/{first.at_ms}"
    return Notice(RuleName.PRICE_CHANGE, first.provider, key, now_ms, first.provider, facts)
