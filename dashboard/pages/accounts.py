"""Accounts: whether a provider lets us in, by the key that we use there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import name
from dashboard.figures.availability import merge
from dashboard.pages.served import Facts, availability_cell
from monitor.domain.accounts import Account
from monitor.domain.outcomes import RULINGS, Blame, Outcome, Result
from monitor.storage.queries.endpoints import EndpointFacts

COLUMNS: list[Column] = [
    {"h": "Key", "grow": True},
    {"h": "Account"},
    {"h": "Rate limited", "num": True},
    {"h": "Otherwise refused", "num": True},
    {"h": "Usable by us", "num": True},
    {"h": "Provider availability", "num": True},
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and the endpoints that it opens."""

    alias: str
    serving: Sequence[EndpointFacts]


def rows(
    serving: Sequence[EndpointFacts],
    accounts: Mapping[int, Account],
    counts: Mapping[int, Counter[Result]],
    facts: Facts,
    choice: Choice,
) -> list[Row]:
    """One row for each key."""
    by_alias: dict[str, list[EndpointFacts]] = {}
    for each in serving:
        by_alias.setdefault(each.key_alias, []).append(each)
    keys = [Key(alias, opened) for alias, opened in sorted(by_alias.items())]
    return [_row(key, accounts, counts, facts, choice) for key in keys]


def _row(
    key: Key,
    accounts: Mapping[int, Account],
    counts: Mapping[int, Counter[Result]],
    facts: Facts,
    choice: Choice,
) -> Row:
    numbers = [each.id for each in key.serving]
    made = sum(facts.calls(number) for number in numbers)
    refused: Counter[Result] = Counter()
    for number in numbers:
        refused.update(counts.get(number, Counter()))
    limited = refused.pop(Outcome.RATE_LIMITED, 0)
    otherwise = sum(n for result, n in refused.items() if RULINGS[result].blame is Blame.ACCOUNT)
    usable = merge(facts.usable[number] for number in numbers if number in facts.usable)
    available = merge(facts.available[number] for number in numbers if number in facts.available)
    return {
        "k": key.alias,
        "c": [
            cells.text(key.alias, below=fmt.plural(len(numbers), "endpoint")),
            _account_cell([accounts[n] for n in numbers if n in accounts], choice),
            _share_cell(limited, made),
            _share_cell(otherwise, made),
            availability_cell(usable),
            availability_cell(available),
        ],
    }


def _account_cell(accounts: Sequence[Account], choice: Choice) -> Cell:
    shut = [each for each in accounts if each.has_incident]
    if shut:
        since = [each.first_failed_ms for each in shut if each.first_failed_ms is not None]
        at = fmt.clock(min(since, default=None), choice.zone, choice.now_ms)
        outcomes = Counter(each.outcome for each in shut if each.outcome is not None)
        what = name(outcomes.most_common(1)[0][0]) if outcomes else "refused"
        return cells.state("bad", "Refused", below=f"{what} since {at}", sort=0)
    if any(each.failures for each in accounts):
        return cells.state("checking", "Checking", below="refused once", sort=1)
    if any(each.last_ms is not None for each in accounts):
        return cells.state("good", "Let in", below="by the newest answer", sort=3)
    return cells.state("unknown", "Unknown", below="no answer yet", sort=2)


def _share_cell(n: int, made: int) -> Cell:
    if not made:
        return cells.text("no calls", tone="quiet")
    share = 100_000 * n // made
    return cells.text(fmt.share(share) if n else "none", below=f"{n:,} of {made:,}", sort=share)
