"""Digest messages: what a person reads of many alerts told as one."""

from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.amounts import dollars
from monitor.domain.digests import Digest, Entry, Spending
from monitor.domain.messages import Message
from monitor.domain.phrases import fit, lasting, on_one_line, shorten
from monitor.domain.windows import moment

_LISTED = 12
_WORDS = {
    AlertKind.AVAILABILITY: "down",
    AlertKind.ACCOUNT: "account refused",
    AlertKind.MONITOR: "our own network was away",
    AlertKind.BUDGET: "budget's threshold met",
}


def compose_digest(digest: Digest, link: str, zone: ZoneInfo) -> Message:
    """The message of what was gathered, or came and went while it was held."""
    lines = [_count(digest), *_list(digest.entries, zone), *_spend(digest.budgets)]
    return Message(
        digest.telling, fit(_title(digest)), shorten("\n".join(lines)), link, digest=digest
    )


def _title(digest: Digest) -> str:
    number = len(digest.entries)
    if digest.telling is Telling.CROWD:
        return f"{number} alerts at once, more than this channel takes"
    if digest.telling is Telling.SUMMARY:
        return f"{number} alerts came and went while they were silenced"
    still = sum(each.to_ms is None for each in digest.entries)
    if not number:
        return "Digest: nothing to tell"
    return f"Digest: {number} {'warning' if number == 1 else 'warnings'}, {still} still open"


def _count(digest: Digest) -> str:
    if not digest.entries:
        return "No warning since the digest before."
    counted = Counter(_words(each.kind) for each in digest.entries)
    return ", ".join(f"{n} × {words}" for words, n in counted.most_common()) + "."


def _list(entries: Sequence[Entry], zone: ZoneInfo) -> list[str]:
    """What is still open stands in front."""
    first = sorted(entries, key=lambda each: (each.to_ms is not None, each.from_ms))
    shown = [_line(each, zone) for each in first[:_LISTED]]
    more = len(entries) - _LISTED
    return [*shown, f"And {more} more."] if more > 0 else shown


def _spend(budgets: Sequence[Spending]) -> list[str]:
    return [
        f"Budget {on_one_line(each.budget)[:40]}: {dollars(each.spent_nano_usd)} of "
        f"{dollars(each.amount_nano_usd)} spent."
        for each in budgets[:_LISTED]
    ]


def _line(entry: Entry, zone: ZoneInfo) -> str:
    start = moment(entry.from_ms, zone).strftime("%d %b %H:%M")
    lasted = "still open"
    if entry.to_ms is not None:
        lasted = lasting(entry.to_ms - entry.from_ms)
    when = start if entry.kind is AlertKind.BUDGET else f"{start}, {lasted}"
    return f"{on_one_line(entry.subject)[:60]}: {_words(entry.kind)} ({when})"


def _words(kind: AlertKind) -> str:
    return _WORDS.get(kind, kind.value.replace("_", " "))
