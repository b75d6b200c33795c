"""Notice words: what is said of spend, prices and models that end, on a lock screen.

Each takes a notice as it was noticed; the figures are in its facts.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from monitor.domain.amounts import dollars
from monitor.domain.budgets import Scope, ScopeKind
from monitor.domain.noticed import Noticed, Words
from monitor.domain.phrases import on_one_line
from monitor.domain.price_changes import spell
from monitor.domain.retirements import spell_day
from monitor.domain.windows import moment

_LISTED = 4
_WHOLE = 100


def say_anomaly(noticed: Noticed, _zone: ZoneInfo) -> Words:
    """`team search: $120 today, $40 is usual`."""
    facts = noticed.facts
    scope = Scope(ScopeKind(facts["scope"]), facts["name"])
    zone = ZoneInfo(facts["zone"])
    day, until = moment(facts["from_ms"], zone), moment(facts["until_ms"], zone)
    spent, usual = dollars(facts["spent_nano_usd"]), dollars(facts["usual_nano_usd"])
    clock = until.strftime("%H:%M") if until.date() == day.date() else "midnight"
    before = f"On the last {facts['days']} {day:%A}s it was {usual} by then"
    lines = [
        f"{_name(scope)}: {spent} on {day:%a %d %b %Y} until {clock} ({zone.key}).",
        f"{before} (median, ± {dollars(facts['spread_nano_usd'])}){_times(facts)}.",
        _unknown(facts),
        "See what moved it on the page Spend.",
    ]
    title = f"{_name(scope)}: {spent} so far, {usual} is usual"
    return Words(
        title, tuple(line for line in lines if line), _spend(scope, day.date().isoformat())
    )


def _name(scope: Scope) -> str:
    return "All spend" if scope.kind is ScopeKind.TOTAL else on_one_line(str(scope))


def _times(facts: Mapping[str, Any]) -> str:
    usual = facts["usual_nano_usd"]
    if not usual:
        return ""
    return f": now {facts['spent_nano_usd'] / usual:.1f} times as much"


def _unknown(facts: Mapping[str, Any]) -> str:
    if not facts["unknown"]:
        return ""
    return f"The cost of {facts['unknown']} of {facts['calls']} calls is not known."


def _spend(scope: Scope, day: str) -> str:
    asked = {"window": "custom", "from": day, "to": day}
    if scope.kind is not ScopeKind.TOTAL:
        asked[scope.kind.value] = scope.name
    return f"/spend?{urlencode(asked)}"


def say_price_change(noticed: Noticed, zone: ZoneInfo) -> Words:
    """`openai/gpt-4o: price changed`, with old and new rates and what that comes to."""
    facts = noticed.facts
    changes: Sequence[Mapping[str, Any]] = facts["changes"]
    is_one = facts["count"] == 1
    who = changes[0]["endpoint"] if is_one else f"{noticed.provider}: {facts['count']} models"
    what = "new price proposed" if facts["is_proposed"] else "price changed"
    since = moment(facts["at_ms"], zone).strftime("%d %b %H:%M")
    source = on_one_line(facts["source"])
    said = "proposes" if facts["is_proposed"] else f"has, since {since} ({zone.key}),"
    listed = [_spell_change(each, is_one=is_one) for each in changes[:_LISTED]]
    more = facts["count"] - len(listed)
    lines = [
        f"{source} {said}",
        *listed,
        f"and {more} more." if more > 0 else "",
        _effect(facts),
        "Accept or reject it on the page Prices." if facts["is_proposed"] else "",
    ]
    return Words(f"{who}: {what}", tuple(line for line in lines if line), "/prices")


def _spell_change(change: Mapping[str, Any], *, is_one: bool) -> str:
    rates = spell(change["rates"])
    return f"{rates}." if is_one else f"{on_one_line(change['endpoint'])}: {rates}."


def _effect(facts: Mapping[str, Any]) -> str:
    spent = f"the {dollars(facts['spent_nano_usd'])} of the last {facts['days']} days"
    effect = facts["effect_nano_usd"]
    if effect is None:
        return f"What that makes of {spent} is not known."
    if not facts["spent_nano_usd"] and not effect:
        return f"No team called it in the last {facts['days']} days."
    return f"That is about {'+' if effect >= 0 else ''}{dollars(effect)} on {spent}."


def say_retirement(noticed: Noticed, _zone: ZoneInfo) -> Words:
    """`openai/gpt-4o ends in 7 days`."""
    facts = noticed.facts
    left, day = facts["days_left"], spell_day(facts["day"])
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    listed = ", ".join(on_one_line(each) for each in facts["endpoints"][:_LISTED])
    more = facts["count"] - _LISTED
    rest = f" and {more} more" if more > 0 else ""
    spent = dollars(facts["spent_nano_usd"])
    source, lately = on_one_line(facts["source"]), f"in the last {facts['days']} days"
    made = f"Calls of teams {lately}: {facts['calls']:,}, for {spent}."
    lines = (
        f"From {day} (UTC) on it is served no longer, according to {source}: {listed}{rest}.",
        made if facts["calls"] else f"No team called it {lately}.",
        "Move its callers to another model before that.",
    )
    return Words(f"{noticed.subject} ends {when}", lines, f"/models/{noticed.subject}")
