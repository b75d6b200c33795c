"""Usage: sums by bucket and by home day, of calls as they are written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.domain.outcomes import RULINGS, Group, Outcome, Result
from monitor.domain.prices import Cost, CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import day_of_bucket
from monitor.storage import codes, statements
from monitor.storage.calls import Entry, Placed

SUMS = (
    "n",
    "n_good",
    "n_bad",
    "n_excluded",
    "n_local",
    "n_wrong",
    "n_measured",
    "n_estimated",
    "n_missing",
    "n_reported",
    "n_computed",
    "n_unpriced",
    "n_no_usage",
    *LEAVES,
    "cost_nano_usd",
)
_KEYS = ("endpoint_id", "attribution_id", "origin")
_ADD_15M = statements.add_up("usage_15m", ("bucket", *_KEYS), SUMS)
_ADD_DAY = statements.add_up("usage_day", ("day", *_KEYS), SUMS)
_DROP_15M = statements.drop_empty("usage_15m", ("bucket", *_KEYS), "n", "0")
_DROP_DAY = statements.drop_empty("usage_day", ("day", *_KEYS), "n", "0")
_ORIGIN = codes.codes_of(codes.ORIGINS)
_NO_LEAVES = (0,) * len(LEAVES)

Sums = tuple[int, ...]


class Key(NamedTuple):
    """Whose usage, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    attribution_id: int
    origin: int


def _counts(result: Result, usage: UsageState, cost: CostState) -> Sums:
    group = RULINGS[result].group
    outcomes = (1, *(group is g for g in Group), result is Outcome.WRONG_ANSWER)
    states = (*(usage is s for s in UsageState), *(cost is s for s in CostState))
    return tuple(int(is_so) for is_so in (*outcomes, *states))


_COUNTS = {
    combination: _counts(*combination) for combination in product(RULINGS, UsageState, CostState)
}


def add(session: Session, placed: Placed, home_zone: ZoneInfo) -> dict[Key, Sums]:
    """Add calls to the sums of their buckets and home days; what was added, by bucket."""
    buckets = _by_key(placed)
    _add_up(session, _ADD_15M, buckets)
    add_days(session, buckets, home_zone)
    return buckets


def exchange(session: Session, gone: Placed, come: Placed, home_zone: ZoneInfo) -> dict[Key, Sums]:
    """Let calls that are known otherwise now count as such; the differences, by bucket."""
    moved: defaultdict[Key, list[Sums]] = defaultdict(list)
    for key, sums in _by_key(come).items():
        moved[key].append(sums)
    for key, sums in _by_key(gone).items():
        moved[key].append(tuple(-each for each in sums))
    differences = move(session, moved, home_zone)
    days = {key._replace(at=day_of_bucket(key.at, home_zone)) for key in moved}
    for statement, keys in ((_DROP_15M, moved.keys()), (_DROP_DAY, days)):
        statements.run(session, statement, [tuple(key) for key in keys])
    return differences


def add_days(session: Session, buckets: Mapping[Key, Sums], home_zone: ZoneInfo) -> None:
    """Add the sums of buckets to the home days that these lie in."""
    groups: defaultdict[Key, list[Sums]] = defaultdict(list)
    for key, row in buckets.items():
        groups[key._replace(at=day_of_bucket(key.at, home_zone))].append(row)
    _add_up(session, _ADD_DAY, {key: added(rows) for key, rows in groups.items()})


def move(
    session: Session, moved: Mapping[Key, Iterable[Sums]], home_zone: ZoneInfo
) -> dict[Key, Sums]:
    """Add differences to buckets that stand, and to their home days; the sum of each."""
    sums = {key: added(rows) for key, rows in moved.items()}
    _add_up(session, _ADD_15M, sums)
    add_days(session, sums, home_zone)
    return sums


def difference(old: Cost, new: Cost) -> Sums:
    """What changes in the sums where a call costs something else; its usage stays."""
    changed = dict.fromkeys(SUMS, 0)
    changed[f"n_{old.state}"] -= 1
    changed[f"n_{new.state}"] += 1
    changed["cost_nano_usd"] = (new.nano_usd or 0) - (old.nano_usd or 0)
    return tuple(changed.values())


def buckets(session: Session) -> Iterator[dict[Key, Sums]]:
    """The sums of all buckets, some thousand at a time."""
    columns = ", ".join(f'"{name}"' for name in ("bucket", *_KEYS, *SUMS))
    chosen = f"SELECT {columns} FROM usage_15m"  # noqa: S608 -- names are ours
    width = len(_KEYS) + 1
    for part in statements.stream(session, chosen, 5_000):
        yield {Key(*row[:width]): tuple(row[width:]) for row in part}


def sum_up(entries: Sequence[Entry]) -> Sums:
    """The sums of some calls, in the order of `SUMS`; what is not known adds nothing."""
    states = Counter([(e.call.outcome, e.call.usage_state, e.cost[0]) for e in entries])
    counts = [[n * each for each in _COUNTS[alike]] for alike, n in states.items()]
    leaves = [entry.call.usage or _NO_LEAVES for entry in entries]
    return (*added(counts), *added(leaves), sum([entry.cost[1] or 0 for entry in entries]))


def added(rows: Iterable[Iterable[int]]) -> Sums:
    """Some sums, column by column, as one."""
    return tuple(map(sum, zip(*rows, strict=True)))


def _by_key(placed: Placed) -> dict[Key, Sums]:
    return {
        Key(place.bucket, place.endpoint_id, place.attribution_id, _ORIGIN[place.origin]): sum_up(
            entries
        )
        for place, entries in placed.items()
    }


def _add_up(session: Session, statement: str, sums: Mapping[Key, Sums]) -> None:
    if sums:
        rows = [(*key, *row) for key, row in sums.items()]
        statements.run(session, statement, rows)
